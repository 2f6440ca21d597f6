# SPDX-License-Identifier: Apache-2.0
"""Layers of several inputs."""


def _same_rank(call):
    """The inputs' names; values of one rank are broadcast alike in both orders."""
    ranks = {value.rank for value in call.inputs}
    if len(ranks) > 1:
        shapes = ", ".join(str(value.shape) for value in call.inputs)
        call.refuse(f"its inputs have shapes {shapes}, wanted one rank")
    return [value.name for value in call.inputs]


def _chain(call, op):
    first, *others = _same_rank(call)
    for other in others:
        first = call.node(op, [first, other])
    return first


def add(call):
    """Add, one for each input but the first"""
    return _chain(call, "Add")


def multiply(call):
    """Mul, one for each input but the first"""
    return _chain(call, "Mul")


def subtract(call):
    """Sub"""
    return _chain(call, "Sub")


def average(call):
    """Mean"""
    return call.node("Mean", _same_rank(call))


def maximum(call):
    """Max"""
    return call.node("Max", _same_rank(call))


def minimum(call):
    """Min"""
    return call.node("Min", _same_rank(call))


def concatenate(call):
    """Concat"""
    axis = call.output_axis(call.layer.axis)
    return call.node("Concat", _same_rank(call), axis=axis)


def custom_scale(call):
    """Mul, Add (InceptionResNetV2)"""
    first, second = call.inputs
    scale = call.scalar("scale", call.layer.scale)
    return call.node("Add", [first.name, call.node("Mul", [second.name, scale])])


LAYERS = {
    "Add": add,
    "Average": average,
    "Concatenate": concatenate,
    "CustomScaleLayer": custom_scale,
    "Maximum": maximum,
    "Minimum": minimum,
    "Multiply": multiply,
    "Subtract": subtract,
}
