# SPDX-License-Identifier: Apache-2.0
"""Models whose weights are stored as f16 or int8: the same kernels, as good answers."""

import json
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import small_networks
from conftest import ROOT

MODEL = "efficientnet-lite0"
KINDS = ["f16", "int8"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A function: the file that `models convert` makes of an ONNX file's weights."""
    folder = tmp_path_factory.mktemp("small")

    def convert(path, kind):
        output = folder / f"{path.stem}-{kind}.onnx"
        command = [sys.executable, "-m", "models", "convert", path, "-o", output]
        subprocess.run([*command, "--weights", kind], cwd=ROOT, check=True)
        assert output.stat().st_size < path.stat().st_size * 0.6
        return output

    return convert


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Convolutions, the first with few weights and the others with many."""
    made = small_networks.slow_network(num_layers=3, side=16, channels=48)
    return small_networks.save(made, tmp_path_factory.mktemp("network") / "net.onnx")


def profile(synsight, path):
    text = synsight.ok(*("bench", path, "--runs", 1, "--profile", "--format", "json"))
    nodes = json.loads(text)["nodes"]
    return [(node["name"], node["type"], node["kernel"]) for node in nodes]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_layers_run_in_the_same_kernels(synsight, network, small, kind):
    path = small(network, kind)
    assert profile(synsight, path) == profile(synsight, network)
    assert synsight.ok("summary", path) == synsight.ok("summary", network)


def range_error(synsight, path, array, folder):
    """The largest difference from ONNX Runtime's logits, as a part of their range."""
    np.save(folder / "input.npy", array)
    synsight.ok("run", path, folder / "input.npy", "-o", folder / "logits.npy")
    options = onnxruntime.SessionOptions()
    # Else it multiplies by some 8-bit weights in 8 bits, the inputs too.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(path, options)
    (wanted,) = session.run(None, {"input": array})
    difference = np.abs(np.load(folder / "logits.npy") - wanted).max()
    return difference / np.ptp(wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_the_logits_are_onnx_runtimes(synsight, network, small, kind, tmp_path):
    shape = (1, 3, 16, 16)
    array = np.random.default_rng(1).standard_normal(shape, np.float32)
    assert range_error(synsight, small(network, kind), array, tmp_path) <= 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_logits_are_onnx_runtimes(synsight, real_model, small, kind, tmp_path):
    array = np.random.default_rng(1).standard_normal((2, 3, 224, 224), np.float32)
    assert (
        range_error(synsight, small(real_model(MODEL), kind), array, tmp_path) <= 1e-4
    )


def num_right(synsight, model, photographs):
    """How many photographs are named right at first."""
    text = synsight.ok("classify", *photographs, "--model", model, "--format", "json")
    best = [json.loads(line)["predictions"][0]["wnid"] for line in text.splitlines()]
    truth = [path.name.partition("_")[0] for path in photographs]
    return sum(ours == right for ours, right in zip(best, truth, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_one_photograph_less_at_most_is_named_right(
    synsight, real_model, small, kind, test_data, is_sanitized
):
    photographs = sorted((test_data / "images" / "imagenet-samples").glob("*.JPEG"))
    assert len(photographs) == 100
    photographs = photographs[::10] if is_sanitized else photographs
    model = real_model(MODEL)
    least = num_right(synsight, model, photographs) - 1
    assert num_right(synsight, small(model, kind), photographs) >= least
