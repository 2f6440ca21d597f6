# SPDX-License-Identifier: Apache-2.0
"""Keras as the oracle: on OpenVINO, in f32, which is not its default on newer CPUs."""

import os
from pathlib import Path

import openvino
import pytest

os.environ["KERAS_BACKEND"] = "openvino"
ROOT = Path(__file__).resolve().parents[3]
_core = openvino.Core()
_core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def _compile_model(model, device="CPU", config=None):
    return _core.compile_model(model, device, config or {})


openvino.compile_model = _compile_model


@pytest.fixture(scope="session")
def synsight():
    """The program that SYNSIGHT names, or else that of the release build."""
    usual = ROOT / "build" / "release" / "bin" / "synsight"
    program = Path(os.environ.get("SYNSIGHT", usual)).resolve()
    if not program.is_file():
        pytest.skip(f"there is no {program}; do: make release")
    return program
