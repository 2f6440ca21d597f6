# SPDX-License-Identifier: Apache-2.0
"""Builds ONNX networks for classification out of named nodes and arrays.

A node's output has the node's name; a node's constant is called `<node>.<role>`.
"""

import numpy as np
import onnx
from onnx import helper

OPSET = 17
IR_VERSION = 8  # opset 17's own, so that older runtimes read the file too


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
    """Collects the nodes and the constants of one network; all values are f32.

    Each method that adds a node returns the name of its output.
    """

    def __init__(self, name, size):
        """A network called `name` with the input `input` [N,3,size,size]."""
        self._name = name
        self._input = _tensor_info("input", ["N", 3, size, size])
        self._nodes = []
        self._constants = {}

    @property
    def num_parameters(self):
        """Elements of the weights: all constants but batch statistics and limits."""
        roles = (".weight", ".bias", ".scale")
        arrays = self._constants.items()
        return sum(array.size for name, array in arrays if name.endswith(roles))

    def constant(self, name, array):
        """Adds `array` as the initializer `name` where there is none. Returns `name`."""
        self._constants.setdefault(name, np.asarray(array, "<f4", "C"))
        return name

    def node(self, op, name, inputs, **attributes):
        """Adds a node of the operator `op`."""
        self._nodes.append(
            helper.make_node(op, inputs, [name], name=name, **attributes)
        )
        return name

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
        output = _tensor_info("logits", ["N", num_classes])
        graph = helper.make_graph(self._nodes, self._name, [self._input], [output])
        model = onnx.ModelProto(ir_version=IR_VERSION, producer_name="synsight")
        model.opset_import.append(helper.make_opsetid("", OPSET))
        helper.set_model_props(model, metadata)

        pieces = [graph.SerializeToString(deterministic=True)]
        for name, array in self._constants.items():
            pieces += _initializer_pieces(name, array)
        yield model.SerializeToString(deterministic=True)
        yield _field_head(onnx.ModelProto.GRAPH_FIELD_NUMBER, _num_bytes(pieces))
        yield from pieces


def _tensor_info(name, shape):
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def _initializer_pieces(name, array):
    """The graph's field with one initializer, as buffers; the last is the array's own."""
    tensor = onnx.TensorProto(
        name=name, dims=array.shape, data_type=onnx.TensorProto.FLOAT
    )
    raw_data = _field_head(onnx.TensorProto.RAW_DATA_FIELD_NUMBER, array.nbytes)
    pieces = [tensor.SerializeToString(deterministic=True), raw_data, array.data]
    field = onnx.GraphProto.INITIALIZER_FIELD_NUMBER
    return [_field_head(field, _num_bytes(pieces)), *pieces]


def _num_bytes(pieces):
    return sum(memoryview(piece).nbytes for piece in pieces)


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
