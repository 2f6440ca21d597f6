# SPDX-License-Identifier: Apache-2.0
"""Layers as a .tflite file, with activations and paddings as converters make them."""

import flatbuffers
import numpy as np
import tflite

from tests.benchmarks.web.layers import INPUT

VERSION = 3  # of the file format
_ALIGNMENT = 16  # of constants, as the schema wants it
_OPTIONS = tflite.BuiltinOptions
_ACTIVATIONS = {
    "": tflite.ActivationFunctionType.NONE,
    "relu": tflite.ActivationFunctionType.RELU,
    "relu6": tflite.ActivationFunctionType.RELU6,
}


def serialize(layers, input_shape):
    """The bytes of the file: `input_shape` [1,H,W,3] -> the last layer's output."""
    return _Writer().serialize(layers, input_shape)


class _Writer:
    def __init__(self):
        self._builder = flatbuffers.Builder(1 << 20)
        self._buffers = [
            self._table("Buffer")
        ]  # the first one stands for "no constant"
        self._tensors = {}  # name -> (index, offset)
        self._shapes = {}
        self._codes = {}  # builtin operator -> index
        self._operators = []

    def serialize(self, layers, input_shape):
        self._tensor(INPUT, input_shape)
        for layer in layers:
            getattr(self, f"_{layer.op}")(layer)
        graph = self._table(
            "SubGraph",
            Tensors=self._offsets(offset for _, offset in self._tensors.values()),
            Inputs=self._ints([self._tensors[INPUT][0]]),
            Outputs=self._ints([self._tensors[layers[-1].name][0]]),
            Operators=self._offsets(self._operators),
        )
        codes = [
            self._table("OperatorCode", DeprecatedBuiltinCode=code, BuiltinCode=code)
            for code in self._codes
        ]
        model = self._table(
            "Model",
            Version=VERSION,
            OperatorCodes=self._offsets(codes),
            Subgraphs=self._offsets([graph]),
            Buffers=self._offsets(self._buffers),
        )
        self._builder.Finish(model, b"TFL3")
        return self._builder.Output()

    def _conv(self, layer):
        weight = layer.weight.transpose(0, 2, 3, 1)  # [M,kH,kW,C]
        self._convolution(layer, "CONV_2D", "Conv2DOptions", weight)

    def _depthwise(self, layer):
        weight = layer.weight.transpose(1, 2, 3, 0)  # [1,kH,kW,C]
        fields = {"DepthMultiplier": 1}
        name = "DepthwiseConv2DOptions"
        self._convolution(layer, "DEPTHWISE_CONV_2D", name, weight, **fields)

    def _convolution(self, layer, code, options_type, weight, **fields):
        x, padding = self._padded(layer)
        inputs = [x, *self._weights(layer, weight)]
        options = self._options(
            options_type,
            Padding=padding,
            StrideW=layer.stride,
            StrideH=layer.stride,
            FusedActivationFunction=_ACTIVATIONS[layer.activation],
            **fields,
        )
        self._operator(code, inputs, layer.name, layer.shape, options)

    def _max_pool(self, layer):
        x, padding = self._padded(layer)
        options = self._options(
            "Pool2DOptions",
            Padding=padding,
            StrideW=layer.stride,
            StrideH=layer.stride,
            FilterWidth=layer.kernel,
            FilterHeight=layer.kernel,
        )
        self._operator("MAX_POOL_2D", [x], layer.name, layer.shape, options)

    def _dense(self, layer):
        inputs = [*layer.inputs, *self._weights(layer, layer.weight)]
        activation = _ACTIVATIONS[layer.activation]
        options = self._options(
            "FullyConnectedOptions", FusedActivationFunction=activation
        )
        self._operator("FULLY_CONNECTED", inputs, layer.name, layer.shape, options)

    def _add(self, layer):
        activation = _ACTIVATIONS[layer.activation]
        options = self._options("AddOptions", FusedActivationFunction=activation)
        self._operator("ADD", layer.inputs, layer.name, layer.shape, options)

    def _mean(self, layer):
        axes = self._constant(f"{layer.name}.axes", np.array([1, 2], np.int32))
        options = self._options("ReducerOptions", KeepDims=False)
        inputs = [*layer.inputs, axes]
        self._operator("MEAN", inputs, layer.name, layer.shape, options)

    def _flatten(self, layer):
        shape = np.array(layer.shape, np.int32)
        inputs = [*layer.inputs, self._constant(f"{layer.name}.shape", shape)]
        new_shape = self._ints(layer.shape)
        options = self._options("ReshapeOptions", NewShape=new_shape)
        self._operator("RESHAPE", inputs, layer.name, layer.shape, options)

    def _padded(self, layer):
        """The layer's input, padded where "SAME" does not do it, and the padding."""
        (x,) = layer.inputs
        if layer.is_same:
            return x, tflite.Padding.SAME
        if any(layer.pads):
            top, left, bottom, right = layer.pads
            pads = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
            shape = [n + sum(p) for n, p in zip(self._shapes[x], pads, strict=True)]
            inputs = [x, self._constant(f"{layer.name}.pads", pads)]
            x = f"{layer.name}.padded"
            self._operator("PAD", inputs, x, shape, self._options("PadOptions"))
        return x, tflite.Padding.VALID

    def _weights(self, layer, weight):
        return [
            self._constant(f"{layer.name}.weight", weight),
            self._constant(f"{layer.name}.bias", layer.bias),
        ]

    def _operator(self, code, inputs, name, shape, options):
        code = getattr(tflite.BuiltinOperator, code)
        options_type, offset = options
        self._tensor(name, shape)
        operator = self._table(
            "Operator",
            Inputs=self._ints([self._tensors[x][0] for x in inputs]),
            Outputs=self._ints([self._tensors[name][0]]),
            OpcodeIndex=self._codes.setdefault(code, len(self._codes)),
            BuiltinOptionsType=options_type,
            BuiltinOptions=offset,
        )
        self._operators.append(operator)

    def _options(self, name, **fields):
        return getattr(_OPTIONS, name), self._table(name, **fields)

    def _constant(self, name, array):
        data = np.ascontiguousarray(array).tobytes()
        builder = self._builder
        # A byte vector of the library's own would lie at any multiple of four.
        builder.StartVector(1, len(data), _ALIGNMENT)
        builder.head -= len(data)
        builder.Bytes[builder.head : builder.head + len(data)] = data
        self._buffers.append(self._table("Buffer", Data=builder.EndVector()))
        is_int = array.dtype == np.int32
        kind = tflite.TensorType.INT32 if is_int else tflite.TensorType.FLOAT32
        return self._tensor(name, array.shape, kind, len(self._buffers) - 1)

    def _tensor(self, name, shape, kind=tflite.TensorType.FLOAT32, buffer=0):
        offset = self._table(
            "Tensor",
            Shape=self._ints(shape),
            Type=kind,
            Buffer=buffer,
            Name=self._builder.CreateString(name),
        )
        self._tensors[name] = (len(self._tensors), offset)
        self._shapes[name] = shape
        return name

    def _ints(self, numbers):
        return self._builder.CreateNumpyVector(np.array(numbers, np.int32))

    def _offsets(self, offsets):
        offsets = list(offsets)
        self._builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self._builder.PrependUOffsetTRelative(offset)
        return self._builder.EndVector()

    def _table(self, name, **fields):
        """The offset of a table of the schema's type `name`."""
        getattr(tflite, f"{name}Start")(self._builder)
        for field, value in fields.items():
            getattr(tflite, f"{name}Add{field}")(self._builder, value)
        return getattr(tflite, f"{name}End")(self._builder)
