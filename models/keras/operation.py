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
    """Slice: x[..., ::-1]"""
    value, key = call.inputs[0], call.args[1]
    key = key if isinstance(key, tuple) else (key,)
    if Ellipsis in key:
        place = key.index(Ellipsis)
        missing = value.rank - len(key) + 1
        key = (*key[:place], *[slice(None)] * missing, *key[place + 1 :])
    if not all(isinstance(part, slice) for part in key):
        call.refuse("only slices, wanted no single places and no new axes")
    rows = []
    for axis, part in enumerate(key):
        step = 1 if part.step is None else part.step
        first, last = (0, _END) if step > 0 else (_END, -_END)
        start = first if part.start is None else part.start
        stop = last if part.stop is None else part.stop
        if (start, stop, step) != (0, _END, 1):
            rows.append((start, stop, value.axis(axis), step))
    if not rows:
        return call.node("Identity", [value.name])
    roles = zip(
        ("starts", "ends", "axes", "steps"), zip(*rows, strict=True), strict=True
    )
    return call.node("Slice", [value.name, *[call.integers(*role) for role in roles]])


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
    "Subtract": _arithmetic("Sub"),
    "Tanh": _named("tanh"),
    "TrueDivide": _arithmetic("Div"),
}
