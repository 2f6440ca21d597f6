# SPDX-License-Identifier: Apache-2.0
"""Layers that move elements, or leave them where they are."""

import numpy as np

from models.keras.call import TO_NCHW, TO_NHWC, Value

_END = np.iinfo(np.int64).max


def identity(call):
    """Identity, as outside of training"""
    return call.node("Identity", [call.x.name])


def dropout(call):
    """Dropout, as outside of training"""
    return call.node("Dropout", [call.x.name])


def zero_padding2d(call):
    """Pad"""
    call.require_channels_last()
    call.require_rank(4)
    (top, bottom), (left, right) = call.layer.padding
    pads = call.integers("pads", [0, 0, top, left, 0, 0, bottom, right])
    return call.node("Pad", [call.x.name, pads], mode="constant")


def cropping2d(call):
    """Slice"""
    call.require_channels_last()
    call.require_rank(4)
    (top, bottom), (left, right) = call.layer.cropping
    starts = call.integers("starts", [top, left])
    ends = call.integers("ends", [-bottom or _END, -right or _END])
    axes = call.integers("axes", [2, 3])
    return call.node("Slice", [call.x.name, starts, ends, axes])


def flatten(call):
    """Flatten, behind a Transpose to Keras's order of elements"""
    call.require_channels_last()
    if call.x.rank == 1:
        call.refuse("only for inputs of rank 2 or more")
    x = call.channels_last(call.x) if call.x.order_matters else call.x.name
    return call.node("Flatten", [x], axis=1)


def reshape(call):
    """Reshape, between Transposes from and to Keras's order of elements"""
    output = Value(call.name, tuple(call.output_shape))
    x = call.channels_last(call.x) if call.x.order_matters else call.x.name
    sizes = [-1 if size is None else size for size in output.shape[1:]]
    if sizes.count(-1) > 1:
        call.refuse(f"its output {output.shape} has more than one open size")
    is_transposed = output.order_matters
    if output.is_picture and not is_transposed:
        sizes = [sizes[2], *sizes[:2]]
    shape = call.integers("shape", [0, *sizes])  # 0: as many as there are
    x = call.node("Reshape", [x, shape])
    return call.transpose(x, TO_NCHW) if is_transposed else x


def permute(call):
    """Transpose"""
    rank = call.x.rank
    perm = [0, *call.layer.dims]
    if rank == 4:
        # Out of the graph's order, through Keras's, and back.
        nchw_to_keras = [TO_NHWC[axis] for axis in perm]
        perm = [nchw_to_keras[axis] for axis in TO_NCHW]
    return call.transpose(call.x.name, perm)


TRAINING_ONLY = (
    "ActivityRegularization",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "RandomBrightness",
    "RandomContrast",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomInvert",
    "RandomPerspective",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "StochasticDepth",
)

LAYERS = {
    "Cropping2D": cropping2d,
    "Dropout": dropout,
    "Flatten": flatten,
    "Permute": permute,
    "Reshape": reshape,
    "SpatialDropout2D": dropout,
    "ZeroPadding2D": zero_padding2d,
} | dict.fromkeys(TRAINING_ONLY, identity)
