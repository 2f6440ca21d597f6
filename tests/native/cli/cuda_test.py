# SPDX-License-Identifier: Apache-2.0
"""The program with the CUDA backend, on a machine that has no GPU."""

import json
import subprocess

import numpy as np
import pytest
from small_networks import COLORS, color_probabilities


@pytest.fixture(autouse=True)
def cuda_without_a_gpu(synsight):
    if "cuda" not in synsight.ok("version"):
        pytest.skip("the program is built without CUDA")
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False)
    except FileNotFoundError:
        return
    if listed.returncode == 0 and listed.stdout:
        pytest.skip("there is a GPU")


def test_cuda_alone_is_one_clear_line(synsight, color_model, picture):
    arguments = (picture(), "--model", color_model, "--backend", "cuda")
    error = synsight.error("classify", *arguments)
    assert "NVIDIA driver" in error or "GPU" in error
    assert "the CUDA backend needs" in error


def test_auto_goes_on_to_the_cpu_and_says_so(synsight, color_model, picture):
    arguments = (picture(color=(20, 200, 90)), "--model", color_model)
    for backend in ((), ("--backend", "auto")):
        finished = synsight("classify", "--format", "json", *arguments, *backend)
        assert finished.returncode == 0, finished.stderr
        (result,) = [json.loads(line) for line in finished.stdout.splitlines()]
        by_label = {p["label"]: p["probability"] for p in result["predictions"]}
        np.testing.assert_allclose(
            [by_label[label] for label in COLORS],
            color_probabilities((20, 200, 90)),
            rtol=2e-6,
        )
        notes = finished.stderr.splitlines()
        (note,) = [line for line in notes if "cuda" in line]
        assert note.startswith("note: running on xnnpack, for cuda: ")


def test_cuda_is_the_first_backend_and_has_a_kernel_for_conv(synsight):
    titles, *rows = synsight.ok("ops").splitlines()
    assert titles.split() == ["operator", "opset", "cuda", "xnnpack", "reference"]
    (conv,) = [row for row in rows if row.split()[0] == "Conv"]
    assert "cudnn convolution" in conv
