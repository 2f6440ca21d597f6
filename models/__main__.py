# SPDX-License-Identifier: Apache-2.0
"""Lists the catalog, converts its networks to ONNX, fetches the sample photographs."""

import argparse
import sys
from pathlib import Path

from models import catalog, pictures
from models.errors import ModelsError


def list_models(_):
    """Prints the catalog as a table, with what is converted already."""
    row = "{:20} {:>9} {:>11} {:>7}  {:10}  {}"
    print(row.format("name", "input", "parameters", "top-1", "licence", "file"))
    for entry in catalog.load():
        path = catalog.default_file(entry["name"])
        cells = [
            entry["name"],
            f"{entry['input']['size']}x{entry['input']['size']}",
            f"{entry['parameters']:,}",
            f"{entry['published']['top1']} %",
            entry["licence"],
            path if path.is_file() else "not converted",
        ]
        print(row.format(*map(str, cells)))


def convert_model(arguments):
    """Converts one network, or says in a line that its file is there already."""
    # Imported here, so that the other commands need neither numpy nor onnx.
    from models import convert

    entry = catalog.find(arguments.name)
    path = arguments.output or catalog.default_file(arguments.name)
    if not arguments.force and convert.is_up_to_date(path):
        print(f"{path}: up to date")
        return
    convert.convert(entry, path)
    print(f"{path}: {entry['title']}, {path.stat().st_size / 1e6:.1f} MB")


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

    command = commands.add_parser("convert", help="make a network's ONNX file")
    command.set_defaults(run=convert_model)
    command.add_argument("name", metavar="NAME", help="a name that `list` prints")
    command.add_argument("-o", "--output", metavar="FILE", type=Path)
    command.add_argument("--force", action="store_true", help="even where up to date")

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
