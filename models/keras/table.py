# SPDX-License-Identifier: Apache-2.0
"""All layers and operations that can be converted: {class: function of a Call}.

A function adds the nodes and gives the name of the last one's output; its docstring names
them. The classes are Keras's own, by their names; models nested in models are not listed.
"""

from models.keras import (
    activation,
    convolution,
    merging,
    normalization,
    pooling,
    resizing,
    shape,
)
from models.keras.operation import OPERATIONS

LAYERS = (
    activation.LAYERS
    | convolution.LAYERS
    | merging.LAYERS
    | normalization.LAYERS
    | pooling.LAYERS
    | resizing.LAYERS
    | shape.LAYERS
)


def find(layer, is_layer):
    """The function for a layer or an operation, or None where there is none."""
    kind = type(layer)
    if not kind.__module__.startswith("keras."):
        return None
    return (LAYERS if is_layer else OPERATIONS).get(kind.__name__)


def lines():
    """The table for people, a line at a time."""
    yield "layers, and the nodes of ONNX that they become"
    for name in sorted(LAYERS):
        yield f"  {name:24} {LAYERS[name].__doc__}"
    yield "activations by name"
    yield "  " + ", ".join(activation.FUNCTIONS)
    yield "operations of keras.ops between layers"
    yield "  " + ", ".join(sorted(OPERATIONS))
    yield "models nested in models, Sequential and functional"
