# SPDX-License-Identifier: Apache-2.0
"""Makes an ONNX model's file small by storing its weights in 2 bytes or in 1.

Weights are the constants that Conv, Gemm and MatMul multiply by (input 1). A node of
standard ONNX turns each back into the type that it had, so that any runtime computes as
before: Cast from f16, or DequantizeLinear from int8. All other constants stay.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper, version_converter

from models.errors import ModelsError

# Casts to a type by its number; dequantizes along an axis. Source: ONNX's operators.
_LEAST_OPSET = {"f16": 6, "int8": 13}
# The first that lets constants be no inputs. Source: ONNX, docs/IR.md.
_LEAST_IR_VERSION = 4

# Below this a node costs what it saves.
_LEAST_ELEMENTS = 1024
# Weights of 8 bits must be many: the first layers are small and their errors go through
# all others, and a depthwise channel's scale takes 4 bytes beside its 9 or 25 weights.
# With less, weights take 16 bits.
_LEAST_INT8_ELEMENTS = 8192
_LEAST_INT8_ELEMENTS_A_CHANNEL = 32

_FLOAT_TYPES = (
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.BFLOAT16,
    TensorProto.DOUBLE,
)


def store_small(model, kind):
    """`model` (onnx.ModelProto, which may change) with its weights as `kind`.

    "f16": float16. "int8": 8 bits with a scale an output channel, but float16 where
    weights are few. Weights that float16 cannot hold stay as they are. A model of an
    opset that lacks the nodes for it is brought to one that has them; constants that
    are listed as inputs are no longer. ModelsError where there is nothing to store
    smaller, or the opset cannot be changed.
    """
    model = _with_opset(model, _LEAST_OPSET[kind])
    graph = model.graph
    axes = _weight_axes(graph)
    _make_initializers(graph, axes)
    names = _Names(graph)
    nodes, scales = [], []
    for tensor in graph.initializer:
        if tensor.name in axes and tensor.data_type in _FLOAT_TYPES:
            more_nodes, more_scales = _store(tensor, axes[tensor.name], kind, names)
            nodes += more_nodes
            scales += more_scales
    if not nodes:
        raise ModelsError(f"no weights of Conv, Gemm or MatMul to store as {kind}")
    # Small weights stand behind all other constants: whoever unpacks them one by one
    # then has one hole in memory to use again, and not many.
    small = {node.input[0] for node in nodes}
    constants = [*graph.initializer, *scales]
    _replace(graph.initializer, sorted(constants, key=lambda t: t.name in small))
    _replace(graph.node, [*nodes, *graph.node])
    _list_no_constant_as_input(model)
    return model


def quantize(weight, axis):
    """f32 `weight` as (int8 array of its shape, f32 scales [channels along `axis`]).

    weight ~ int8 * scale, symmetric about 0: a channel's largest magnitude is 127. Each
    number is rounded to one of its two neighbours, and as many of them up as down so
    that a channel's sum is right to half a step: inputs that have a mean, as those
    behind a Relu, then give outputs of the same mean. Source of the idea: Guo et al.,
    SQuant, ICLR 2022.
    """
    rows = np.moveaxis(weight, axis, 0)
    shape = rows.shape
    rows = rows.reshape(shape[0], -1)
    scales = np.abs(rows).max(axis=1) / np.float32(127)
    scales[scales < np.finfo(np.float32).tiny] = 1
    quantized = np.empty(rows.shape, np.int8)
    for row, scale, target in zip(rows, scales, quantized, strict=True):
        target[:] = _round_with_sum(row / scale)
    return np.moveaxis(quantized.reshape(shape), 0, axis), scales


def _round_with_sum(numbers):
    """`numbers` [N] as integers that differ by less than 1, and by 0.5 in their sum."""
    rounded = np.rint(numbers)
    excess = rounded - numbers
    total = excess.sum(dtype=np.float64)
    direction = np.sign(total)
    # Those that were rounded furthest to the side where the sum is off.
    order = np.argsort(-direction * excess, kind="stable")
    rounded[order[: int(np.rint(abs(total)))]] -= direction
    return rounded


def _with_opset(model, least):
    """The model, in the opset `least` where its own is older."""
    opsets = [opset for opset in model.opset_import if opset.domain in ("", "ai.onnx")]
    if not opsets or opsets[0].version >= least:
        return model
    try:
        return version_converter.convert_version(model, least)
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        opset = f"opset {opsets[0].version} cannot become {least}"
        raise ModelsError(f"{opset}: {reason}") from error


def _weight_axes(graph):
    """{name: axis of its output channels} of what layers read as their weights."""
    ranks = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    ranks |= {name: len(tensor.dims) for name, tensor in _constant_nodes(graph).items()}
    axes = {}
    for node in graph.node:
        if node.domain not in ("", "ai.onnx") or len(node.input) < 2:
            continue
        name = node.input[1]
        if node.op_type == "Conv":
            axis = 0
        elif node.op_type == "Gemm":
            is_transposed = any(a.name == "transB" and a.i for a in node.attribute)
            axis = 0 if is_transposed else 1
        elif node.op_type == "MatMul":
            axis = ranks.get(name, 0) - 1
        else:
            continue
        if ranks.get(name, 0) > 1:
            axes.setdefault(name, axis)
    return axes


def _constant_nodes(graph):
    """{output: its tensor} of the Constant nodes that have one."""
    return {
        node.output[0]: attribute.t
        for node in graph.node
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    }


def _make_initializers(graph, names):
    """Turns the Constant nodes of these names into initializers."""
    for name, tensor in _constant_nodes(graph).items():
        if name in names:
            graph.initializer.add().CopyFrom(tensor)
            graph.initializer[-1].name = name
    initializers = {tensor.name for tensor in graph.initializer}
    kept = [
        node
        for node in graph.node
        if node.op_type != "Constant" or node.output[0] not in initializers
    ]
    _replace(graph.node, kept)


def _replace(field, messages):
    """Makes `messages` all that a repeated field of protobuf's has."""
    del field[:]
    field.extend(messages)


class _Names:
    """The names that a graph uses, and new ones."""

    def __init__(self, graph):
        named = (*graph.input, *graph.initializer, *graph.node)
        self._used = {thing.name for thing in named}
        self._used.update(output for node in graph.node for output in node.output)

    def new(self, name):
        """`name`, with underscores behind it where it is used already."""
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name


def _store(tensor, axis, kind, names):
    """Puts a weight's small form in its place: (nodes to restore it, their scales).

    No nodes where the weight stays as it is.
    """
    name, dtype = tensor.name, tensor.data_type
    weight = numpy_helper.to_array(tensor).astype(np.float32)
    largest = np.abs(weight).max(initial=0)
    if weight.size < _LEAST_ELEMENTS or not np.isfinite(largest):
        return [], []
    if kind == "int8" and _is_worth_8_bits(weight, axis):
        quantized, scales = quantize(weight, axis)
        tensor.CopyFrom(numpy_helper.from_array(quantized, names.new(f"{name}/int8")))
        scale = numpy_helper.from_array(scales, names.new(f"{name}/scale"))
        is_f32 = dtype == TensorProto.FLOAT
        f32_name = name if is_f32 else names.new(f"{name}/f32")
        node = helper.make_node(
            "DequantizeLinear",
            [tensor.name, scale.name],
            [f32_name],
            name=names.new(f"{name}/dequantize"),
            axis=axis,
        )
        nodes = [node] if is_f32 else [node, _cast(f32_name, name, dtype, names)]
        return nodes, [scale]
    f16 = np.finfo(np.float16)
    if dtype == TensorProto.FLOAT16 or not f16.tiny <= largest <= f16.max:
        return [], []
    halved = weight.astype(np.float16)
    tensor.CopyFrom(numpy_helper.from_array(halved, names.new(f"{name}/f16")))
    return [_cast(tensor.name, name, dtype, names)], []


def _is_worth_8_bits(weight, axis):
    elements_a_channel = weight.size // weight.shape[axis]
    return (
        weight.size >= _LEAST_INT8_ELEMENTS
        and elements_a_channel >= _LEAST_INT8_ELEMENTS_A_CHANNEL
    )


def _cast(x, y, dtype, names):
    """The node that gives `x` as `y`, of the type `dtype` (TensorProto.DataType)."""
    return helper.make_node("Cast", [x], [y], name=names.new(f"{y}/cast"), to=dtype)


def _list_no_constant_as_input(model):
    """Old files list each constant as an input too, which computed ones must not be."""
    graph = model.graph
    computed = {output for node in graph.node for output in node.output}
    constants = computed | {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    _replace(graph.input, inputs)
    model.ir_version = max(model.ir_version, _LEAST_IR_VERSION)
