# SPDX-License-Identifier: Apache-2.0
"""The command `convert`: its options, and which converter a source goes to."""

import argparse
from pathlib import Path

from models import catalog
from models.errors import ModelsError

_SOURCES = """\
what to convert:
  NAME           a network of the catalog, by a name that `list` prints
  FILE.onnx      an ONNX file, to store its weights smaller
  keras:NAME     a network of keras.applications, such as keras:VGG16
  FILE.keras     a model that was saved by Keras, Sequential or functional; also FILE.h5
  torch:FILE.pt2, torch:MODULE:FUNCTION
                 an exported program of PyTorch, or what the function gives, a Module
"""
_FILE_SUFFIXES = (".keras", ".h5", ".hdf5")
_KERAS_OPTIONS = (
    "include_top",
    "input_shape",
    "pooling",
    "classes",
    "classifier_activation",
)


def add(commands):
    """Adds the command to the subparsers of a command line."""
    command = commands.add_parser(
        "convert",
        help="make a network's ONNX file, or store a file's weights smaller",
        description=_SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=convert_model, usage_error=command.error)
    command.add_argument("name", metavar="SOURCE", help="see above")
    command.add_argument("-o", "--output", metavar="FILE", type=Path)
    command.add_argument("--force", action="store_true", help="even where up to date")
    command.add_argument(
        "--store",
        choices=catalog.WEIGHTS,
        help="how weights are stored: smaller files, computed in f32 all the same",
    )
    command.add_argument(
        "--weights",
        metavar="WEIGHTS",
        help="for keras:NAME imagenet (which Keras fetches), none (random), or a "
        "FILE.weights.h5; for NAME and FILE.onnx the same as --store",
    )
    _add_keras_options(command.add_argument_group("for keras:NAME, as Keras has them"))


def _add_keras_options(group):
    group.add_argument(
        "--include-top",
        action=argparse.BooleanOptionalAction,
        help="with the layers that classify",
    )
    group.add_argument(
        "--input-shape",
        nargs=3,
        type=int,
        metavar=("H", "W", "C"),
        help="of one picture; for torch:MODULE:FUNCTION, too",
    )
    group.add_argument(
        "--pooling", choices=("avg", "max"), help="behind a network without its top"
    )
    group.add_argument("--classes", type=int, metavar="N")
    group.add_argument(
        "--classifier-activation", metavar="NAME", help="softmax, or none for logits"
    )


def convert_model(arguments):
    """Converts one network, or says in a line that its file is there already."""
    name = arguments.name
    is_application = name.startswith("keras:")
    is_keras_file = name.lower().endswith(_FILE_SUFFIXES)
    is_torch = name.startswith("torch:")
    given = [key for key in _KERAS_OPTIONS if getattr(arguments, key) is not None]
    if given and not is_application and not (is_torch and given == ["input_shape"]):
        option = f"--{given[0].replace('_', '-')}"
        arguments.usage_error(f"{option}: is for keras:NAME only")
    if is_application:
        _convert_application(arguments, {key: getattr(arguments, key) for key in given})
    elif is_keras_file or is_torch:
        if arguments.weights is not None:
            arguments.usage_error("--weights: a saved model has its own; see --store")
        if is_torch:
            _convert_torch(name.removeprefix("torch:"), arguments)
        else:
            _convert_keras_file(Path(name), arguments)
    else:
        store = _store_of(arguments)
        convert = _convert_file if name.endswith(".onnx") else _convert_entry
        convert(arguments, store)


def _store_of(arguments):
    """--store, for which these sources know the word --weights, too."""
    store, weights = arguments.store, arguments.weights
    if weights is not None and weights not in catalog.WEIGHTS:
        words = ", ".join(catalog.WEIGHTS)
        arguments.usage_error(f"--weights: found {weights!r}, wanted one of {words}")
    if store and weights and store != weights:
        arguments.usage_error("--store and --weights say different things")
    return store or weights or "f32"


def _convert_entry(arguments, store):
    # Imported here, so that the other commands need neither numpy nor onnx.
    from models import convert

    entry = catalog.find(arguments.name)
    path = arguments.output or catalog.default_file(arguments.name, store)
    if not arguments.force and convert.is_up_to_date(path):
        print(f"{path}: up to date")
        return
    convert.convert(entry, path, store)
    print(f"{path}: {entry['title']}, {store} weights, {_megabytes(path)}")


def _convert_file(arguments, store):
    """Stores the weights of an ONNX file smaller, unless that was done already."""
    from models import convert

    source = Path(arguments.name)
    if store == "f32":
        raise ModelsError(f"{source}: is ONNX already; say --store f16 or int8")
    if not source.is_file():
        raise ModelsError(f"{source}: there is no such file")
    path = arguments.output or source.with_name(f"{source.stem}-{store}.onnx")
    if path.exists() and path.samefile(source):
        raise ModelsError(f"{path}: is the file to convert; give another --output")
    if not arguments.force and convert.is_up_to_date(path, source):
        print(f"{path}: up to date")
        return
    convert.convert_file(source, path, store)
    print(f"{path}: {store} weights, {_megabytes(path)} of {_megabytes(source)}")


# Files from Keras are made each time: options that say what is in them have no date.


def _convert_application(arguments, options):
    from models import convert
    from models.keras import applications
    from models.keras import convert as keras_convert

    name = applications.find(arguments.name.removeprefix("keras:"))
    store = arguments.store or "f32"
    weights = arguments.weights or "imagenet"
    if options.get("classifier_activation", "").lower() == "none":
        options["classifier_activation"] = None
    path = arguments.output or catalog.default_file(name.lower(), store)
    convert.write(keras_convert.from_application(name, weights, **options), path, store)
    print(f"{path}: {name}, weights {weights}, {_megabytes(path)}")


def _convert_keras_file(source, arguments):
    from models import convert
    from models.keras import convert as keras_convert

    if source.name.endswith(".weights.h5"):
        raise ModelsError(f"{source}: holds weights only; convert keras:NAME with them")
    store = arguments.store or "f32"
    kind = "" if store == "f32" else f"-{store}"
    path = arguments.output or source.with_name(f"{source.stem}{kind}.onnx")
    convert.write(keras_convert.from_file(source), path, store)
    print(f"{path}: from {source}, {_megabytes(path)}")


def _convert_torch(source, arguments):
    from models import convert, torch_network

    store = arguments.store or "f32"
    stem = Path(source).stem if source.endswith(".pt2") else source.rpartition(":")[2]
    path = arguments.output or catalog.default_file(stem, store)
    pieces = torch_network.from_torch(source, arguments.input_shape)
    convert.write(pieces, path, store)
    print(f"{path}: from torch:{source}, {_megabytes(path)}")


def _megabytes(path):
    """The size of a file, for people."""
    return f"{path.stat().st_size / 1e6:.1f} MB"
