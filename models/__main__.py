# SPDX-License-Identifier: Apache-2.0
"""Lists the catalog, converts networks to ONNX, fetches the sample photographs."""

import argparse
import sys
from pathlib import Path

from models import catalog, convert_command, describe_command, pictures
from models.errors import ModelsError


def list_models(_):
    """Prints the catalog as a table, with what is converted already."""
    row = "{:19} {:7} {:>7} {:>10}  {:>9}  {:>6}  {:10}  {}"
    titles = ("name", "weights", "input", "parameters", "published", "of 100")
    print(row.format(*titles, "licence", "file"))
    for entry in catalog.load():
        for weights in catalog.WEIGHTS:
            path = catalog.default_file(entry["name"], weights)
            measured = catalog.measured(entry, weights)
            published = f"{entry['published']['top1']} %" if weights == "f32" else "-"
            cells = [
                entry["name"],
                weights,
                f"{entry['input']['size']}x{entry['input']['size']}",
                f"{entry['parameters']:,}",
                published,
                f"{measured['top1']}/{measured['top5']}",
                entry["licence"],
                path if path.is_file() else "not converted",
            ]
            print(row.format(*map(str, cells)))
    print(
        "published: top-1 in ImageNet; of 100: photographs named at first/within five"
    )


def list_layers(_):
    """Prints what can be converted from Keras."""
    from models.keras import table

    for line in table.lines():
        print(line)


def fetch_pictures(arguments):
    """Puts the sample photographs into a folder, and says which were new."""
    fetched = pictures.fetch(arguments.output)
    for path in fetched:
        print(path)
    if not fetched:
        print(f"{arguments.output}: up to date")


def parse(arguments):
    """The command line as a namespace; its `run` is the command's function."""
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="the catalog, and what is converted")
    command.set_defaults(run=list_models)

    convert_command.add(commands)

    command = commands.add_parser("layers", help="what can be converted from Keras")
    command.set_defaults(run=list_layers)

    describe_command.add(commands)

    command = commands.add_parser("pictures", help="fetch the sample photographs")
    command.set_defaults(run=fetch_pictures)
    folder = Path("build/pictures")
    command.add_argument("-o", "--output", metavar="FOLDER", type=Path, default=folder)
    return parser.parse_args(arguments)


def main(arguments=None):
    """Runs one command. Returns the exit code; 1 goes with one line on stderr."""
    arguments = parse(arguments)
    try:
        arguments.run(arguments)
    except ModelsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        hint = "pip install -r models/requirements.txt"
        print(f"error: {error}; {hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
