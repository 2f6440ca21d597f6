# SPDX-License-Identifier: Apache-2.0
"""How layers are joined: several inputs, models in models, operations, names."""

import keras
import numpy as np
import pytest
from converted import check, run_onnxruntime, to_bytes
from keras import Input, Model, Sequential, layers, ops
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from models.errors import ModelsError

PICTURE = (5, 7, 4)


def merged(layer, *shapes):
    inputs = [Input(shape) for shape in shapes]
    return Model(inputs, layer(inputs))


MERGED = {
    "add": lambda: merged(layers.Add(), PICTURE, PICTURE, PICTURE),
    "add numbers": lambda: merged(layers.Add(), (6,), (6,)),
    "subtract": lambda: merged(layers.Subtract(), PICTURE, PICTURE),
    "multiply": lambda: merged(layers.Multiply(), PICTURE, (1, 1, 4), (5, 1, 1)),
    "average": lambda: merged(layers.Average(), PICTURE, PICTURE, PICTURE),
    "maximum": lambda: merged(layers.Maximum(), PICTURE, PICTURE, (1, 7, 1)),
    "minimum": lambda: merged(layers.Minimum(), PICTURE, PICTURE),
    "channels": lambda: merged(layers.Concatenate(), PICTURE, (5, 7, 2), (5, 7, 1)),
    "rows": lambda: merged(layers.Concatenate(axis=1), PICTURE, (2, 7, 4)),
    "columns": lambda: merged(layers.Concatenate(axis=-2), PICTURE, (5, 2, 4)),
    "numbers": lambda: merged(layers.Concatenate(), (3,), (5,)),
    "custom scale": lambda: merged(CustomScaleLayer(0.17), PICTURE, PICTURE),
}


@pytest.mark.parametrize("name", MERGED)
def test_layers_of_several_inputs(name, synsight, tmp_path):
    check(MERGED[name](), synsight, tmp_path)


def test_layers_of_convnext(synsight, tmp_path):
    for shape in (PICTURE, (3, 4)):
        stack = [LayerScale(0.1, 4), StochasticDepth(0.5)]
        check(Sequential([Input(shape), *stack]), synsight, tmp_path)


def preprocessed(mode):
    """As lessons write it: a network's preprocess_input as a part of a model."""
    x = Input((5, 7, 3))
    return Model(x, keras.applications.imagenet_utils.preprocess_input(x, mode=mode))


def computed(function, shape=PICTURE):
    x = Input(shape)
    return Model(x, function(x))


COMPUTED = {
    "caffe": lambda: preprocessed("caffe"),
    "tf": lambda: preprocessed("tf"),
    "torch": lambda: preprocessed("torch"),
    "numbers": lambda: computed(lambda x: 3 - (x * 2 + 1) / 4),
    "an array": lambda: computed(lambda x: x * np.float32([1, 2, 3, 4])),
    "a larger array": lambda: computed(
        lambda x: x + np.arange(28, dtype="float32").reshape(7, 4)
    ),
    "gates": lambda: computed(lambda x: ops.relu6(x + 3.0) * (1.0 / 6.0) * x),
    "maximum": lambda: computed(lambda x: ops.maximum(x, 0.3) + ops.minimum(x, -1)),
    "exact gelu": lambda: computed(lambda x: ops.gelu(x, approximate=False)),
    "gelu by tanh": lambda: computed(lambda x: ops.gelu(x, approximate=True)),
    "slices": lambda: computed(lambda x: x[:, 1:, ::2, -3:-1]),
    "a row": lambda: computed(lambda x: x[:, 2], (9, 3)),
    "a channel": lambda: computed(lambda x: x[..., -1]),
    "a stack": lambda: computed(lambda x: ops.stack([x[:, 1], x[:, -2]], 1), (9, 3)),
    "slices of rows": lambda: computed(lambda x: x[:, 2:, ...], (9, 3)),
    "all": lambda: computed(lambda x: x[:, :]),
    "roots": lambda: computed(lambda x: ops.sqrt(ops.abs(x)) - ops.exp(-ops.abs(x))),
    "leaky": lambda: computed(lambda x: ops.leaky_relu(x, 0.1) + ops.elu(x, 0.7)),
    "softmax": lambda: computed(lambda x: ops.softmax(x, axis=-1)),
    "cast": lambda: computed(lambda x: ops.cast(x, "float32") * ops.tanh(x)),
}
for name in ("Sigmoid", "Silu", "HardSigmoid", "HardSilu", "Relu", "Softplus"):
    snake = {"HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu"}.get(name)
    function = getattr(ops, snake or name.lower())
    COMPUTED[name] = lambda function=function: computed(function)


@pytest.mark.parametrize("name", COMPUTED)
def test_operations_between_layers(name, synsight, tmp_path):
    check(COMPUTED[name](), synsight, tmp_path, spread=3)


@pytest.mark.parametrize(
    "key",
    [np.s_[:, ::-1, 5:1:-2], np.s_[:, 3::-1], np.s_[..., ::-1], np.s_[:, -1:0:-3]],
)
def test_slices_backwards_are_numpys(key):
    """Keras on OpenVINO has none."""
    model = computed(lambda x: x[key])
    array = np.random.default_rng(1).random((2, *PICTURE), np.float32)
    (found,) = run_onnxruntime(to_bytes(model), [array])
    np.testing.assert_array_equal(found, array[key])


def block(name, shape=(None, None, 3)):
    """A network for pictures of any size."""
    x = y = Input(shape)
    y = layers.Conv2D(4, 3, strides=2, padding="same", name="conv")(y)
    y = layers.BatchNormalization(name="bn")(y)
    y = layers.ReLU(name="relu")(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same", name="pool")(y)
    return Model(x, y, name=name)


def names_of(model):
    return [node.name for node in model.graph.node]


def test_a_model_in_a_model_has_its_name_before_those_of_its_layers(synsight, tmp_path):
    model = Sequential([Input((17, 22, 3)), block("base"), layers.Flatten(name="flat")])
    converted = check(model, synsight, tmp_path)
    assert names_of(converted) == [
        *("base/conv", "base/bn", "base/relu", "base/pool", "base"),
        *("flat/Transpose", "flat"),
    ]
    weights = {tensor.name for tensor in converted.graph.initializer}
    assert weights == {
        *("base/conv.kernel", "base/conv.bias", "base/bn.gamma", "base/bn.beta"),
        *("base/bn.moving_mean", "base/bn.moving_variance"),
    }


def test_a_model_in_a_model_knows_the_size_that_it_is_used_for(synsight, tmp_path):
    inner_input = Input((None, None, 3))
    inner = Model(
        inner_input, layers.UpSampling2D(2, interpolation="bilinear")(inner_input)
    )
    x = Input((5, 7, 3))
    check(Model(x, layers.Flatten()(inner(x))), synsight, tmp_path)


def test_models_in_models_in_models(synsight, tmp_path):
    inner = Sequential([layers.Conv2D(3, 3, name="conv")], name="inner")
    outer = Sequential([inner, layers.ReLU(name="relu")], name="outer")
    model = Sequential([Input((9, 8, 3)), outer, layers.GlobalMaxPooling2D(name="top")])
    converted = check(model, synsight, tmp_path)
    assert "outer/inner/conv" in names_of(converted)


def test_what_is_used_twice_has_its_weights_once(synsight, tmp_path):
    first, second = Input((8, 9, 3)), Input((8, 9, 3))
    shared = layers.Conv2D(3, 3, padding="same", name="conv")
    network = block("base")
    y = layers.Add(name="add")([network(shared(first)), network(shared(second))])
    converted = check(Model([first, second], y), synsight, tmp_path)
    names = names_of(converted)
    assert {"conv", "conv/2", "base", "base/2", "base/2/conv"} < set(names)
    assert len(names) == len(set(names))
    kernels = [t for t in converted.graph.initializer if t.name.endswith("kernel")]
    assert [tensor.name for tensor in kernels] == ["conv.kernel", "base/conv.kernel"]


def test_a_layer_for_pictures_and_for_numbers_keeps_both_forms(synsight, tmp_path):
    picture, numbers = Input((5, 7, 3)), Input((3,))
    dense = layers.Dense(4, name="dense")
    model = Model([picture, numbers], [dense(picture), dense(numbers)])
    check(model, synsight, tmp_path)


def test_several_outputs_and_an_input_that_is_one(synsight, tmp_path):
    x = Input((5, 7, 3), name="picture")
    y = layers.Conv2D(4, 3, name="conv")(x)
    model = Model(x, [layers.Flatten(name="flat")(y), y, x, y])
    converted = check(model, synsight, tmp_path)
    outputs = [value.name for value in converted.graph.output]
    assert outputs[:2] == ["flat", "conv"]
    assert len(set(outputs)) == 4


def test_a_layers_last_node_has_its_name(synsight, tmp_path):
    stack = [
        layers.SeparableConv2D(4, 3, activation="gelu", name="separable"),
        layers.LayerNormalization(name="norm"),
        layers.Dense(2, activation="softmax", name="dense"),
    ]
    converted = check(Sequential([Input((9, 8, 3)), *stack]), synsight, tmp_path)
    names = names_of(converted)
    assert [name for name in names if "/" not in name] == ["separable", "norm", "dense"]
    assert names[:2] == ["separable/depthwise", "separable/pointwise"]
    assert [value.name for value in converted.graph.output] == ["dense"]
    for node in converted.graph.node:
        assert list(node.output) == [node.name]


@pytest.mark.parametrize("shape", [(31, 45, 3), (32, 33, 3), (5, 64, 3)])
def test_open_sizes_stay_open(synsight, tmp_path, shape):
    model = block("base")
    y = layers.GlobalAveragePooling2D()(layers.ZeroPadding2D(1)(model.output))
    converted = check(Model(model.input, y), synsight, tmp_path, shapes=[shape])
    dims = converted.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_param or dim.dim_value for dim in dims] == ["N", 3, "H", "W"]


def lstm():
    return Sequential([Input((5, 7)), layers.LSTM(3, name="memory")])


class Doubled(layers.Layer):
    def call(self, x):
        return x * 2


class OwnDense(layers.Dense):
    pass


class Subclassed(Model):
    def call(self, x):
        return x


def subclassed():
    x = Input((3,))
    return Model(x, Subclassed(name="mine")(x))


def picture_model(layer, shape=(9, 8, 3)):
    return lambda: Sequential([Input(shape), layer()])


def add_of_ranks():
    inputs = [Input((5, 7, 3)), Input((7, 3))]
    return Model(inputs, layers.Add(name="sum")(inputs))


REFUSED = {
    "lstm": (lstm, "layer 'memory' (LSTM): cannot be converted"),
    "own": (picture_model(lambda: Doubled(name="d")), "layer 'd' (Doubled): cannot"),
    "own dense": (
        picture_model(lambda: OwnDense(3, name="own")),
        "layer 'own' (OwnDense): cannot be converted",
    ),
    "lambda": (
        picture_model(lambda: layers.Lambda(lambda x: x, name="f")),
        "layer 'f' (Lambda): cannot be converted",
    ),
    "activation": (
        picture_model(lambda: layers.Activation(lambda x: x * 2, name="act")),
        "layer 'act' (Activation): the activation '<lambda>' cannot be converted",
    ),
    "sparsemax": (
        picture_model(lambda: layers.Activation("sparsemax", name="act")),
        "the activation 'sparsemax' cannot be converted",
    ),
    "channels first": (
        picture_model(lambda: layers.MaxPooling2D(2, data_format="channels_first")),
        "its data_format is channels_first, wanted channels_last",
    ),
    "subclassed": (subclassed, "model 'mine' (Subclassed): is neither Sequential nor"),
    "operation": (
        lambda: computed(lambda x: ops.sin(x)),
        "(Sin): cannot be converted; `python -m models layers` lists what can",
    ),
    "a picture's row": (
        lambda: computed(lambda x: x[:, 1]),
        "(GetItem): of a picture, single places in the channels only",
    ),
    "a new axis": (
        lambda: computed(lambda x: x[:, None]),
        "(GetItem): wanted slices and single places only",
    ),
    "ranks": (add_of_ranks, "layer 'sum' (Add): its inputs have shapes"),
    "open size": (
        picture_model(lambda: layers.Resizing(3, 3, name="r"), (None, None, 3)),
        "layer 'r' (Resizing): it needs an input of a known height and width",
    ),
    "bicubic": (
        picture_model(lambda: layers.UpSampling2D(2, interpolation="bicubic")),
        "its interpolation is 'bicubic', wanted 'nearest' or 'bilinear'",
    ),
    "crop": (
        picture_model(lambda: layers.Resizing(3, 3, crop_to_aspect_ratio=True)),
        "its crop_to_aspect_ratio is True, wanted False",
    ),
    "unbuilt": (
        lambda: Sequential([layers.Dense(3)], name="open"),
        "model 'open': has no input shape; begin it with an Input",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_converted_is_refused_by_name_and_class(name):
    make, message = REFUSED[name]
    with pytest.raises(ModelsError) as error:
        to_bytes(make())
    assert message in str(error.value)
    assert "\n" not in str(error.value)
