# SPDX-License-Identifier: Apache-2.0
"""Keras as the oracle: on OpenVINO, in f32, which is not its default on newer CPUs.

Imported before Keras.
"""

import os

import openvino

os.environ["KERAS_BACKEND"] = "openvino"
_core = openvino.Core()
_core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def _compile_model(model, device="CPU", config=None):
    return _core.compile_model(model, device, config or {})


openvino.compile_model = _compile_model
