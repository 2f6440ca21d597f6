# SPDX-License-Identifier: Apache-2.0
"""What the program says of a model that was converted from Keras, beside Keras."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def keras():
    """Keras, computing in f32: OpenVINO's default is bfloat16 where the CPU has it."""
    if not (ROOT / "models" / "keras").is_dir():
        pytest.skip("there is no converter from Keras here")
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("openvino, by which Keras computes, is not installed")
    os.environ.setdefault("KERAS_BACKEND", "openvino")
    keras = pytest.importorskip("keras")
    import openvino

    core = openvino.Core()
    core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    usual = openvino.compile_model
    openvino.compile_model = lambda model, *_, **__: core.compile_model(model, "CPU")
    yield keras
    openvino.compile_model = usual


def small_model(keras):
    """A branch, an activation within a layer, and what has fewer weights than usual."""
    layers = keras.layers
    keras.utils.set_random_seed(3)
    x = inputs = keras.Input((24, 20, 3), name="photo")
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="conv")(x)
    x = layers.BatchNormalization(scale=False, name="norm")(x)
    y = layers.SeparableConv2D(8, 3, padding="same", name="separable")(x)
    x = layers.Add(name="sum")([x, y])
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(12, activation="relu", name="fc1")(x)
    x = layers.Dense(5, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name="small")


def sequential_model(keras):
    layers = keras.layers
    keras.utils.set_random_seed(4)
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(4, 3, activation="relu", name="c1"),
            layers.BatchNormalization(name="b1"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(3, name="logits"),
        ],
        name="lesson",
    )


def vgg16_without_top(keras):
    keras.utils.set_random_seed(5)
    shape = (32, 32, 3)
    return keras.applications.VGG16(weights=None, include_top=False, input_shape=shape)


MAKERS = [small_model, sequential_model, vgg16_without_top]


@pytest.fixture(scope="module", params=MAKERS)
def converted(request, keras, tmp_path_factory):
    """(the model, its ONNX file, a photograph of another size)."""
    model, folder = request.param(keras), tmp_path_factory.mktemp("keras")
    model.save(folder / "model.keras")
    command = [sys.executable, "-m", "models", "convert", folder / "model.keras"]
    path = folder / "model.onnx"
    finished = subprocess.run(
        [str(word) for word in [*command, "-o", path]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    photo = folder / "photo.png"
    pixels = np.random.default_rng(6).integers(0, 256, (50, 70, 3), np.uint8)
    Image.fromarray(pixels).save(photo)
    return model, path, photo


def test_the_summary_has_kerass_rows(synsight, keras, converted):
    model, path, _ = converted
    summary = json.loads(synsight.ok("summary", path, "--format", "json"))
    found = [
        (layer["name"], layer["type"], layer["output_shape"], layer["parameters"])
        for layer in summary["layers"]
    ]
    assert summary["model"] == model.name
    assert found == [
        (
            layer.name,
            type(layer).__name__,
            list(layer.output.shape),
            layer.count_params(),
        )
        for layer in model.layers
    ]

    def count(variables):
        return sum(int(np.prod(variable.shape)) for variable in variables)

    assert summary["total_parameters"] == model.count_params()
    assert summary["trainable_parameters"] == count(model.trainable_weights)
    assert summary["non_trainable_parameters"] == count(model.non_trainable_weights)


@pytest.mark.parametrize("backend", ["xnnpack", "reference"])
def test_every_layer_gives_what_keras_gives(
    synsight, keras, converted, tmp_path, backend
):
    from keras.src.applications.imagenet_utils import preprocess_input

    model, path, photo = converted
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    arguments = [word for layer in layers for word in ("--layer", layer.name)]
    synsight.ok(
        *("features", path, photo, *arguments, "-o", f"{tmp_path}/features/"),
        *("--preset", "keras-tf", "--backend", backend),
    )
    side = model.input_shape[1:3]
    picture = keras.utils.img_to_array(keras.utils.load_img(photo, target_size=side))
    fed = preprocess_input(picture[None], "channels_last", "tf")
    outputs = keras.Model(model.inputs, [layer.output for layer in layers])
    for layer, wanted in zip(layers, outputs.predict(fed, verbose=0), strict=True):
        found = np.load(tmp_path / "features" / f"{layer.name}.npy")
        assert found.shape == wanted.shape, layer.name
        difference = np.abs(found - wanted).max()
        assert difference <= 1e-4 * np.ptp(wanted), layer.name


def test_the_drawing_has_kerass_boxes(synsight, keras, converted):
    model, path, _ = converted
    text = synsight.ok("plot", path, "-o", "-", "--show-layer-names")
    for layer in model.layers:
        assert f"<b>{layer.name}</b> ({type(layer).__name__})" in text
    assert text.count("label=") == len(model.layers)
