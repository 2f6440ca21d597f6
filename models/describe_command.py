# SPDX-License-Identifier: Apache-2.0
"""`python -m models describe`: its options, and what it prints."""

from pathlib import Path

from models import presets


def add(commands):
    """Adds the command; its options are those of `synsight classify`."""
    command = commands.add_parser(
        "describe", help="write into an ONNX file how it is fed, and its classes"
    )
    command.set_defaults(run=run)
    command.add_argument("model", metavar="MODEL.onnx", type=Path)
    command.add_argument(
        "--preset", choices=presets.PRESETS, help="a well-known recipe"
    )
    command.add_argument(
        "--classes", metavar="FILE", help="a label a line, or the word imagenet-1k"
    )
    for key in presets.KEYS:
        command.add_argument(f"--{key}", metavar="TEXT", help="wins over the preset")
    for key in ("source", "licence"):
        command.add_argument(f"--{key}", metavar="TEXT", help="for people")
    command.add_argument("-o", "--output", metavar="FILE", help="instead of in place")


def run(arguments):
    """Writes what is said into the file's metadata, and prints all of it."""
    from models import describe

    given = vars(arguments)
    fields = {key: given[key] for key in presets.KEYS if given[key] is not None}
    about = {key: given[key] for key in ("source", "licence") if given[key] is not None}
    preset, classes = arguments.preset, arguments.classes
    if not (preset or classes or fields or about):
        said = describe.metadata_of(arguments.model)
    else:
        path, output = arguments.model, arguments.output
        said = describe.describe(path, output, preset, fields, classes, about)
    for key, text in said.items():
        lines = text.splitlines() or [""]
        more = f" ... ({len(lines)} lines)" if len(lines) > 1 else ""
        print(f"synsight.{key}: {lines[0]}{more}")
