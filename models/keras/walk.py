# SPDX-License-Identifier: Apache-2.0
"""Walks a functional model in the order of its layers and builds the graph."""

import keras

from models.errors import ModelsError
from models.graph_builder import GraphBuilder
from models.keras import table
from models.keras.call import TO_NCHW, Call, Value


def build(model, read):
    """(GraphBuilder, {output: shape}) of a Sequential or functional model.

    `read(variable)` gives a variable's array; it is called when the file is written.
    ModelsError where a layer cannot be converted, which names it.
    """
    network = _Network(model.name, read)
    function = _function(model)
    inputs = [network.add_input(tensor) for tensor in function.inputs]
    values = network.walk(function, inputs, "")
    outputs = {}
    for value in values:
        name = value.name
        if name in outputs or value in inputs:
            name = network.graph.node("Identity", f"{name}/output", [name])
        outputs[name] = _graph_shape(value.shape)
    return network.graph, outputs


class _Network:
    """The graph, with what is known of the layers that were used."""

    def __init__(self, name, read):
        self.graph = GraphBuilder(name)
        self._read = read
        self._num_uses = {}  # by the name of a layer
        self._owners = {}  # by the id of a layer: the name of its first use
        self._weights = {}

    def add_input(self, tensor):
        """Adds an input of the model, called as its InputLayer."""
        name = tensor._keras_history.operation.name
        self.graph.add_input(name, _graph_shape(tensor.shape))
        return Value(name, tuple(tensor.shape))

    def weight(self, owner, variable, axes, shape):
        """A variable as a constant: transposed by `axes`, then in `shape`."""
        key = (id(variable), axes, shape)
        if key not in self._weights:
            name = f"{owner}.{variable.name}"
            if name in self._weights.values():
                name = f"{owner}.{variable.name}.{len(self._weights)}"
            self._weights[key] = name
            transposed = [variable.shape[axis] for axis in axes or ()]

            def read():
                array = self._read(variable)
                array = array if axes is None else array.transpose(axes)
                return array if shape is None else array.reshape(shape)

            form = shape or transposed or variable.shape
            self.graph.late_constant(name, form, read)
        return self._weights[key]

    def walk(self, function, inputs, prefix):
        """Adds a model's nodes. Returns its outputs' Values for those of its inputs."""
        values = dict(zip(map(id, function.inputs), inputs, strict=True))
        for depth in sorted(function._nodes_by_depth, reverse=True):
            for node in function._nodes_by_depth[depth]:
                if not node.is_input:
                    outputs = self._use(node, values, prefix)
                    values |= zip(map(id, node.outputs), outputs, strict=True)
        return [values[id(tensor)] for tensor in function.outputs]

    def _use(self, node, values, prefix):
        """Adds the nodes of one use of a layer, and returns the Values it gives."""
        layer = node.operation
        inputs = [values[id(tensor)] for tensor in node.input_tensors]
        name = f"{prefix}{layer.name}"
        count = self._num_uses[name] = self._num_uses.get(name, 0) + 1
        owner = self._owners.setdefault(id(layer), name)
        if count > 1:
            name = f"{name}/{count}"
        if isinstance(layer, keras.Model):
            return self._use_model(layer, name, inputs)
        is_layer = isinstance(layer, keras.Layer)
        function = table.find(layer, is_layer)
        arguments = node.arguments.fill_in(values)
        (shape,) = _output_shapes(node, inputs)
        call = Call(self, layer, name, owner, arguments, shape)
        if function is None:
            call.refuse("cannot be converted; `python -m models layers` lists what can")
        output = function(call)
        if output in [value.name for value in inputs]:
            output = call.node("Identity", [output])
        return [Value(self.graph.rename_node(output, name), shape)]

    def _use_model(self, model, name, inputs):
        outputs = self.walk(_function(model), inputs, f"{name}/")
        if len(outputs) > 1:
            return outputs
        (output,) = outputs
        return [Value(self.graph.node("Identity", name, [output.name]), output.shape)]


def _function(model):
    """What holds a model's nodes."""
    if isinstance(model, keras.Sequential):
        if not model.built or model._functional is None:
            raise ModelsError(
                f"model {model.name!r}: has no input shape; begin it with an Input"
            )
        return model._functional
    if hasattr(model, "_nodes_by_depth"):
        return model
    kind = type(model).__name__
    raise ModelsError(
        f"model {model.name!r} ({kind}): is neither Sequential nor functional"
    )


def _output_shapes(node, inputs):
    """Shapes of a node's outputs, for inputs that may be known better than there."""
    tensors = node.input_tensors
    if all(
        tuple(tensor.shape) == value.shape
        for tensor, value in zip(tensors, inputs, strict=True)
    ):
        return [tuple(tensor.shape) for tensor in node.outputs]
    known = {
        id(tensor): keras.KerasTensor(value.shape, tensor.dtype)
        for tensor, value in zip(tensors, inputs, strict=True)
    }
    args, kwargs = node.arguments.fill_in(known)
    outputs = keras.tree.flatten(node.operation.compute_output_spec(*args, **kwargs))
    return [tuple(tensor.shape) for tensor in outputs]


def _graph_shape(shape):
    """A shape of Keras's in the graph, with the open dimensions' names."""
    names = ["N", "H", "W", "C"] if len(shape) == 4 else ["N"]
    names += [f"D{axis}" for axis in range(len(names), len(shape))]
    shape = [
        name if size is None else size for name, size in zip(names, shape, strict=True)
    ]
    return [shape[axis] for axis in TO_NCHW] if len(shape) == 4 else shape
