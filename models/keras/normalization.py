# SPDX-License-Identifier: Apache-2.0
"""Layers that shift and scale."""

import numpy as np

from models.keras.call import TO_NCHW


def batch_normalization(call):
    """BatchNormalization"""
    layer, value = call.layer, call.x
    axis, rank = value.axis(layer.axis), value.rank
    channels = (value.shape[layer.axis],)
    scale, shift = np.ones(channels), np.zeros(channels)
    inputs = [
        call.weight(layer.gamma) if layer.scale else call.constant("ones", scale),
        call.weight(layer.beta) if layer.center else call.constant("zeros", shift),
        call.weight(layer.moving_mean),
        call.weight(layer.moving_variance),
    ]
    x, perm = value.name, list(range(rank))
    if axis != 1:
        perm[1], perm[axis] = axis, 1
        x = call.transpose(x, perm)
    epsilon = float(layer.epsilon)
    x = call.node("BatchNormalization", [x, *inputs], epsilon=epsilon)
    return x if axis == 1 else call.transpose(x, perm)


def layer_normalization(call):
    """LayerNormalization over the last axes, between Transposes for pictures"""
    layer, value = call.layer, call.x
    axes = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    axes = sorted(axis % value.rank for axis in axes)
    if axes != list(range(axes[0], value.rank)):
        call.refuse(f"its axis is {layer.axis}, wanted the last one or the last ones")
    if getattr(layer, "rms_scaling", False):
        call.refuse("its rms_scaling is True, wanted False")
    sizes = value.shape[axes[0] :]
    if None in sizes:
        call.refuse(f"its input has shape {value.shape}, wanted known sizes")
    scale = call.weight(layer.gamma) if layer.scale else _ones(call, sizes)
    shift = [call.weight(layer.beta)] if layer.center else []
    x = call.channels_last(value)
    attributes = {"axis": axes[0] - value.rank, "epsilon": float(layer.epsilon)}
    x = call.node("LayerNormalization", [x, scale, *shift], **attributes)
    return call.transpose(x, TO_NCHW) if value.is_picture else x


def _ones(call, sizes):
    return call.constant("ones", np.ones(sizes))


def layer_scale(call):
    """Mul (ConvNeXt)"""
    x = call.x
    gamma = call.layer.gamma
    factor = call.picture_weight(gamma) if x.is_picture else call.weight(gamma)
    return call.node("Mul", [x.name, factor])


def rescaling(call):
    """Mul, Add"""
    layer, rank = call.layer, call.x.rank
    x = call.x.name
    scale = call.broadcast("scale", layer.scale, rank)
    x = call.node("Mul", [x, scale])
    if np.any(layer.offset):
        x = call.node("Add", [x, call.broadcast("offset", layer.offset, rank)])
    return x


def normalization(call):
    """Sub, Div by the root of the variance; the inverse: Mul, Add"""
    layer, rank = call.layer, call.x.rank
    if layer.input_mean is not None:
        mean = call.broadcast("offset", layer.input_mean, rank)
        variance = np.asarray(layer.input_variance, np.float32)
        deviation = np.maximum(np.sqrt(variance), _keras_epsilon())
        deviation = call.broadcast("scale", deviation, rank)
    elif len(layer.adapt_mean.shape) <= 1 and layer.axis in ((-1,), (rank - 1,), ()):
        weight = call.picture_weight if rank == 4 else call.weight
        mean, variance = weight(layer.adapt_mean), weight(layer.adapt_variance)
        least = call.scalar("least", _keras_epsilon())
        deviation = call.node("Max", [call.node("Sqrt", [variance]), least])
    else:
        call.refuse(f"its axis is {layer.axis}, wanted the last one")
    if layer.invert:
        return call.node("Add", [call.node("Mul", [call.x.name, deviation]), mean])
    return call.node("Div", [call.node("Sub", [call.x.name, mean]), deviation])


def _keras_epsilon():
    import keras

    return keras.config.epsilon()


LAYERS = {
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "LayerScale": layer_scale,
    "Normalization": normalization,
    "Rescaling": rescaling,
}
