# SPDX-License-Identifier: Apache-2.0
"""Lists the catalog, converts networks to ONNX, fetches the sample photographs."""

import argparse
import sys
from pathlib import Path

from models import catalog, describe_command, pictures
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


def convert_model(arguments):
    """Converts one network, or says in a line that its file is there already."""
    # Imported here, so that the other commands need neither numpy nor onnx.
    from models import convert

    name, weights = arguments.name, arguments.weights
    if name.endswith(".onnx"):
        convert_file(Path(name), arguments)
        return
    entry = catalog.find(name)
    path = arguments.output or catalog.default_file(name, weights)
    if not arguments.force and convert.is_up_to_date(path):
        print(f"{path}: up to date")
        return
    convert.convert(entry, path, weights)
    print(f"{path}: {entry['title']}, {weights} weights, {megabytes(path)}")


def convert_file(source, arguments):
    """Stores the weights of an ONNX file smaller, unless that was done already."""
    from models import convert

    weights = arguments.weights
    if weights == "f32":
        raise ModelsError(f"{source}: is ONNX already; say --weights f16 or int8")
    if not source.is_file():
        raise ModelsError(f"{source}: there is no such file")
    path = arguments.output or source.with_name(f"{source.stem}-{weights}.onnx")
    if path.exists() and path.samefile(source):
        raise ModelsError(f"{path}: is the file to convert; give another --output")
    if not arguments.force and convert.is_up_to_date(path, source):
        print(f"{path}: up to date")
        return
    convert.convert_file(source, path, weights)
    print(f"{path}: {weights} weights, {megabytes(path)} of {megabytes(source)}")


def megabytes(path):
    """The size of a file, for people."""
    return f"{path.stat().st_size / 1e6:.1f} MB"


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

    command = commands.add_parser(
        "convert", help="make a network's ONNX file, or store a file's weights smaller"
    )
    command.set_defaults(run=convert_model)
    command.add_argument(
        "name", metavar="NAME", help="a name that `list` prints, or an ONNX FILE.onnx"
    )
    command.add_argument(
        "--weights",
        choices=catalog.WEIGHTS,
        default="f32",
        help="how they are stored: smaller files, computed in f32 all the same",
    )
    command.add_argument("-o", "--output", metavar="FILE", type=Path)
    command.add_argument("--force", action="store_true", help="even where up to date")

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
