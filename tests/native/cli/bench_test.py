# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
import small_networks
from onnx import helper
from small_networks import tensor, value


@pytest.fixture
def conv_model(tmp_path):
    """A Conv of 2*16*3*9*H*W operations a picture, a Relu, and a Conv of 2*8*16*H*W."""
    nodes = [
        helper.make_node("Conv", ["input", "w1"], ["a"], name="wide", pads=[1] * 4),
        helper.make_node("Conv", ["a", "w2"], ["b"], name="flat"),
        helper.make_node(
            "MaxPool", ["b"], ["output"], name="pool", kernel_shape=[2, 2]
        ),
    ]
    network = small_networks.model(
        nodes,
        [value("input", ["N", 3, "H", "W"])],
        [value("output", ["N", 8, "H2", "W2"])],
        [
            tensor("w1", np.full((16, 3, 3, 3), 0.1, np.float32)),
            tensor("w2", np.full((8, 16, 1, 1), 0.1, np.float32)),
        ],
    )
    return small_networks.save(network, tmp_path / "conv.onnx")


def bench_json(synsight, *arguments):
    text = synsight.ok("bench", *arguments, "--runs", 5, "--format", "json")
    return json.loads(text)


@pytest.mark.parametrize("backend", ["xnnpack", "reference"])
def test_json_has_times_and_counts_the_work(synsight, conv_model, backend):
    options = ("--batch", 2, "--input-size", "32x24", "--backend", backend)
    result = bench_json(synsight, conv_model, *options, "--threads", 1)
    assert result["backend"] == backend
    assert result["threads"] == 1
    assert result["input_shapes"] == [[2, 3, 32, 24]]
    assert 0 < result["minimum_ms"] <= result["median_ms"]
    operations = 2 * (2 * 16 * 3 * 9 + 2 * 8 * 16) * 32 * 24
    # Biases and pooling may be counted or not.
    assert result["gflop"] == pytest.approx(operations / 1e9, rel=0.1)
    assert result["gflop_per_second"] == pytest.approx(
        result["gflop"] / result["median_ms"] * 1e3, rel=1e-4
    )
    assert "nodes" not in result


@pytest.mark.parametrize("backend", ["xnnpack", "reference"])
def test_the_profile_has_every_node_in_order(synsight, conv_model, backend):
    options = ("--input-size", "32x24", "--backend", backend, "--profile")
    nodes = bench_json(synsight, conv_model, *options)["nodes"]
    assert [node["name"] for node in nodes] == ["wide", "flat", "pool"]
    assert [node["type"] for node in nodes] == ["Conv", "Conv", "MaxPool"]
    assert all(node["ms"] > 0 and node["kernel"] for node in nodes)


def test_the_table_shows_the_profile(synsight, conv_model):
    options = ("--input-size", "32x24", "--runs", 3, "--threads", 1)
    lines = synsight.ok("bench", conv_model, *options, "--profile").splitlines()
    assert "[1,3,32,24]" in lines[0] and "1 thread, 3 runs" in lines[0]
    assert lines[1].startswith("median ") and lines[2].startswith("minimum ")
    title = next(i for i, line in enumerate(lines) if "kernel" in line)
    rows = [line.split() for line in lines[title + 1 :]]
    assert [row[-1] for row in rows] == ["wide", "flat", "pool"]
    assert sum(float(row[1]) for row in rows) == pytest.approx(100, abs=0.3)


def test_an_open_size_takes_the_models_own_crop(synsight, tmp_path):
    nodes = [helper.make_node("Relu", ["input"], ["output"], name="relu")]
    shape = ["N", 3, "H", "W"]
    metadata = {"synsight.resize": "shorter 30", "synsight.crop": "28x26"}
    network = small_networks.model(
        *(nodes, [value("input", shape)], [value("output", shape)]), metadata=metadata
    )
    path = small_networks.save(network, tmp_path / "open.onnx")
    assert bench_json(synsight, path)["input_shapes"] == [[1, 3, 26, 28]]


def test_a_batch_that_the_model_fixes_cannot_be_changed(synsight, tmp_path):
    nodes = [helper.make_node("Relu", ["input"], ["output"], name="relu")]
    shape = [1, 3, 4, 4]
    network = small_networks.model(
        nodes, [value("input", shape)], [value("output", shape)]
    )
    path = small_networks.save(network, tmp_path / "fixed.onnx")
    error = synsight.error("bench", path, "--batch", 2)
    assert "[2,3,4,4]" in error and "[1,3,4,4]" in error
