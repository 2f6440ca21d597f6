# SPDX-License-Identifier: Apache-2.0
"""Activations: Keras's functions by their name, and the layers.

A function takes a Call and the name of a value, and gives the name of a value.
"""

import math


def _plain(op, **attributes):
    return lambda call, x: call.node(op, [x], **attributes)


def _clip(low, high):
    return lambda call, x: clip(call, x, low, high)


def clip(call, x, low, high):
    """Clip, where `high` may be None."""
    limits = [call.scalar(f"{low}", low)]
    if high is not None:
        limits.append(call.scalar(f"{high}", high))
    return call.node("Clip", [x, *limits])


def _silu(call, x):
    return call.node("Mul", [x, call.node("Sigmoid", [x])])


def _gelu(call, x):
    """x / 2 * (1 + erf(x / sqrt(2)))"""
    scaled = call.node("Div", [x, call.scalar("sqrt2", math.sqrt(2))])
    erf = call.node("Erf", [scaled])
    both = call.node("Add", [erf, call.scalar("one", 1)])
    product = call.node("Mul", [x, both])
    return call.node("Mul", [product, call.scalar("half", 0.5)])


def gelu_tanh(call, x):
    """keras.ops.gelu(x, approximate=True): x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))"""
    square = call.node("Mul", [x, x])
    cube = call.node("Mul", [square, x])
    small = call.node("Mul", [cube, call.scalar("cubic", 0.044715)])
    inner = call.node("Add", [x, small])
    inner = call.node("Mul", [inner, call.scalar("scale", math.sqrt(2 / math.pi))])
    both = call.node("Add", [call.node("Tanh", [inner]), call.scalar("one", 1)])
    product = call.node("Mul", [x, both])
    return call.node("Mul", [product, call.scalar("half", 0.5)])


def _mish(call, x):
    return call.node("Mul", [x, call.node("Tanh", [call.node("Softplus", [x])])])


def _log_sigmoid(call, x):
    negative = call.node("Neg", [x])
    return call.node("Neg", [call.node("Softplus", [negative])])


def _tanh_shrink(call, x):
    return call.node("Sub", [x, call.node("Tanh", [x])])


def _softmax(op, axis=-1):
    # A layer's activation keeps the shape.
    def function(call, x):
        return call.node(op, [x], axis=call.output_axis(axis))

    return function


# By the name of a function of keras.activations.
FUNCTIONS = {
    "celu": _plain("Celu", alpha=1.0),
    "elu": _plain("Elu", alpha=1.0),
    "exponential": _plain("Exp"),
    "gelu": _gelu,
    "hard_sigmoid": _plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hard_silu": _plain("HardSwish"),
    "hard_tanh": _clip(-1, 1),
    "leaky_relu": _plain("LeakyRelu", alpha=0.2),
    "linear": lambda call, x: x,
    "log_sigmoid": _log_sigmoid,
    "log_softmax": _softmax("LogSoftmax"),
    "mish": _mish,
    "relu": _plain("Relu"),
    "relu6": _clip(0, 6),
    "selu": _plain("Selu"),
    "sigmoid": _plain("Sigmoid"),
    "silu": _silu,
    "softmax": _softmax("Softmax"),
    "softplus": _plain("Softplus"),
    "softsign": _plain("Softsign"),
    "tanh": _plain("Tanh"),
    "tanh_shrink": _tanh_shrink,
}


def activate(call, x):
    """The layer's own activation: a function of Keras's, or a layer."""
    function = call.layer.activation
    if function is None:
        return x
    layer_function = LAYERS.get(type(function).__name__)
    if layer_function and type(function).__module__.startswith("keras."):
        return layer_function(call.with_layer(function, x))
    name = getattr(function, "__name__", repr(function))
    is_kerass = getattr(function, "__module__", "").startswith("keras.")
    if not is_kerass or name not in FUNCTIONS:
        call.refuse(f"the activation {name!r} cannot be converted")
    return FUNCTIONS[name](call, x)


def activation(call):
    """the nodes of the function"""
    return activate(call, call.x.name)


def relu(call):
    """Relu, or Clip, LeakyRelu and ThresholdedRelu, as its arguments ask"""
    layer, x = call.layer, call.x.name
    slope, threshold = float(layer.negative_slope), float(layer.threshold)
    limit = None if layer.max_value is None else float(layer.max_value)
    if threshold == 0 and limit is None:
        return call.node("LeakyRelu", [x], alpha=slope) if slope else _relu(call, x)
    if threshold:
        y = call.node("ThresholdedRelu", [x], alpha=threshold)
        y = y if limit is None else clip(call, y, 0, limit)
    else:
        y = clip(call, x, 0, limit)
    if slope:
        below = call.node("Sub", [call.scalar("threshold", threshold), x])
        below = call.node("Mul", [_relu(call, below), call.scalar("slope", slope)])
        y = call.node("Sub", [y, below])
    return y


_relu = FUNCTIONS["relu"]


def leaky_relu(call):
    """LeakyRelu"""
    return call.node("LeakyRelu", [call.x.name], alpha=float(call.layer.negative_slope))


def elu(call):
    """Elu"""
    return call.node("Elu", [call.x.name], alpha=float(call.layer.alpha))


def prelu(call):
    """PRelu"""
    slope = call.layer.alpha
    if call.x.is_picture:
        return call.node("PRelu", [call.x.name, call.picture_weight(slope)])
    return call.node("PRelu", [call.x.name, call.weight(slope)])


def softmax(call):
    """Softmax, over one axis"""
    axis = call.layer.axis
    if isinstance(axis, (list, tuple)):
        if len(axis) != 1:
            call.refuse(f"its axis is {axis}, wanted one")
        (axis,) = axis
    if len(call.inputs) != 1 or call.args[1:] not in [(), (None,)]:
        call.refuse("only without a mask")
    return call.node("Softmax", [call.x.name], axis=call.x.axis(axis))


LAYERS = {
    "Activation": activation,
    "ELU": elu,
    "LeakyReLU": leaky_relu,
    "PReLU": prelu,
    "ReLU": relu,
    "Softmax": softmax,
}
