# SPDX-License-Identifier: Apache-2.0
"""Every layer beside Keras's own predict, in ONNX Runtime and by both backends of ours.

Small models with random weights; sizes are odd, and no two the same.
"""

import keras
import numpy as np
import pytest
from converted import check, run_onnxruntime, to_bytes
from keras import layers
from PIL import Image

from models.keras import activation, table

PICTURE = (9, 11, 6)

CASES = {}


def case(shape, make, name=None):
    """A case of a layer for inputs of `shape`; `make` makes it, for each test anew."""
    kind = type(make()).__name__
    number = sum(key.startswith(f"{kind}-") for key in CASES)
    CASES[name or f"{kind}-{number}"] = (shape, make)


def pictures(kind, *options):
    for keywords in options:
        case(PICTURE, lambda keywords=keywords: kind(**keywords))


pictures(
    layers.Conv2D,
    {"filters": 5, "kernel_size": 3},
    {"filters": 5, "kernel_size": (2, 3), "strides": (3, 2), "padding": "same"},
    {"filters": 4, "kernel_size": (3, 5), "padding": "same", "use_bias": False},
    {"filters": 4, "kernel_size": 3, "padding": "same", "dilation_rate": (2, 3)},
    {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "activation": "relu"},
    {"filters": 6, "kernel_size": 3, "groups": 3, "activation": "softmax"},
    {"filters": 4, "kernel_size": 1, "strides": 2, "padding": "same"},
    {"filters": 4, "kernel_size": 1, "activation": "silu", "name": "with space"},
)
pictures(
    layers.DepthwiseConv2D,
    {"kernel_size": 3},
    {"kernel_size": (3, 2), "strides": 2, "padding": "same", "depth_multiplier": 3},
    {"kernel_size": 3, "dilation_rate": 2, "padding": "same", "use_bias": False},
    {"kernel_size": 5, "strides": 3, "padding": "same", "activation": "relu6"},
)
pictures(
    layers.SeparableConv2D,
    {"filters": 5, "kernel_size": 3},
    {"filters": 5, "kernel_size": 3, "strides": 2, "padding": "same"},
    {"filters": 5, "kernel_size": (2, 4), "depth_multiplier": 2, "use_bias": False},
    {"filters": 5, "kernel_size": 3, "padding": "same", "dilation_rate": 2},
    {"filters": 5, "kernel_size": 3, "activation": "tanh"},
)
pictures(
    layers.Conv2DTranspose,
    {"filters": 5, "kernel_size": 3},
    {"filters": 5, "kernel_size": 3, "strides": 2, "padding": "same"},
    {"filters": 5, "kernel_size": (4, 2), "strides": (2, 3), "padding": "same"},
    {"filters": 5, "kernel_size": 5, "strides": 2, "use_bias": False},
    {"filters": 5, "kernel_size": 2, "strides": 3, "activation": "relu"},
)
pictures(layers.Dense, {"units": 7}, {"units": 7, "use_bias": False})
case((13,), lambda: layers.Dense(7))
case((13,), lambda: layers.Dense(7, use_bias=False, activation="softmax"))
case((5, 13), lambda: layers.Dense(7, activation="relu"))
case((4, 3, 5, 13), lambda: layers.Dense(7))
case((13,), lambda: layers.Dense(7, activation=layers.LeakyReLU(0.3)))
case((13,), lambda: layers.Dense(7, activation=layers.PReLU()))

for pool in (layers.MaxPooling2D, layers.AveragePooling2D):
    pictures(
        pool,
        {"pool_size": 2},
        {"pool_size": (3, 2), "strides": (1, 2)},
        {"pool_size": 3, "strides": 2, "padding": "same"},
        {"pool_size": (2, 4), "strides": (3, 3), "padding": "same"},
        {"pool_size": 3, "strides": 1, "padding": "same"},
    )
for pool in (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D):
    pictures(pool, {}, {"keepdims": True})

pictures(
    layers.BatchNormalization,
    {},
    {"scale": False},
    {"center": False, "epsilon": 0.1},
    {"scale": False, "center": False},
    {"axis": 1},
    {"axis": 2},
)
case((13,), lambda: layers.BatchNormalization())
case((5, 13), lambda: layers.BatchNormalization())
pictures(
    layers.LayerNormalization,
    {},
    {"epsilon": 1e-6, "scale": False},
    {"center": False},
    {"axis": [1, 2, 3]},
    {"axis": [-1, -2]},
)
case((13,), lambda: layers.LayerNormalization())
case((5, 13), lambda: layers.LayerNormalization(center=False, scale=False))
pictures(
    layers.Rescaling,
    {"scale": 1 / 127.5, "offset": -1},
    {"scale": 0.1},
    {"scale": [1, 2, 3, 4, 5, 6.5], "offset": [0, 1, 0, 2, 0, 0.1]},
)
case((13,), lambda: layers.Rescaling(3, 1))
pictures(
    layers.Normalization,
    {},
    {"axis": -1, "invert": True},
    {"axis": None},
    {"mean": [1, 2, 3, 4, 5, 6], "variance": [1, 2, 3, 0, 2, 1e-20]},
    {"mean": 3, "variance": 2},
)
case((13,), lambda: layers.Normalization())

pictures(layers.ZeroPadding2D, {}, {"padding": ((0, 1), (2, 3))}, {"padding": (3, 0)})
pictures(layers.Cropping2D, {"cropping": ((0, 1), (2, 0))}, {"cropping": (1, 2)})
pictures(
    layers.UpSampling2D,
    {},
    {"size": (3, 1)},
    {"size": (2, 3), "interpolation": "bilinear"},
)
pictures(
    layers.Resizing,
    {"height": 18, "width": 22},
    {"height": 7, "width": 5, "interpolation": "bilinear"},
    {"height": 21, "width": 23, "interpolation": "nearest"},
)
pictures(layers.Flatten, {})
case((1, 1, 7), lambda: layers.Flatten())
case((5, 7, 1), lambda: layers.Flatten())
case((5, 7), lambda: layers.Flatten())
case((7,), lambda: layers.Flatten())
case((24,), lambda: layers.Reshape((2, 3, 4)))
case((24,), lambda: layers.Reshape((1, 1, 24)))
case((24,), lambda: layers.Reshape((4, 6, 1)))
case((24,), lambda: layers.Reshape((6, -1)))
case((2, 3, 4), lambda: layers.Reshape((24,)))
case((2, 3, 4), lambda: layers.Reshape((3, 2, 4)))
case((2, 3, 4), lambda: layers.Reshape((-1, 4)))
case((6, 4), lambda: layers.Reshape((3, 2, 4)))
case((2, 3, 4), lambda: layers.Reshape((2, 3, 2, 2)))
case((2, 3, 2, 2), lambda: layers.Reshape((2, 3, 4)))
for dims in ((1, 2, 3), (3, 1, 2), (2, 1, 3), (3, 2, 1), (2, 3, 1), (1, 3, 2)):
    case((2, 3, 4), lambda dims=dims: layers.Permute(dims))
case((5, 7), lambda: layers.Permute((2, 1)))

for function in activation.FUNCTIONS:
    case(
        PICTURE,
        lambda function=function: layers.Activation(function),
        name=f"Activation-{function}",
    )
case((13,), lambda: layers.Activation("softmax"))
pictures(
    layers.ReLU,
    {},
    {"max_value": 1.5},
    {"negative_slope": 0.2},
    {"threshold": 0.3},
    {"max_value": 1, "negative_slope": 0.1},
    {"max_value": 1, "negative_slope": 0.1, "threshold": 0.25},
    {"max_value": 6, "threshold": 0.5},
)
pictures(layers.LeakyReLU, {}, {"negative_slope": 0.05})
pictures(layers.ELU, {}, {"alpha": 0.4})
pictures(
    layers.PReLU,
    {},
    {"shared_axes": [1, 2]},
    {"shared_axes": [3]},
    {"shared_axes": [1, 2, 3]},
)
case((13,), lambda: layers.PReLU())
pictures(layers.Softmax, {}, {"axis": 1}, {"axis": [2]})
case((5, 13), lambda: layers.Softmax(axis=1))

# What does nothing outside of training.
pictures(layers.Dropout, {"rate": 0.5})
pictures(layers.SpatialDropout2D, {"rate": 0.5})
pictures(layers.GaussianNoise, {"stddev": 1})
pictures(layers.GaussianDropout, {"rate": 0.5})
pictures(layers.AlphaDropout, {"rate": 0.5})
pictures(layers.ActivityRegularization, {"l1": 1})
pictures(layers.Identity, {})
pictures(layers.RandomFlip, {})
pictures(layers.RandomRotation, {"factor": 0.2})
pictures(layers.RandomZoom, {"height_factor": 0.2})
pictures(layers.RandomTranslation, {"height_factor": 0.2, "width_factor": 0.2})
pictures(layers.RandomContrast, {"factor": 0.2})
pictures(layers.RandomBrightness, {"factor": 0.2})
for random_layer in (
    lambda: layers.RandomErasing(),
    lambda: layers.RandomGaussianBlur(),
    lambda: layers.RandomInvert(1),
    lambda: layers.RandomPerspective(),
    lambda: layers.RandomShear(0.2),
):
    case((9, 11, 3), random_layer)


def alone(shape, layer):
    return keras.Sequential([keras.Input(shape), layer])


@pytest.mark.parametrize("name", CASES)
def test_a_layer_gives_what_it_gives_in_keras(name, synsight, tmp_path):
    shape, make = CASES[name]
    model = alone(shape, make())
    converted = check(model, synsight, tmp_path)
    assert converted.graph.node[-1].name == model.layers[-1].name


def test_every_layer_of_the_table_has_a_case():
    tried = {name.split("-")[0] for name in CASES}
    elsewhere = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"}
    elsewhere |= {"Subtract", "CustomScaleLayer", "LayerScale", "StochasticDepth"}
    assert tried | elsewhere == set(table.LAYERS)


@pytest.mark.parametrize("size", [(4, 3), (7, 10), (4, 23), (9, 11), (30, 5)])
def test_the_nearest_pixel_is_pillows_too(size):
    """Keras on OpenVINO takes other pixels than on TensorFlow for smaller pictures."""
    height, width = size
    layer = layers.Resizing(height, width, interpolation="nearest")
    model = alone((9, 11, 1), layer)
    picture = np.random.default_rng(1).random((9, 11), np.float32)
    (found,) = run_onnxruntime(to_bytes(model), [picture[np.newaxis, ..., np.newaxis]])
    resized = Image.fromarray(picture).resize((width, height), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(found[0, ..., 0], np.asarray(resized))
