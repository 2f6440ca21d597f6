# SPDX-License-Identifier: Apache-2.0
"""Makes imagenet-1k.tsv beside this file, from lists in the package timm.

    python assets/make_imagenet_1k.py

timm has the wnids in the order of training, and WordNet's lemmas of each.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models.errors import ModelsError
from models.files import write_file
from models.wheels import fetch_wheel, read_member

TABLE_FILE = Path(__file__).with_name("imagenet-1k.tsv")
WHEELS_FOLDER = Path(".deps/assets")
PACKAGE = {
    "name": "timm",
    "version": "1.0.31",
    "wheel": "timm-1.0.31-py3-none-any.whl",
    "wheel_sha256": "5bd50f7d0fe6d09bf9285ac2523234a1b7e6bf075c0be3e7aed09139fcb617c7",
}
SYNSETS = (
    "timm/data/_info/imagenet_synsets.txt",
    "70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15",
)
LEMMAS = (
    "timm/data/_info/imagenet_synset_to_lemma.txt",
    "1b8babda187421a4bde0c9c5a197c36f6bdda962f7ca11ffb2813806cbb2178f",
)

# Where two classes have the same first lemma, letters' case aside.
UNIQUE_NAMES = {
    "n02012849": "crane (bird)",
    "n03126707": "crane (machine)",
    "n02113186": "Cardigan Welsh corgi",
    "n03710637": "maillot (tights)",
    "n03710721": "maillot (swimsuit)",
}


def make_table(synsets, lemmas):
    """The table's text, from the texts of timm's two lists.

    Keras's label is the first lemma with underscores for spaces.
    """
    lemmas_of = dict(line.split("\t") for line in lemmas.splitlines())
    rows = [("index", "wnid", "label", "name", "lemmas")]
    for index, wnid in enumerate(synsets.split()):
        first_lemma = lemmas_of[wnid].split(", ")[0]
        name = UNIQUE_NAMES.get(wnid, first_lemma)
        label = first_lemma.replace(" ", "_")
        rows.append((str(index), wnid, label, name, lemmas_of[wnid]))
    return "".join("\t".join(row) + "\n" for row in rows)


def main():
    """Writes the table. Returns the exit code."""
    try:
        wheel = fetch_wheel(PACKAGE, WHEELS_FOLDER)
        texts = [read_member(wheel, *member).decode() for member in (SYNSETS, LEMMAS)]
        write_file(TABLE_FILE, [make_table(*texts).encode("ascii")])
    except ModelsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(TABLE_FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
