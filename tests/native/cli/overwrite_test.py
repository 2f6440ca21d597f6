# SPDX-License-Identifier: Apache-2.0
"""An output never replaces what the command reads."""

import os

import numpy as np
import onnx
import pytest
import small_networks
from onnx import TensorProto


def refuse(synsight, tmp_path, *arguments, output, **options):
    """The error of a command, which must leave everything as it was."""

    def contents():
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files}

    before = contents()
    error = synsight.error(
        *arguments, "-o" if "run" in arguments else "--output", output, **options
    )
    assert contents() == before
    assert f'"{output}" would replace' in error
    return error


@pytest.fixture
def external_model(tmp_path):
    """A model whose weights lie in external.onnx.data beside it."""
    path = tmp_path / "external.onnx"
    network = small_networks.color_network()
    where = {"location": "external.onnx.data", "size_threshold": 0}
    onnx.save(network, path, save_as_external_data=True, **where)
    return path


def make_link(kind, target, path):
    {"symbolic": os.symlink, "hard": os.link}[kind](target, path)
    return path


def test_a_picture(synsight, color_model, picture, tmp_path):
    path = picture()
    arguments = ("classify", path, "--model", color_model)
    assert str(path) in refuse(synsight, tmp_path, *arguments, output=path)
    folded = f"{tmp_path}/../{tmp_path.name}/{path.name}"
    assert str(path) in refuse(synsight, tmp_path, *arguments, output=folded)


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_a_picture_behind_a_link(synsight, color_model, picture, tmp_path, kind):
    path = picture()
    link = make_link(kind, path, tmp_path / "link.png")
    for read, written in ((path, link), (link, path)):
        arguments = ("classify", read, "--model", color_model)
        assert str(read) in refuse(synsight, tmp_path, *arguments, output=written)


def test_a_picture_of_a_folder(synsight, color_model, picture, tmp_path):
    folder = tmp_path / "pictures"
    paths = [picture(f"pictures/{name}.png") for name in "abc"]
    arguments = ("classify", folder, "--model", color_model)
    assert str(paths[1]) in refuse(synsight, tmp_path, *arguments, output=paths[1])


def test_a_picture_on_standard_input(synsight, color_model, picture, tmp_path):
    path = picture()
    arguments = ("classify", "-", "--model", color_model)
    with path.open("rb") as file:
        refuse(synsight, tmp_path, *arguments, output=path, input=None, stdin=file)


def test_the_model(synsight, color_model, picture, tmp_path):
    arguments = ("classify", picture(), "--model", color_model)
    refuse(synsight, tmp_path, *arguments, output=color_model)
    link = make_link("symbolic", color_model, tmp_path / "link.onnx")
    refuse(synsight, tmp_path, *arguments, output=link)


def test_a_model_by_its_name(synsight, color_model, picture, tmp_path):
    environment = os.environ | {"SYNSIGHT_MODELS": str(tmp_path)}
    arguments = ("classify", picture(), "--model", "color")
    refuse(synsight, tmp_path, *arguments, output=color_model, env=environment)


def test_the_models_external_data(synsight, external_model, picture, tmp_path):
    data = tmp_path / "external.onnx.data"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = make_link("symbolic", data, elsewhere / "link")
    for output in (data, link):
        arguments = ("classify", picture(), "--model", external_model)
        assert str(data) in refuse(synsight, tmp_path, *arguments, output=output)


def test_external_data_of_a_model_in_this_folder(
    synsight, external_model, picture, tmp_path
):
    arguments = ("classify", picture(), "--model", external_model.name)
    output = "external.onnx.data"
    refuse(synsight, tmp_path, *arguments, output=output, cwd=tmp_path)


@pytest.fixture
def transpose(tmp_path, tensor_file):
    """The arguments of a `run`, and the tensor that it reads: y.npy, called as the output."""
    network = small_networks.transpose(TensorProto.FLOAT)
    model = small_networks.save(network, tmp_path / "t.onnx")
    return model, tensor_file(np.zeros((2, 3), np.float32), "y.npy")


def test_an_input_tensor(synsight, transpose, tmp_path):
    model, tensor = transpose
    for argument in (tensor, f"x={tensor}"):
        error = refuse(synsight, tmp_path, "run", model, argument, output=tensor)
        assert error.count(str(tensor)) == 2


def test_an_input_tensor_in_the_folder_of_the_outputs(synsight, transpose, tmp_path):
    model, tensor = transpose
    before = tensor.read_bytes()
    error = synsight.error("run", model, tensor, "-o", tmp_path)
    assert f'"{tensor}" would replace' in error
    assert tensor.read_bytes() == before


def test_the_model_of_a_run(synsight, transpose, tmp_path):
    model, tensor = transpose
    refuse(synsight, tmp_path, "run", model, tensor, output=model)


def test_other_files_beside_them_are_replaced(
    synsight, external_model, picture, tmp_path
):
    output = tmp_path / "result.csv"
    output.write_text("old")
    arguments = (picture(), "--model", external_model, "--format", "csv")
    synsight.ok("classify", *arguments, "--output", output)
    assert output.read_text().startswith("image,rank")
