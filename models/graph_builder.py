# SPDX-License-Identifier: Apache-2.0
"""Builds ONNX networks for classification out of named nodes and arrays.

A node's output has the node's name; a node's constant is called `<node>.<role>`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper

from models.errors import ModelsError

OPSET = 17
IR_VERSION = 8  # opset 17's own, so that older runtimes read the file too
_LARGEST_GRAPH = 2**31 - 2**20  # a protobuf message has less than 2^31 bytes


def same_pads(size, kernel, stride):
    """[top, left, bottom, right] of "SAME" padding for a square input of `size`.

    The output has ceil(size / stride) rows; an odd pixel goes to the bottom and the
    right. Source: TensorFlow, the notes on padding of tf.nn.
    """
    output_size = -(-size // stride)
    total = max((output_size - 1) * stride + kernel - size, 0)
    before = total // 2
    return [before, before, total - before, total - before]


class GraphBuilder:
    """Collects the nodes and the constants of one network.

    Each method that adds a node returns the name of its output. Values are f32 where
    nothing else is said.
    """

    def __init__(self, name, size=None):
        """A network called `name`; with a `size`, it has `input` [N,3,size,size]."""
        self._name = name
        self._inputs = []
        self._nodes = []
        self._constants = {}
        if size is not None:
            self.add_input("input", ["N", 3, size, size])

    def add_input(self, name, shape):
        """Adds an input; a dimension is a number, or a text where it is open."""
        self._inputs.append(_tensor_info(name, shape))
        return name

    @property
    def num_parameters(self):
        """Elements of the weights: all constants but batch statistics and limits."""
        roles = (".weight", ".bias", ".scale")
        constants = self._constants.items()
        return sum(one.size for name, one in constants if name.endswith(roles))

    @property
    def constant_sizes(self):
        """{name: how many elements} of all constants."""
        return {name: constant.size for name, constant in self._constants.items()}

    def constant(self, name, array, dtype="<f4"):
        """Adds `array` as the initializer `name` where there is none. Returns `name`.

        `dtype` is "<f4" or "<i8".
        """
        array = np.asarray(array, dtype, "C")
        return self.late_constant(name, array.shape, lambda: array, dtype)

    def late_constant(self, name, shape, read, dtype="<f4"):
        """The same for an array that `read()` gives when the file is written."""
        constant = _Constant(tuple(shape), dtype, read)
        self._constants.setdefault(name, constant)
        return name

    def node(self, op, name, inputs, **attributes):
        """Adds a node of the operator `op`."""
        self._nodes.append(
            helper.make_node(op, inputs, [name], name=name, **attributes)
        )
        return name

    def rename_node(self, name, new_name):
        """Gives a node, and its output, which nothing may read yet, another name."""
        node = next(node for node in reversed(self._nodes) if node.name == name)
        node.name = node.output[0] = new_name
        return new_name

    def conv(self, name, x, weight, bias=None, stride=1, pads=(0, 0, 0, 0), group=1):
        """Conv with weight [M,C/group,kH,kW], bias [M], pads [top,left,bottom,right]."""
        inputs = [x, self.constant(f"{name}.weight", weight)]
        if bias is not None:
            inputs.append(self.constant(f"{name}.bias", bias))
        attributes = {
            "kernel_shape": weight.shape[2:],
            "strides": [stride, stride],
            "pads": pads,
            "group": group,
        }
        return self.node("Conv", name, inputs, **attributes)

    def batch_norm(self, name, x, scale, bias, mean, var, epsilon):
        """BatchNormalization with four arrays [C]."""
        roles = {"scale": scale, "bias": bias, "mean": mean, "var": var}
        inputs = [self.constant(f"{name}.{role}", roles[role]) for role in roles]
        return self.node("BatchNormalization", name, [x, *inputs], epsilon=epsilon)

    def relu6(self, name, x):
        """Clip to 0..6."""
        low = self.constant("relu6.min", np.float32(0))
        high = self.constant("relu6.max", np.float32(6))
        return self.node("Clip", name, [x, low, high])

    def pool(self, op, name, x, kernel, stride, pads=(0, 0, 0, 0), **attributes):
        """MaxPool or AveragePool (`op`) with a square window."""
        attributes["kernel_shape"] = [kernel, kernel]
        attributes["strides"] = [stride, stride]
        return self.node(op, name, [x], pads=pads, **attributes)

    def dense(self, name, x, weight, bias):
        """Gemm: x [N,K] times weight [M,K] transposed, plus bias [M]."""
        inputs = [x, self.constant(f"{name}.weight", weight)]
        inputs.append(self.constant(f"{name}.bias", bias))
        return self.node("Gemm", name, inputs, transB=1)

    def serialize(self, num_classes, metadata):
        """Yields the bytes of the ONNX file, without a second copy of the constants.

        The last node's output becomes the output `logits` [N,num_classes]; `metadata`
        {key: text} becomes metadata_props.
        """
        self._nodes[-1].output[0] = "logits"
        return self.serialize_outputs({"logits": ["N", num_classes]}, metadata)

    def serialize_outputs(self, outputs, metadata):
        """The same with `outputs`, {name of a value: its shape}, as they are."""
        outputs = [_tensor_info(name, shape) for name, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, self._name, self._inputs, outputs)
        model = onnx.ModelProto(ir_version=IR_VERSION, producer_name="synsight")
        model.opset_import.append(helper.make_opsetid("", OPSET))
        helper.set_model_props(model, metadata)

        nodes = graph.SerializeToString(deterministic=True)
        constants = self._constants.items()
        heads = {name: _initializer_head(name, one) for name, one in constants}
        size = sum(len(heads[name]) + one.num_bytes for name, one in constants)
        if size > _LARGEST_GRAPH:
            raise ModelsError(f"{self._name}: is more than an ONNX file holds, 2 GB")
        yield model.SerializeToString(deterministic=True)
        yield _field_head(onnx.ModelProto.GRAPH_FIELD_NUMBER, len(nodes) + size)
        yield nodes
        for name, constant in constants:
            yield heads[name]
            yield constant.read_bytes()


@dataclass(frozen=True)
class _Constant:
    """An initializer whose array comes when it is written."""

    shape: tuple
    dtype: str
    read: Callable

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def num_bytes(self):
        return self.size * np.dtype(self.dtype).itemsize

    def read_bytes(self):
        array = np.asarray(self.read(), self.dtype, "C")
        if array.shape != self.shape:
            raise ValueError(f"shape {array.shape}, wanted {self.shape}")
        return array.data


def _tensor_info(name, shape):
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def _initializer_head(name, constant):
    """What stands before the constant's bytes in the graph's field that holds it."""
    types = {"<f4": onnx.TensorProto.FLOAT, "<i8": onnx.TensorProto.INT64}
    tensor = onnx.TensorProto(
        name=name, dims=constant.shape, data_type=types[constant.dtype]
    )
    raw_data = onnx.TensorProto.RAW_DATA_FIELD_NUMBER
    head = tensor.SerializeToString(deterministic=True)
    head += _field_head(raw_data, constant.num_bytes)
    field = onnx.GraphProto.INITIALIZER_FIELD_NUMBER
    return _field_head(field, len(head) + constant.num_bytes) + head


def _field_head(field, num_bytes):
    """What stands before a field of `num_bytes` bytes in a protobuf message."""
    length_delimited = 2
    return _varint(field << 3 | length_delimited) + _varint(num_bytes)


def _varint(number):
    """Protobuf's form of a number: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
