# SPDX-License-Identifier: Apache-2.0
"""What the metadata of a converted file says of the model in Keras."""

import math

import keras

from models.keras import applications
from models.keras.shape import TRAINING_ONLY

# What a model begins with that takes pixels of 0 to 255: layers, and the operations of
# a preprocess_input.
_TAKES_PIXELS = {"Rescaling", "Normalization", "GetItem", "TrueDivide", "Divide"}


def layers_text(model):
    """`synsight.layers`: a line for each row of model.summary(), cells apart by tabs.

    The layer's name, its class, the shape of its output, its trainable and its other
    parameters, and the names of the layers that it reads, apart by commas.
    """
    is_sequential = isinstance(model, keras.Sequential)
    function = model._functional if is_sequential else model
    nodes = [node for depth in function._nodes_by_depth.values() for node in depth]
    lines = []
    for layer in model.layers if is_sequential else model.operations:
        uses = [node for node in nodes if node.operation is layer]
        shapes = [tuple(tensor.shape) for node in uses for tensor in node.outputs]
        reads = [
            tensor._keras_history.operation.name
            for node in uses
            for tensor in node.input_tensors
        ]
        trainable = others = 0
        if isinstance(layer, keras.Layer):
            trainable = _num_elements(layer.trainable_weights)
            others = _num_elements(layer.non_trainable_weights)
        cells = [
            *(layer.name, type(layer).__name__),
            *(", ".join(map(str, dict.fromkeys(shapes))), str(trainable), str(others)),
            ",".join(dict.fromkeys(reads)),
        ]
        lines.append("\t".join(cells))
    return "\n".join(lines)


def _num_elements(variables):
    return sum(math.prod(variable.shape) for variable in variables)


def feeding_of_file(model):
    """The metadata for anybody's model: none, unless it takes pixels of 0 to 255."""
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3:
        return {}
    if first_operation(model) not in _TAKES_PIXELS:
        return {}
    return applications.feeding("raw", shapes[0])


def first_operation(model):
    """The class of what first changes the model's input, in a model within it, too."""
    function = model._functional if isinstance(model, keras.Sequential) else model
    tensor = function.inputs[0]
    nodes = [node for depth in function._nodes_by_depth.values() for node in depth]
    while True:
        readers = [n for n in nodes if any(x is tensor for x in n.input_tensors)]
        if len(readers) != 1:
            return None
        (node,) = readers
        if isinstance(node.operation, keras.Model):
            return first_operation(node.operation)
        kind = type(node.operation).__name__
        if kind not in TRAINING_ONLY:
            return kind
        tensor = node.outputs[0]
