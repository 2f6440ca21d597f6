# SPDX-License-Identifier: Apache-2.0
"""Tests of tests/benchmarks/networks.py; VGG16 is left out for its 553 MB."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(name, path):
    command = [sys.executable, "tests/benchmarks/networks.py", name, "-o", str(path)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(
    scope="module", params=["mobilenet_v2", "resnet50", "inception_v3", "xception"]
)
def model(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("networks") / f"{request.param}.onnx"
    result = make(request.param, path)
    assert (result.returncode, result.stderr) == (0, "")
    return path


def test_onnx_accepts_the_network(model):
    onnx.checker.check_model(model, full_check=True)


def test_different_inputs_give_clearly_different_logits(model):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(model)
    size = session.get_inputs()[0].shape[2]
    random = np.random.default_rng(1)
    noise = random.standard_normal((1, 3, size, size), np.float32)
    blocks = random.standard_normal((1, 3, size // 16 + 1, size // 16 + 1), np.float32)
    blocks = blocks.repeat(16, axis=2).repeat(16, axis=3)[:, :, :size, :size]
    inputs = np.concatenate([noise, blocks])
    (logits,) = session.run(None, {"input": inputs})
    assert np.all(logits.std(axis=1) > 0.3)
    assert np.all(logits.std(axis=1) < 4)
    assert np.std(logits[0] - logits[1]) > 0.3
    assert np.corrcoef(logits)[0, 1] < 0.95


def test_an_unknown_network_is_exit_code_2(tmp_path):
    result = make("vgg99", tmp_path / "vgg99.onnx")
    assert result.returncode == 2
    assert "vgg16" in result.stderr


def test_an_unwritable_file_is_one_line(tmp_path):
    result = make("mobilenet_v2", tmp_path)
    assert result.returncode == 1
    assert result.stderr == f"error: {tmp_path}: cannot be written: not a plain file\n"
