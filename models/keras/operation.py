# SPDX-License-Identifier: Apache-2.0
"""Operations of keras.ops, and Python's operators, between layers."""

import numpy as np

from models.keras import activation
from models.keras.call import Value

_END = np.iinfo(np.int64).max


def _arithmetic(op):
    def function(call):
        operands = [*call.args, *call.kwargs.values()]
        ranks = {value.rank for value in call.inputs}
        if len(operands) != 2 or len(ranks) != 1:
            call.refuse("wanted two operands of one rank")
        (rank,) = ranks
        return call.node(
            op,
            [
                operand.name
                if isinstance(operand, Value)
                else call.broadcast(f"operand{place}", _numbers(operand), rank)
                for place, operand in enumerate(operands)
            ],
        )

    return function


def _numbers(operand):
    if isinstance(operand, (int, float, np.ndarray)):
        return operand
    import keras

    return keras.ops.convert_to_numpy(operand)


def _plain(op):
    return lambda call: call.node(op, [call.x.name])


def _named(name):
    """The same as a function of keras.activations."""
    return lambda call: activation.FUNCTIONS[name](call, call.x.name)


def _gelu(call):
    exact = activation.FUNCTIONS["gelu"]
    function = activation.gelu_tanh if call.layer.approximate else exact
    return function(call, call.x.name)


def _cast(call):
    if "float" not in str(call.layer.dtype):
        call.refuse(f"wanted a type of floating point, not {call.layer.dtype}")
    return call.node("Identity", [call.x.name])


def _get_item(call):
    """Slice, and Squeeze for single places: x[..., 0]"""
    value, key = call.inputs[0], call.args[1]
    key = list(key) if isinstance(key, tuple) else [key]
    if any(part is Ellipsis for part in key):
        place = next(i for i, part in enumerate(key) if part is Ellipsis)
        key[place : place + 1] = [slice(None)] * (value.rank - len(key) + 1)
    if not all(isinstance(part, (int, slice)) for part in key):
        call.refuse("wanted slices and single places only")
    rows, single = [], []
    for axis, part in enumerate(key):
        if isinstance(part, int):
            single.append(value.axis(axis))
            part = slice(part, part + 1 if part != -1 else None)
        step = 1 if part.step is None else part.step
        first, last = (0, _END) if step > 0 else (_END, -_END)
        start = first if part.start is None else part.start
        stop = last if part.stop is None else part.stop
        if (start, stop, step) != (0, _END, 1):
            rows.append((start, stop, value.axis(axis), step))
    x = value.name
    if rows:
        roles = ("starts", "ends", "axes", "steps")
        numbers = zip(roles, zip(*rows, strict=True), strict=True)
        x = call.node("Slice", [x, *[call.integers(*role) for role in numbers]])
    if single:
        # What is left has to lie in Keras's order.
        if len(call.output_shape) == 4 or (value.is_picture and single != [1]):
            call.refuse("of a picture, single places in the channels only")
        x = call.node("Squeeze", [x, call.integers("single", single)])
    return x


def _stack(call):
    """Unsqueeze, Concat"""
    axis = call.layer.axis % len(call.output_shape)
    if len(call.output_shape) == 4 and axis != 3:
        call.refuse("to a picture, in the channels only")
    axis = call.output_axis(axis)
    axes = call.integers("axes", [axis])
    parts = [call.node("Unsqueeze", [value.name, axes]) for value in call.inputs]
    return call.node("Concat", parts, axis=axis)


OPERATIONS = {
    "Absolute": _plain("Abs"),
    "Add": _arithmetic("Add"),
    "Cast": _cast,
    "Divide": _arithmetic("Div"),
    "Elu": activation.elu,
    "Exp": _plain("Exp"),
    "Gelu": _gelu,
    "GetItem": _get_item,
    "HardSigmoid": _named("hard_sigmoid"),
    "HardSilu": _named("hard_silu"),
    "LeakyRelu": activation.leaky_relu,
    "Maximum": _arithmetic("Max"),
    "Minimum": _arithmetic("Min"),
    "Multiply": _arithmetic("Mul"),
    "Negative": _plain("Neg"),
    "Relu": _named("relu"),
    "Relu6": _named("relu6"),
    "Sigmoid": _named("sigmoid"),
    "Silu": _named("silu"),
    "Softmax": activation.softmax,
    "Softplus": _named("softplus"),
    "Softsign": _named("softsign"),
    "Sqrt": _plain("Sqrt"),
    "Stack": _stack,
    "Subtract": _arithmetic("Sub"),
    "Tanh": _named("tanh"),
    "TrueDivide": _arithmetic("Div"),
}
