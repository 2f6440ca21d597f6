# SPDX-License-Identifier: Apache-2.0
"""What classes are called, and Keras's form of predictions."""

import ast
import json
import os

import numpy as np
import pytest
import small_networks
from onnx import helper
from small_networks import COLORS, tensor, value


def classify_json(synsight, *arguments):
    text = synsight.ok("classify", "--format", "json", *arguments)
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    "bias",
    [(0, 0, 0), (0, -9.3, -12.1), (0, -60, -95), (0, 200, -200), (3, 3.5, -0.33)],
)
def test_keras_lists_are_what_python_prints(synsight, picture, tmp_path, bias):
    labels = ["jack-o'-lantern", 'the "big" one', "both ' and \" and \\"]
    classes = "\n".join(f"n0000000{i}\t{label}" for i, label in enumerate(labels))
    metadata = small_networks.COLOR_METADATA | {"synsight.classes": classes}
    network = small_networks.color_network(metadata, bias)
    path = small_networks.save(network, tmp_path / "labels.onnx")
    arguments = (picture(), "--model", path, "--top", 3)
    text = synsight.ok("classify", *arguments, "--format", "keras")
    (result,) = classify_json(synsight, *arguments)
    # NumPy 1 prints a float32 inside a list as str() does; NumPy 2 adds `np.float32()`.
    entries = [
        f"({p['wnid']!r}, {p['label']!r}, {np.float32(p['probability'])!s})"
        for p in result["predictions"]
    ]
    assert text == "[[" + ", ".join(entries) + "]]\n"
    assert [p["label"] for p in result["predictions"]] == [
        labels[p["index"]] for p in result["predictions"]
    ]


def test_many_pictures_are_one_list_of_lists(synsight, color_model, picture):
    pictures = [picture("red.png"), picture("blue.png", (0, 0, 255))]
    arguments = ("--model", color_model, "--top", 2)
    text = synsight.ok("classify", *pictures, *arguments, "--format", "keras")
    found = ast.literal_eval(text)
    results = classify_json(synsight, *pictures, *arguments)
    assert found == [
        [(p["wnid"], p["label"], p["probability"]) for p in result["predictions"]]
        for result in results
    ]
    assert [len(predictions) for predictions in found] == [2, 2]
    assert [predictions[0][1] for predictions in found] == ["red", "blue"]


def test_a_picture_that_fails_is_left_out_of_the_list(
    synsight, color_model, picture, tmp_path
):
    pictures = ["missing.png", picture("red.png"), "missing.png"]
    arguments = ("--model", color_model, "--format", "keras")
    finished = synsight("classify", *pictures, *arguments, cwd=tmp_path)
    assert finished.returncode == 1
    ((best, *_),) = ast.literal_eval(finished.stdout)
    assert best[1] == "red"


@pytest.fixture
def scores_model(tmp_path):
    """A network with the softmax of 1000 scores that pictures decide, and no labels."""
    weight = np.random.default_rng(4).normal(0, 3, (3, 1000)).astype(np.float32)
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"], name="mean"),
        helper.make_node("Flatten", ["mean"], ["flat"], name="flatten"),
        helper.make_node("MatMul", ["flat", "w"], ["logits"], name="dense"),
        helper.make_node("Softmax", ["logits"], ["scores"], name="softmax"),
    ]
    inputs, outputs = [value("input", [1, 3, 8, 8])], [value("scores", [1, 1000])]
    metadata = small_networks.COLOR_METADATA | {"synsight.classes": "imagenet-1k"}
    network = small_networks.model(
        nodes, inputs, outputs, [tensor("w", weight)], metadata
    )
    return small_networks.save(network, tmp_path / "scores.onnx")


@pytest.mark.parametrize("top", [1, 5, 1000])
def test_keras_decodes_the_same(
    synsight, scores_model, picture, tmp_path, test_data, monkeypatch, top
):
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "openvino"))
    imagenet_utils = pytest.importorskip("keras.src.applications.imagenet_utils")
    index = json.loads((test_data / "labels/imagenet_class_index.json").read_text())
    monkeypatch.setattr(imagenet_utils, "CLASS_INDEX", index)
    colors = [(255, 0, 0), (0, 90, 255), (3, 200, 40)]
    pictures, preds = [], []
    for i, color in enumerate(colors):
        pictures.append(picture(f"{i}.png", color))
        pixels = np.broadcast_to(np.float32(color)[:, None, None] / 255, (1, 3, 8, 8))
        np.save(tmp_path / "input.npy", pixels)
        output = tmp_path / "scores.npy"
        synsight.ok("run", scores_model, tmp_path / "input.npy", "-o", output)
        preds.append(np.load(output)[0])
    arguments = ("--model", scores_model, "--top", top, "--format", "keras")
    text = synsight.ok("classify", *pictures, *arguments)
    wanted = imagenet_utils.decode_predictions(np.stack(preds), top=top)
    found = ast.literal_eval(text)
    assert [[name[:2] for name in names] for names in found] == [
        [name[:2] for name in names] for names in wanted
    ]
    for ours, theirs in zip(found, wanted, strict=True):
        assert [np.float32(score) for *_, score in ours] == [s for *_, s in theirs]
    with np.printoptions(legacy="1.25"):
        printed = str(wanted)
    assert "".join(text.split()) == "".join(printed.split())


def test_labels_of_a_file_win_over_the_models(synsight, color_model, picture, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("rot\nn01\tgr\u00fcn\r\nblau\n", encoding="utf-8")
    arguments = (picture(), "--model", color_model, "--labels", labels)
    (result,) = classify_json(synsight, *arguments)
    by_index = {p["index"]: (p["wnid"], p["label"]) for p in result["predictions"]}
    assert by_index == {0: ("", "rot"), 1: ("n01", "gr\u00fcn"), 2: ("", "blau")}
    (result,) = classify_json(synsight, *arguments[:-2])
    assert {p["label"] for p in result["predictions"]} == set(COLORS)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("", "the list of classes is empty"),
        ("a\n\nc\n", "no label in line 2"),
        ("a\nb\n", "names 2, the network gives 3 scores"),
        (None, "does not exist"),
    ],
)
def test_a_list_that_does_not_fit(
    synsight, color_model, picture, tmp_path, text, wanted
):
    labels = tmp_path / "labels.txt"
    if text is not None:
        labels.write_text(text)
    arguments = (picture(), "--model", color_model, "--labels", labels)
    assert wanted in synsight.error("classify", *arguments)


def test_the_labels_are_not_replaced(synsight, color_model, picture, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("a\nb\nc\n")
    arguments = (picture(), "--model", color_model, "--labels", labels)
    error = synsight.error("classify", *arguments, "--output", labels)
    assert f'"{labels}" would replace' in error
    assert labels.read_text() == "a\nb\nc\n"
