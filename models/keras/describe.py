# SPDX-License-Identifier: Apache-2.0
"""What the metadata of a converted file says of the model in Keras."""

import math

import keras

from models.keras import applications
from models.keras.shape import TRAINING_ONLY

# What a model begins with that takes pixels of 0 to 255: layers, and the operations of
# a preprocess_input.
_TAKES_PIXELS = {"Rescaling", "Normalization", "GetItem", "TrueDivide", "Divide"}


def layers(model):
    """The metadata of the model's layers, {key: text}.

    `synsight.layers` says that nodes are called as Keras's layers (call.py), and
    `synsight.keras_layers` has a line for each row of model.summary(), cells apart by
    tabs: the layer's name, its class, its trainable and its other parameters.
    """
    is_sequential = isinstance(model, keras.Sequential)
    lines = []
    for layer in model.layers if is_sequential else model.operations:
        trainable = others = 0
        if isinstance(layer, keras.Layer):
            trainable = _num_elements(layer.trainable_weights)
            others = _num_elements(layer.non_trainable_weights)
        lines.append(f"{layer.name}\t{type(layer).__name__}\t{trainable}\t{others}")
    return {"synsight.layers": "keras", "synsight.keras_layers": "\n".join(lines)}


def _num_elements(variables):
    return sum(math.prod(variable.shape) for variable in variables)


def feeding_of_file(model):
    """The metadata for anybody's model: none, unless it takes pixels of 0 to 255."""
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3:
        return {}
    if first_operation(model) not in _TAKES_PIXELS:
        return {}
    return applications.feeding("raw", *shapes[0][1:3])


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
