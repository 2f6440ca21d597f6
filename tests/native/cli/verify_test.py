# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import small_networks
from onnx import helper

COLUMNS = "input backend precision outputs all values at most good largest behind"


def rows_of(report):
    """The table's rows, below what is said of the machine."""
    lines = report.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split() == COLUMNS.split())
    return [line.split() for line in lines[start + 1 :]]


def test_random_input_is_compared_on_every_backend(synsight, tmp_path):
    network = small_networks.slow_network(num_layers=3, side=16, channels=8)
    path = small_networks.save(network, tmp_path / "network.onnx")
    report = synsight.ok("verify", path, "--threads", 2)
    (row,) = [row for row in rows_of(report) if row[1] != "cuda"]
    assert row[:3] == ["random", "xnnpack", "f32"]
    assert row[5:7] == ["1.0e-04", "yes"]
    outputs, values = float(row[3]), float(row[4])
    assert 0 <= outputs <= values <= 1e-5


def test_the_report_says_on_what_it_was_made(synsight, color_model):
    program, cpu, *_ = synsight.ok("verify", color_model, "--threads", 2).splitlines()
    version = json.loads(synsight.ok("version", "--format", "json"))
    assert program == f"synsight {version['version']}, {color_model}"
    assert cpu == f"cpu: {version['cpu']}, 2 threads"


def test_one_backend_may_be_named(synsight, color_model):
    rows = rows_of(synsight.ok("verify", color_model, "--backend", "xnnpack"))
    assert [row[1] for row in rows] == ["xnnpack"]
    error = synsight.error("verify", color_model, "--backend", "cud", code=2)
    assert "--backend" in error
    error = synsight.error("verify", color_model, "--backend", "reference")
    assert "no backend to compare" in error


def test_pictures_are_compared_one_by_one(synsight, color_model, picture):
    red, blue = picture("red.png"), picture("blue.png", (0, 0, 255))
    rows = rows_of(
        synsight.ok("verify", color_model, red, blue, "--backend", "xnnpack")
    )
    assert [row[0] for row in rows] == [str(red), str(blue)]


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
        finished = synsight("verify", path, "--backend", "xnnpack")
        assert finished.returncode == 0
        assert finished.stderr.startswith("note: " if wanted else "")
        assert finished.stderr.count("\n") == bool(wanted)
        assert wanted in finished.stderr
