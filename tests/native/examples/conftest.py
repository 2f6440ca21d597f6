# SPDX-License-Identifier: Apache-2.0
"""A model that a person can check by hand, a picture for it, and the build to be tested."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from command import ROOT
from onnx import TensorProto, helper
from PIL import Image

METADATA = {
    "synsight.resize": "stretch 8x8",
    "synsight.scale": "1/255",
    "synsight.classes": "red\ngreen\nblue",
}
COLOR = (40, 230, 120)


@pytest.fixture(scope="session")
def build_dir():
    return Path(os.environ.get("SYNSIGHT_BUILD_DIR", ROOT / "build/release"))


def write_model(path):
    """A classifier whose scores are ten times the means of the picture's channels."""
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["picture"], ["means"]),
            helper.make_node("Mul", ["means", "ten"], ["tenfold"]),
            helper.make_node("Flatten", ["tenfold"], ["scores"]),
        ],
        "colors",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor("ten", TensorProto.FLOAT, [], [10.0])],
    )
    opset = helper.make_operatorsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def expected_output():
    scores = np.array(COLOR, dtype=np.float64) / 255 * 10
    probabilities = np.exp(scores) / np.exp(scores).sum()
    labels = METADATA["synsight.classes"].split("\n")
    best = np.argsort(-probabilities)
    return "".join(f"{100 * probabilities[i]:6.2f} %  {labels[i]}\n" for i in best)


@pytest.fixture(scope="session")
def colors(tmp_path_factory):
    """The model's file, a picture's file, and what the examples print for them."""
    folder = tmp_path_factory.mktemp("colors")
    write_model(folder / "colors.onnx")
    Image.new("RGB", (20, 10), COLOR).save(folder / "picture.png")
    return SimpleNamespace(
        model=folder / "colors.onnx",
        picture=folder / "picture.png",
        output=expected_output(),
    )
