# SPDX-License-Identifier: Apache-2.0
"""From a network of keras.applications, or a saved model, to an ONNX file's bytes."""

from models.keras import applications, load

_IMAGENET_CLASSES = 1000
_COLORS = 3


def from_application(name, weights="imagenet", **options):
    """The ONNX file of the network `name`, in pieces; `options` are Keras's own.

    ModelsError before the first piece, where it cannot be made.
    """
    name = applications.find(name)
    loaded = load.load_application(name, weights, **options)
    has_top = options.get("include_top", True)
    sides = loaded.model.input_shape[1:3]
    if has_top:
        sides = [side or applications.USUAL_SIDE for side in sides]
    metadata = {}
    if loaded.model.input_shape[3] == _COLORS:
        metadata = applications.feeding(applications.MODES[name], *sides)
    if has_top and loaded.model.output_shape[-1] == _IMAGENET_CLASSES:
        metadata["synsight.classes"] = "imagenet-1k"
    kind = weights if weights in ("imagenet", "none") else "from a file"
    metadata["synsight.source"] = f"keras.applications.{name}, weights: {kind}"
    return pieces(loaded, metadata)


def from_file(path):
    """The same for anybody's model, a .keras or .h5 file."""
    loaded = load.load_file(path)
    from models.keras import describe

    return pieces(loaded, describe.feeding_of_file(loaded.model))


def pieces(loaded, metadata):
    """The same for a model that is loaded, with metadata of how it is fed."""
    # Imported here, because they import Keras, for which `load` chooses the backend.
    from models.keras import describe, walk

    graph, outputs = walk.build(loaded.model, loaded.read)
    return graph.serialize_outputs(outputs, metadata | describe.layers(loaded.model))
