# SPDX-License-Identifier: Apache-2.0
"""Writes into an ONNX file how it is fed and what its classes are called."""

import math
from pathlib import Path

import onnx

from models.errors import ModelsError
from models.files import read_file, write_file
from models.onnx_file import read_model
from models.presets import check_field, output_size, preset_fields

IMAGENET = "imagenet-1k"

_USUAL_SIDE = 224  # where the graph leaves it open


def describe(path, output, preset=None, fields=None, classes=None, about=None):
    """Writes the file at `path` to `output` (a path; None: in place) with more metadata.

    `preset` is one of presets.PRESETS, `fields` {key: text} wins over it, `classes` is
    "imagenet-1k" or a text file with a label a line, `about` {"source", "licence"}.
    What else the file holds stays, external data where they are. Returns the
    `synsight.` metadata, {key: text}. ModelsError where they and the graph disagree.
    """
    path, output = Path(path), Path(output or path).resolve()
    model = read_model(path)
    _check_output(model.graph, path, output, classes)
    try:
        said = _metadata(model)
        width, height = _picture_size(model.graph)
        if preset is not None:
            usual = (width or _USUAL_SIDE, height or _USUAL_SIDE)
            said |= preset_fields(preset, *usual)
        for key, text in (fields or {}).items():
            check_field(key, text)
            said[key] = text
        if classes is not None:
            said["classes"] = _read_classes(classes)
        said |= about or {}
        _check_size(said, width, height)
        _check_classes(said, model.graph)
    except ModelsError as error:
        raise ModelsError(f"{path}: {error}") from error
    _store(model, said)
    write_file(output, [model.SerializeToString(deterministic=True)])
    return said


def metadata_of(path):
    """The `synsight.` metadata of the file, {key without that: text}."""
    return _metadata(read_model(path))


def _metadata(model):
    prefix = "synsight."
    return {
        prop.key.removeprefix(prefix): prop.value
        for prop in model.metadata_props
        if prop.key.startswith(prefix)
    }


def _store(model, said):
    others = [p for p in model.metadata_props if not p.key.startswith("synsight.")]
    others = [onnx.StringStringEntryProto(key=p.key, value=p.value) for p in others]
    del model.metadata_props[:]
    model.metadata_props.extend(others)
    for key, text in said.items():
        model.metadata_props.add(key=f"synsight.{key}", value=text)


def _check_output(graph, path, output, classes):
    """Nothing that is read may be replaced; external data lie beside the model."""
    external = [
        entry.value
        for tensor in graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    ]
    folder = path.resolve().parent
    kept = [folder / name for name in external]
    if classes not in (None, IMAGENET):
        kept.append(Path(classes).resolve())
    if output in kept:
        raise ModelsError(f"{output}: would be replaced, but is read")
    if external and output.parent != folder:
        message = "its external data lie beside it; wanted an output in the same folder"
        raise ModelsError(f"{path}: {message}")


def _picture_size(graph):
    """(width, height) of the only input, 0 where it is open."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [one for one in graph.input if one.name not in constants]
    if len(inputs) != 1:
        raise ModelsError(f"a classifier has one input, this model has {len(inputs)}")
    dims = _dims(inputs[0])
    if len(dims) == 4 and dims[1] == 3:
        return dims[3], dims[2]
    if len(dims) == 4 and dims[3] == 3:
        return dims[2], dims[1]
    if len(dims) == 4 and dims[1] == 0 and dims[2] == dims[3]:
        return dims[3], dims[2]  # as Hugging Face's exporter leaves it
    found = f"input {inputs[0].name!r} has shape {dims}"
    raise ModelsError(f"{found}, wanted [N,3,H,W] or [N,H,W,3]")


def _dims(value):
    """The sizes of a graph's input or output, 0 where one is open."""
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]


def _check_size(said, width, height):
    made = output_size(said)
    if not made:
        return
    key, *size = made
    if all(
        wanted in (0, side) for side, wanted in zip(size, (width, height), strict=True)
    ):
        return
    wanted = f"the graph wants {width or 'any'}x{height or 'any'} (width x height)"
    found = f"{key} {said[key]!r} makes pictures of {size[0]}x{size[1]}"
    raise ModelsError(f"{found}, {wanted}")


def _read_classes(name):
    if name == IMAGENET:
        return name
    data = read_file(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelsError(f"{name}: is no text in UTF-8") from error
    labels = text.replace("\r\n", "\n").removesuffix("\n")
    return labels


def _check_classes(said, graph):
    if "classes" not in said:
        return
    labels = said["classes"].split("\n")
    for number, line in enumerate(labels, 1):
        if not line.partition("\t")[2] and (not line or "\t" in line):
            raise ModelsError(f"the list of classes has no label in line {number}")
    count = 1000 if said["classes"] == IMAGENET else len(labels)
    sizes = [math.prod(dims[1:]) for dims in map(_dims, graph.output) if dims[1:]]
    if count == 2 and 1 in sizes:  # a Sigmoid's, which stands for two
        return
    if sizes and 0 not in sizes and count not in sizes:
        raise ModelsError(
            f"the list of classes names {count}, the network gives {sizes[0]} scores"
        )
