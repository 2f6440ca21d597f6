# SPDX-License-Identifier: Apache-2.0
"""What a model does not say is guessed, aloud; what it says wrong is refused."""

import json

import numpy as np
import pytest
import small_networks
from onnx import TensorProto, helper
from small_networks import COLOR_METADATA, tensor, value


def test_what_was_guessed_is_said_beside_the_results(synsight, picture, tmp_path):
    network = small_networks.color_network(metadata={})
    path = small_networks.save(network, tmp_path / "silent.onnx")
    finished = synsight("classify", picture(), "--model", path, "--format", "json")
    assert finished.returncode == 0
    assert finished.stderr.startswith("note: ")
    assert "guessed" in finished.stderr
    assert len(json.loads(finished.stdout)["predictions"]) == 3


def note_of(synsight, *arguments):
    finished = synsight("classify", *arguments)
    assert finished.returncode == 0, finished.stderr
    return finished.stderr


def test_only_what_options_leave_open_is_said_to_be_guessed(
    synsight, picture, tmp_path
):
    classes = {"synsight.classes": "red\ngreen\nblue"}
    network = small_networks.color_network(metadata=classes)
    path = small_networks.save(network, tmp_path / "silent.onnx")
    fields = {
        "resize": "stretch 8x8",
        "filter": "bicubic",
        "crop": "none",
        "color": "BGR",
        "scale": "1/255",
        "mean": "0.5",
        "std": "0.25",
    }
    options = [f"--{key}={text}" for key, text in fields.items()]
    arguments = (picture(), "--model", path)
    assert note_of(synsight, *arguments, *options) == ""
    guessed = "note: the model does not say how to feed it; guessed "
    assert note_of(synsight, *arguments, *options[:-2]).startswith(
        f"{guessed}mean 0.485,0.456,0.406, std 0.229,0.224,0.225 because "
    )
    without_filter = ("--resize=none", "--crop=8x8", *options[4:])
    assert note_of(synsight, *arguments, *without_filter).startswith(
        f"{guessed}color RGB because "
    )


def test_unnamed_classes_are_said_where_options_give_the_rest(
    synsight, picture, tmp_path
):
    network = small_networks.color_network(metadata={})
    path = small_networks.save(network, tmp_path / "silent.onnx")
    fields = (
        "resize=stretch 8x8,filter=nearest,crop=none,color=RGB,scale=1,mean=0,std=1"
    )
    options = [f"--{field}" for field in fields.split(",")]
    note = note_of(synsight, picture(), "--model", path, *options)
    assert note.splitlines()[0] == "note: the model does not name its 3 classes"
    note = note_of(synsight, picture(), "--model", path, *options[1:])
    assert "guessed resize stretch 8x8 because" in note
    assert "; the model does not name its 3 classes" in note


WARNING = "warning: a wrong guess gives wrong answers; say"


def network_of(shape, dtype=TensorProto.FLOAT, metadata=None):
    """Takes pictures of any such input, and gives as many scores as it has columns."""
    channel_axis = 3 if shape[3] == 3 else 1
    axes = [axis for axis in (1, 2, 3) if axis != channel_axis]
    nodes = [
        helper.make_node("Cast", ["input"], ["x"], name="cast", to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=axes, keepdims=0),
        helper.make_node("MatMul", ["mean", "w"], ["scores"], name="dense"),
    ]
    weight = tensor("w", np.ones((shape[channel_axis], 1000), np.float32))
    inputs, outputs = [value("input", shape, dtype)], [value("scores", [1, 1000])]
    return small_networks.model(nodes, inputs, outputs, [weight], metadata)


@pytest.mark.parametrize(
    "shape, dtype, preset, reason",
    [
        (
            [1, 3, 224, 224],
            TensorProto.FLOAT,
            "torchvision",
            "channels first, as PyTorch",
        ),
        ([1, 224, 224, 3], TensorProto.FLOAT, "keras-tf", "channels last, as Keras"),
        ([1, 224, 224, 3], TensorProto.UINT8, "keras-raw", "is uint8, as pixels are"),
        ([1, 3, 32, 32], TensorProto.FLOAT, "torchvision", "fill so small a frame"),
    ],
)
def test_a_guess_has_its_reason_and_what_would_settle_it(
    synsight, picture, tmp_path, shape, dtype, preset, reason
):
    path = small_networks.save(network_of(shape, dtype), tmp_path / "silent.onnx")
    note, warning = note_of(synsight, picture(), "--model", path).splitlines()
    assert f"guessed preset {preset} (" in note and reason in note
    assert note.endswith("guessed imagenet-1k because it has as many")
    assert warning.startswith(f"{WARNING} --preset NAME --labels FILE, or ")
    assert (
        "python -m models describe MODEL.onnx --preset NAME --classes FILE" in warning
    )


def test_what_comes_from_keras_is_fed_as_keras_does(synsight, picture, tmp_path):
    network = network_of([1, 3, 224, 224], metadata={"synsight.layers": "keras"})
    path = small_networks.save(network, tmp_path / "keras.onnx")
    note, _ = note_of(synsight, picture(), "--model", path).splitlines()
    assert "guessed preset keras-tf (" in note and "its layers come from Keras" in note


def test_the_warning_names_only_what_is_missing(synsight, picture, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(f"label {i}" for i in range(1000)))
    network = network_of([1, 3, 224, 224])
    path = small_networks.save(network, tmp_path / "silent.onnx")
    arguments = (picture(), "--model", path)
    _, warning = note_of(synsight, *arguments, "--preset", "torchvision").splitlines()
    assert warning.startswith(f"{WARNING} --labels FILE, or ")
    _, warning = note_of(synsight, *arguments, "--labels", labels).splitlines()
    assert warning.startswith(f"{WARNING} --preset NAME, or ")
    settled = ("--preset", "torchvision", "--labels", labels)
    assert note_of(synsight, *arguments, *settled) == ""


@pytest.mark.parametrize(
    "fields, wanted",
    [
        ({"resize": "stretch 32x32"}, 'metadata synsight.resize "stretch 32x32" makes'),
        (
            {"crop": "192x160"},
            'metadata synsight.crop "192x160" makes pictures of 192x160',
        ),
    ],
)
def test_metadata_and_a_graph_of_another_size_are_refused_with_both(
    synsight, picture, tmp_path, fields, wanted
):
    metadata = {f"synsight.{key}": text for key, text in fields.items()}
    network = network_of([1, 3, 224, 224], metadata=COLOR_METADATA | metadata)
    path = small_networks.save(network, tmp_path / "wrong.onnx")
    error = synsight.error("classify", picture(), "--model", path)
    assert wanted in error
    assert 'input "input" wants 224x224 (width x height)' in error


def test_an_option_of_another_size_is_refused_by_name(synsight, picture, color_model):
    arguments = ("classify", picture(), "--model", color_model)
    error = synsight.error(*arguments, "--resize", "stretch 9x8")
    assert 'the option resize "stretch 9x8" makes pictures of 9x8' in error


def test_metadata_and_a_graph_of_other_channels_are_refused_with_both(
    synsight, picture, tmp_path
):
    network = network_of([1, 1, 28, 28], metadata=COLOR_METADATA)
    path = small_networks.save(network, tmp_path / "grey.onnx")
    error = synsight.error("classify", picture(), "--model", path)
    assert (
        'metadata synsight.color is "RGB", but input "input" has shape [1,1,28,28]'
        in error
    )
