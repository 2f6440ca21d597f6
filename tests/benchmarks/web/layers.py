# SPDX-License-Identifier: Apache-2.0
"""An ONNX network as TensorFlow's runtimes know it: channels last, batch norm folded."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from models.graph_builder import same_pads
from tests.benchmarks.programs import BenchmarkError

INPUT = "input"


@dataclass
class Layer:
    """One layer; its output is called by its name and has the shape [1,H,W,C] or [1,C].

    `op` is conv, depthwise, dense, add, max_pool, mean (over all pixels) or flatten.
    """

    op: str
    name: str
    inputs: list[str]
    shape: list[int]
    weight: np.ndarray | None = None  # as in ONNX: [M,C/group,kH,kW] or [M,K]
    bias: np.ndarray | None = None
    kernel: int = 1
    stride: int = 1
    pads: tuple[int, ...] = (0, 0, 0, 0)  # top, left, bottom, right
    is_same: bool = True  # whether `pads` are those of "SAME"
    activation: str = ""  # or relu, relu6


def read(path):
    """The layers of the ONNX file at `path`, in their order; the last gives the logits."""
    return _Reader(onnx.load(path).graph).layers()


class _Reader:
    def __init__(self, graph):
        self._graph = graph
        self._arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self._num_readers = Counter(x for node in graph.node for x in node.input)
        dims = graph.input[0].type.tensor_type.shape.dim
        _, channels, height, width = (dim.dim_value for dim in dims)
        self._shapes = {INPUT: [1, height, width, channels]}
        self._layers = {}
        # ONNX's values to ours: what was folded into a layer has no name of its own.
        self._names = {graph.input[0].name: INPUT}

    def layers(self):
        for node in self._graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            add = getattr(self, f"_on_{node.op_type.lower()}", None)
            if add is None:
                raise BenchmarkError(f"{node.op_type}: no layer is known for it")
            add(node, attributes)
        return list(self._layers.values())

    def _add(self, op, node, shape, num_inputs=1, **fields):
        inputs = [self._names[x] for x in node.input[:num_inputs]]
        layer = Layer(op, node.name, inputs, shape, **fields)
        self._layers[layer.name] = layer
        self._shapes[layer.name] = shape
        self._names[node.output[0]] = layer.name

    def _shape(self, node):
        return self._shapes[self._names[node.input[0]]]

    def _folded_into(self, node, *ops):
        """The layer before `node`, which from now on gives what `node` gave."""
        name = self._names[node.input[0]]
        layer = self._layers.get(name)
        is_alone = self._num_readers[node.input[0]] == 1
        if layer is None or layer.op not in ops or layer.activation or not is_alone:
            raise BenchmarkError(f"{node.op_type} {node.name} cannot be folded")
        self._names[node.output[0]] = name
        return layer

    def _window(self, node, attributes):
        """The fields of a layer with a square window; its output's rows and columns."""
        _, height, width, _ = self._shape(node)
        (kernel, _), (stride, _) = attributes["kernel_shape"], attributes["strides"]
        pads = tuple(attributes["pads"])
        top, left, bottom, right = pads
        size = [
            (height + top + bottom - kernel) // stride + 1,
            (width + left + right - kernel) // stride + 1,
        ]
        is_same = list(pads) == same_pads(height, kernel, stride)
        fields = {"kernel": kernel, "stride": stride, "pads": pads, "is_same": is_same}
        return fields, size

    def _on_conv(self, node, attributes):
        weight = self._arrays[node.input[1]]
        filters, of_group = weight.shape[:2]
        bias = self._arrays[node.input[2]] if len(node.input) > 2 else None
        if bias is None:
            bias = np.zeros(filters, np.float32)
        fields, size = self._window(node, attributes)
        is_depthwise = attributes["group"] == filters and of_group == 1
        op = "depthwise" if is_depthwise else "conv"
        shape = [1, *size, filters]
        self._add(op, node, shape, weight=weight, bias=bias, **fields)

    def _on_batchnormalization(self, node, attributes):
        layer = self._folded_into(node, "conv", "depthwise")
        arrays = [self._arrays[name].astype(np.float64) for name in node.input[1:]]
        scale, bias, mean, var = arrays
        factor = scale / np.sqrt(var + attributes["epsilon"])
        layer.weight = (layer.weight * factor[:, None, None, None]).astype(np.float32)
        layer.bias = ((layer.bias - mean) * factor + bias).astype(np.float32)

    def _on_relu(self, node, _):
        self._folded_into(node, "conv", "depthwise", "dense", "add").activation = "relu"

    def _on_clip(self, node, _):
        if [self._arrays[name].item() for name in node.input[1:]] != [0, 6]:
            raise BenchmarkError(f"Clip {node.name} is not to 0..6")
        layer = self._folded_into(node, "conv", "depthwise", "dense", "add")
        layer.activation = "relu6"

    def _on_add(self, node, _):
        self._add("add", node, self._shape(node), num_inputs=2)

    def _on_maxpool(self, node, attributes):
        # Where it is padded with zeros its input must not be negative.
        before = self._layers[self._names[node.input[0]]]
        if any(attributes["pads"]) and not before.activation:
            raise BenchmarkError(f"MaxPool {node.name} is padded after no activation")
        fields, size = self._window(node, attributes)
        self._add("max_pool", node, [1, *size, self._shape(node)[3]], **fields)

    def _on_globalaveragepool(self, node, _):
        self._add("mean", node, [1, self._shape(node)[3]])

    def _on_flatten(self, node, _):
        shape = self._shape(node)
        if len(shape) == 2:
            self._names[node.output[0]] = self._names[node.input[0]]
        else:
            self._add("flatten", node, [1, int(np.prod(shape))])

    def _on_gemm(self, node, _):
        weight, bias = (self._arrays[name] for name in node.input[1:])
        before = self._layers[self._names[node.input[0]]]
        if before.op == "flatten":  # ONNX's is of [C,H,W], ours of [H,W,C]
            _, height, width, channels = self._shapes[before.inputs[0]]
            cubes = weight.reshape(-1, channels, height, width)
            weight = cubes.transpose(0, 2, 3, 1).reshape(len(weight), -1)
        self._add("dense", node, [1, len(weight)], weight=weight, bias=bias)
