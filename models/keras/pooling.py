# SPDX-License-Identifier: Apache-2.0
"""Pooling layers."""

from models.keras.convolution import window


def _pool(call, op):
    call.require_channels_last()
    call.require_rank(4)
    layer = call.layer
    attributes = window(call, layer.pool_size, layer.strides)
    return call.node(op, [call.x.name], **attributes)


def max_pooling2d(call):
    """MaxPool"""
    return _pool(call, "MaxPool")


def average_pooling2d(call):
    """AveragePool, which counts no padding"""
    return _pool(call, "AveragePool")


def _global_pool(call, op):
    call.require_channels_last()
    call.require_rank(4)
    x = call.node(op, [call.x.name])
    return x if call.layer.keepdims else call.node("Flatten", [x], axis=1)


def global_average_pooling2d(call):
    """GlobalAveragePool, Flatten"""
    return _global_pool(call, "GlobalAveragePool")


def global_max_pooling2d(call):
    """GlobalMaxPool, Flatten"""
    return _global_pool(call, "GlobalMaxPool")


LAYERS = {
    "AveragePooling2D": average_pooling2d,
    "GlobalAveragePooling2D": global_average_pooling2d,
    "GlobalMaxPooling2D": global_max_pooling2d,
    "MaxPooling2D": max_pooling2d,
}
