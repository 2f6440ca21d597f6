# SPDX-License-Identifier: Apache-2.0
"""Saved models and files of weights, by the command; what is damaged or unknown."""

import re
import subprocess
import sys
import time
from pathlib import Path

import h5py
import keras
import numpy as np
import onnx
import pytest
from converted import TOLERANCE, difference, run_onnxruntime, set_random_weights
from keras import Input, Sequential, layers
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

from models import __main__

ROOT = Path(__file__).resolve().parents[3]


def lesson(shape=(28, 28, 1)):
    """What a first lesson builds."""
    return Sequential(
        [
            Input(shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ],
        name="lesson",
    )


def transfer():
    """A frozen network below a new head."""
    base = keras.applications.MobileNet(
        weights=None, include_top=False, input_shape=(32, 32, 3)
    )
    base.trainable = False
    x = Input((32, 32, 3))
    y = layers.RandomFlip("horizontal")(x)
    y = base(keras.applications.mobilenet.preprocess_input(y))
    y = layers.GlobalAveragePooling2D()(y)
    return keras.Model(x, layers.Dense(3, name="head")(y))


def saved(make, path):
    """A model with random weights, saved; random input, and what it gives for that."""
    keras.backend.clear_session()
    model = make()
    random = np.random.default_rng(3)
    set_random_weights(model, random)
    array = random.uniform(0, 255, (2, *model.input_shape[1:])).astype(np.float32)
    model.save(path)
    return array, model.predict(array, verbose=0)


def error_of(capsys, *arguments):
    """The one line on stderr of a command that must fail."""
    assert __main__.main(["convert", *map(str, arguments)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("make", "suffix"), [(lesson, "keras"), (lesson, "h5"), (transfer, "keras")]
)
def test_a_saved_model_gives_what_it_gave(tmp_path, make, suffix, capsys):
    source = tmp_path / f"model.{suffix}"
    array, wanted = saved(make, source)
    assert __main__.main(["convert", str(source)]) == 0
    file = tmp_path / "model.onnx"
    assert str(file) in capsys.readouterr().out
    (found,) = run_onnxruntime(file.read_bytes(), [array])
    assert difference(found, wanted) < TOLERANCE


def metadata_of(file):
    return {prop.key: prop.value for prop in onnx.load(file).metadata_props}


def test_frozen_layers_are_not_trainable(tmp_path):
    saved(transfer, tmp_path / "model.keras")
    assert __main__.main(["convert", str(tmp_path / "model.keras")]) == 0
    said = metadata_of(tmp_path / "model.onnx")
    rows = [line.split("\t") for line in said["synsight.keras_layers"].splitlines()]
    numbers = {row[0]: (int(row[2]), int(row[3])) for row in rows}
    assert numbers["mobilenet_1.00_32"] == (0, 3_228_864)
    assert numbers["head"] == (3 * 1024 + 3, 0)


def test_a_model_that_scales_pixels_itself_is_fed_pixels(tmp_path):
    for name, make in (("a", transfer), ("b", lambda: lesson((20, 24, 3)))):
        saved(make, tmp_path / f"{name}.keras")
        assert __main__.main(["convert", str(tmp_path / f"{name}.keras")]) == 0
    assert metadata_of(tmp_path / "a.onnx")["synsight.resize"] == "stretch 32x32"
    said = metadata_of(tmp_path / "b.onnx")
    assert said["synsight.resize"] == "stretch 24x20"
    assert said["synsight.scale"] == "1"
    assert said["synsight.mean"] == "0"


def test_a_model_that_does_not_leaves_that_to_the_guess(tmp_path):
    saved(
        lambda: Sequential([Input((9, 9, 3)), layers.Flatten(), layers.Dense(2)]),
        tmp_path / "model.keras",
    )
    assert __main__.main(["convert", str(tmp_path / "model.keras")]) == 0
    assert set(metadata_of(tmp_path / "model.onnx")) == {
        "synsight.layers",
        "synsight.keras_layers",
    }


def test_weights_of_a_file_arrive(tmp_path, capsys):
    keras.backend.clear_session()
    model = keras.applications.MobileNet(weights=None, alpha=1.0, classes=7)
    set_random_weights(model, np.random.default_rng(5))
    weights = tmp_path / "mobilenet.weights.h5"
    model.save_weights(weights)
    file = tmp_path / "mobilenet.onnx"
    arguments = ["convert", "keras:mobilenet", "--classes", "7", "-o", str(file)]
    assert __main__.main([*arguments, "--weights", str(weights)]) == 0
    tensors = {t.name: t for t in onnx.load(file).graph.initializer}
    kernel = onnx.numpy_helper.to_array(tensors["conv1.kernel"])
    wanted = keras.ops.convert_to_numpy(model.get_layer("conv1").kernel)
    np.testing.assert_array_equal(kernel, wanted.transpose(3, 2, 0, 1))
    error = error_of(capsys, "keras:MobileNet", "--weights", weights, "-o", file)
    assert str(weights) in error


def test_a_layer_without_weights_in_the_file_is_named(tmp_path, capsys):
    """Keras would leave it random, with a warning."""
    weights = tmp_path / "a.weights.h5"
    keras.applications.MobileNet(weights=None).save_weights(weights)
    with h5py.File(weights, "r+") as file:
        del file["layers/conv2d"]
    output = tmp_path / "a.onnx"
    error = error_of(capsys, "keras:MobileNet", "--weights", weights, "-o", output)
    assert "conv1" in error
    assert not output.exists()


def test_without_keras_the_requirements_are_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    error = error_of(capsys, "keras:VGG16", "--weights", "none")
    assert "pip install -r models/requirements-keras.txt" in error


def test_imagenets_weights_arrive_as_keras_publishes_them(tmp_path, monkeypatch):
    """Files of Keras 2's format; here one with random weights in place of a download."""
    keras.backend.clear_session()
    model = keras.applications.MobileNet(weights=None)
    set_random_weights(model, np.random.default_rng(5))
    published = tmp_path / "published.h5"
    with h5py.File(published, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    monkeypatch.setattr(file_utils, "get_file", lambda *_, **__: str(published))
    file = tmp_path / "mobilenet.onnx"
    assert __main__.main(["convert", "keras:MobileNet", "-o", str(file)]) == 0
    assert metadata_of(file)["synsight.source"].endswith("weights: imagenet")
    array = np.random.default_rng(1).normal(size=(1, 224, 224, 3)).astype(np.float32)
    (found,) = run_onnxruntime(file.read_bytes(), [array])
    assert difference(found, model.predict(array, verbose=0)) < 10 * TOLERANCE


@pytest.mark.parametrize("store", ["f16", "int8"])
def test_weights_are_stored_smaller(tmp_path, store):
    file = tmp_path / "model.onnx"
    arguments = ["convert", "keras:MobileNet", "--weights", "none", "-o", str(file)]
    assert __main__.main(arguments) == 0
    size = file.stat().st_size
    assert __main__.main([*arguments, "--store", store]) == 0
    assert file.stat().st_size < size * {"f16": 0.52, "int8": 0.3}[store]
    assert [node.name for node in onnx.load(file).graph.node][-1] == "predictions"


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_damaged_file_is_one_line(tmp_path, capsys, suffix):
    source = tmp_path / f"model.{suffix}"
    saved(lesson, source)
    whole = source.read_bytes()
    for data in (b"", b"text", whole[: len(whole) // 2], whole[:-30]):
        source.write_bytes(data)
        assert str(source) in error_of(capsys, source)
        assert not (tmp_path / "model.onnx").exists()


class Unknown(layers.Layer):
    def call(self, x):
        return x + 1


def test_an_unknown_class_is_one_line(tmp_path, capsys):
    source = tmp_path / "model.keras"
    Sequential([Input((3,)), Unknown(name="mine")]).save(source)
    assert "Unknown" in error_of(capsys, source)
    assert not (tmp_path / "model.onnx").exists()


def test_code_in_a_file_is_not_run(tmp_path, capsys):
    source = tmp_path / "model.keras"
    Sequential([Input((3,)), layers.Lambda(lambda x: x)]).save(source)
    assert "safe_mode" in error_of(capsys, source)


def test_a_layer_that_cannot_be_converted_leaves_no_file(tmp_path, capsys):
    source = tmp_path / "model.keras"
    Sequential([Input((5, 3)), layers.LSTM(4, name="memory")]).save(source)
    assert "layer 'memory' (LSTM): cannot be converted" in error_of(capsys, source)
    assert not (tmp_path / "model.onnx").exists()


def test_other_sources_and_words_are_refused(tmp_path, capsys):
    weights = tmp_path / "a.weights.h5"
    weights.write_bytes(b"")
    assert "holds weights only" in error_of(capsys, weights)
    assert "no such file" in error_of(capsys, tmp_path / "none.keras")
    missing = tmp_path / "none.weights.h5"
    assert "no such file" in error_of(capsys, "keras:VGG16", "--weights", missing)
    for arguments in (
        ["efficientnet-lite0", "--classes", "3"],
        ["a.keras", "--weights", "imagenet"],
        ["a.onnx", "--no-include-top"],
        ["keras:VGG16", "--pooling", "sum"],
        ["efficientnet-lite0", "--weights", "imagenet"],
        ["a.onnx", "--weights", "f16", "--store", "int8"],
    ):
        with pytest.raises(SystemExit) as exit_info:
            __main__.main(["convert", *arguments])
        assert exit_info.value.code == 2
    capsys.readouterr()


def test_layers_prints_the_table(capsys):
    assert __main__.main(["layers"]) == 0
    printed = capsys.readouterr().out
    assert "  Conv2D                   Conv, then the activation\n" in printed
    assert "relu6" in printed


SAVE = """
import keras
keras.applications.VGG16(weights=None).save_weights({weights!r})
"""
CONVERT = """
from models import __main__
__main__.main(["convert", "keras:VGG16", "--weights", {weights!r}, "-o", {file!r}])
with open("/proc/self/status") as status:
    print(status.read())
"""


def test_vgg16_takes_little_more_than_twice_its_weights(tmp_path):
    """In processes of their own, for the peak is all that a process ever had."""
    names = {
        "weights": str(tmp_path / "a.weights.h5"),
        "file": str(tmp_path / "a.onnx"),
    }
    for script in (SAVE, CONVERT):
        command = [sys.executable, "-c", script.format(**names)]
        started = time.monotonic()
        finished = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
    assert time.monotonic() - started < 60
    assert Path(names["file"]).stat().st_size > 138_357_544 * 4
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", finished.stdout)
    assert int(peak) * 1024 < 1.2e9
