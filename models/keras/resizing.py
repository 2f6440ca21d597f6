# SPDX-License-Identifier: Apache-2.0
"""Layers that make pictures larger or smaller.

Not by ONNX's Resize, which classification networks lack otherwise: each side is a Gather,
or a product with a matrix of interpolation weights.
"""

import numpy as np


def _nearest(size, new_size):
    """The row that each new row is a copy of; centres of pixels are at halves.

    As TensorFlow, PyTorch and JAX have it; OpenVINO takes others where it makes smaller.
    """
    rows = (np.arange(new_size) + 0.5) * size / new_size
    return np.minimum(np.floor(rows).astype(np.int64), size - 1)


def _bilinear(size, new_size):
    """[new_size,size]: how much of each row is in each new row."""
    place = (np.arange(new_size) + 0.5) * size / new_size - 0.5
    below = np.floor(place)
    part = place - below
    matrix = np.zeros((new_size, size))
    for offset, weights in ((0, 1 - part), (1, part)):
        rows = np.clip(below + offset, 0, size - 1).astype(np.int64)
        np.add.at(matrix, (np.arange(new_size), rows), weights)
    return matrix


def _resize(call, height, width):
    layer = call.layer
    x, (old_height, old_width) = call.x.name, call.sides()
    if layer.interpolation == "nearest":
        for axis, old, new in ((2, old_height, height), (3, old_width, width)):
            rows = call.integers(f"rows{axis}", _nearest(old, new))
            x = call.node("Gather", [x, rows], axis=axis)
        return x
    if layer.interpolation != "bilinear":
        found = f"its interpolation is {layer.interpolation!r}"
        call.refuse(f"{found}, wanted 'nearest' or 'bilinear'")
    rows = call.constant("rows", _bilinear(old_height, height))
    columns = call.constant("columns", _bilinear(old_width, width).T)
    return call.node("MatMul", [rows, call.node("MatMul", [x, columns])])


def up_sampling2d(call):
    """Gather (nearest) or MatMul (bilinear), for each side"""
    call.require_channels_last()
    call.require_rank(4)
    height, width = call.sides()
    vertical, horizontal = call.layer.size
    return _resize(call, height * vertical, width * horizontal)


def resizing(call):
    """Gather (nearest) or MatMul (bilinear), for each side; without antialiasing"""
    call.require_channels_last()
    call.require_rank(4)
    layer = call.layer
    for option in ("antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        if getattr(layer, option, False):
            call.refuse(f"its {option} is True, wanted False")
    return _resize(call, layer.height, layer.width)


LAYERS = {"Resizing": resizing, "UpSampling2D": up_sampling2d}
