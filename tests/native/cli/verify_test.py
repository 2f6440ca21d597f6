# SPDX-License-Identifier: Apache-2.0
import numpy as np
import small_networks
from onnx import helper


def test_random_input_is_compared_on_every_backend(synsight, tmp_path):
    network = small_networks.slow_network(num_layers=3, side=16, channels=8)
    path = small_networks.save(network, tmp_path / "network.onnx")
    lines = synsight.ok("verify", path).splitlines()
    assert lines[1].split() == [
        *("input", "backend", "outputs", "all", "values", "good"),
        *("largest", "behind"),
    ]
    (row,) = [line.split() for line in lines[2:]]
    assert row[:2] == ["random", "xnnpack"]
    assert row[4] == "yes"
    outputs, values = float(row[2]), float(row[3])
    assert 0 <= outputs <= values <= 1e-5


def test_pictures_are_compared_one_by_one(synsight, color_model, picture):
    red, blue = picture("red.png"), picture("blue.png", (0, 0, 255))
    lines = synsight.ok("verify", color_model, red, blue).splitlines()
    assert [line.split()[0] for line in lines[2:]] == [str(red), str(blue)]


def test_the_real_network_agrees(synsight, real_model, test_data, is_sanitized):
    if is_sanitized:
        pictures = []
    else:
        folder = test_data / "images" / "imagenet-samples"
        pictures = sorted(folder.glob("*.JPEG"))[:2]
    synsight.ok("verify", real_model("efficientnet-lite0"), *pictures)


def test_a_picture_that_fails_ends_it(synsight, color_model, tmp_path):
    path = tmp_path / "missing.png"
    assert str(path) in synsight.error("verify", color_model, path)


def test_a_network_that_quantises_is_said_to(synsight, tmp_path):
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"], name="round"),
        helper.make_node(
            "DequantizeLinear", ["q", "scale", "zero"], ["y"], name="back"
        ),
    ]
    value, tensor = small_networks.value, small_networks.tensor
    settings = [tensor("scale", np.float32(0.1)), tensor("zero", np.uint8(128))]
    for count, wanted in ((2, "QuantizeLinear"), (0, "")):
        made = nodes[:count] or [helper.make_node("Relu", ["x"], ["y"], name="relu")]
        network = small_networks.model(
            made, [value("x", [2])], [value("y", [2])], settings[:count]
        )
        path = small_networks.save(network, tmp_path / f"{count}.onnx")
        finished = synsight("verify", path)
        assert finished.returncode == 0
        assert finished.stderr.startswith("note: " if wanted else "")
        assert finished.stderr.count("\n") == bool(wanted)
        assert wanted in finished.stderr
