# SPDX-License-Identifier: Apache-2.0
import io
import os

import ml_dtypes
import numpy as np
import pytest
import small_networks
from onnx import TensorProto, helper

DTYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "float64": TensorProto.DOUBLE,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "bool": TensorProto.BOOL,
}


@pytest.fixture
def two_by_two(tmp_path):
    return small_networks.save(small_networks.two_by_two(), tmp_path / "two.onnx")


@pytest.fixture
def transpose(tmp_path):
    """A function: the file of a network that transposes [2,3] of an element type."""

    def make(dtype):
        return small_networks.save(small_networks.transpose(dtype), tmp_path / "t.onnx")

    return make


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("backend", ["auto", "reference"])
def test_every_element_type_goes_in_and_comes_out(
    synsight, transpose, tensor_file, tmp_path, name, backend
):
    array = (np.arange(6).reshape(2, 3) * 3 % 7).astype(name)
    output = tmp_path / "out.npy"
    model = transpose(DTYPES[name])
    synsight.ok("run", model, tensor_file(array), "-o", output, "--backend", backend)
    result = np.load(output)
    assert result.dtype == array.dtype
    np.testing.assert_array_equal(result, array.T)


def test_bfloat16_is_float32_in_files(synsight, transpose, tensor_file, tmp_path):
    array = np.float32([[1, 2.5, -3], [1e10, 0.1, 7]])
    output = tmp_path / "out.npy"
    synsight.ok(
        "run", transpose(TensorProto.BFLOAT16), tensor_file(array), "-o", output
    )
    wanted = array.astype(ml_dtypes.bfloat16).astype(np.float32).T
    np.testing.assert_array_equal(np.load(output), wanted)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_read(synsight, transpose, tmp_path, version):
    array = np.float32([[1, 2, 3], [4, 5, 6]])
    with open(tmp_path / "input.npy", "wb") as file:
        np.lib.format.write_array(file, array, version)
    output = tmp_path / "out.npy"
    model = transpose(TensorProto.FLOAT)
    synsight.ok("run", model, tmp_path / "input.npy", "-o", output)
    np.testing.assert_array_equal(np.load(output), array.T)


def test_inputs_are_matched_by_name_and_the_others_by_order(
    synsight, two_by_two, tensor_file, tmp_path
):
    left = np.float32([[1, 2, 3]])
    right = np.float32([[10, 20, 40]])
    left_file, right_file = tensor_file(left, "l.npy"), tensor_file(right, "r.npy")
    for inputs in (
        [left_file, right_file],
        [f"right={right_file}", f"left={left_file}"],
        [f"right={right_file}", left_file],
    ):
        folder = tmp_path / "out"
        synsight.ok("run", two_by_two, *inputs, "-o", folder)
        assert sorted(os.listdir(folder)) == ["a_product.npy", "sum.npy"]
        np.testing.assert_array_equal(np.load(folder / "sum.npy"), left + right)
        np.testing.assert_array_equal(np.load(folder / "a_product.npy"), left * right)


def test_a_file_whose_name_has_an_equals_sign_is_a_file(
    synsight, transpose, tensor_file, tmp_path
):
    array = np.float32([[1, 2, 3], [4, 5, 6]])
    path = tensor_file(array, "a=b.npy")
    model = transpose(TensorProto.FLOAT)
    synsight.ok("run", model, path, "-o", tmp_path / "out.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), array.T)


def test_a_folder_takes_a_single_output_under_its_name(
    synsight, transpose, tensor_file, tmp_path
):
    array = np.float32([[1, 2, 3], [4, 5, 6]])
    model = transpose(TensorProto.FLOAT)
    synsight.ok("run", model, tensor_file(array), "-o", f"{tmp_path}/made/")
    np.testing.assert_array_equal(np.load(tmp_path / "made" / "y.npy"), array.T)


def test_a_batch_of_any_size_is_taken(synsight, color_model, tensor_file, tmp_path):
    generator = np.random.default_rng(5)
    for batch in (1, 4):
        array = generator.normal(size=(batch, 3, 8, 8)).astype(np.float32)
        output = tmp_path / "out.npy"
        synsight.ok("run", color_model, tensor_file(array), "-o", output)
        wanted = [
            small_networks.color_logits(picture)
            for picture in array.astype(np.float64).mean((2, 3))
        ]
        np.testing.assert_allclose(np.load(output), wanted, rtol=1e-5, atol=1e-5)


def npy(descr="'<f4'", order="False", shape="(2, 3)", data=b"\0" * 24, **other):
    """The bytes of a .npy file with any header."""
    text = other.get("text", f"{{'descr': {descr}, 'fortran_order': {order}, ")
    if "text" not in other:
        text += f"'shape': {shape}, }}\n"
    prefix = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")
    return prefix + text.encode() + data


@pytest.mark.parametrize(
    "content, wanted",
    [
        (b"", "magic"),
        (b"hello, this is text", "magic"),
        (npy()[:8], "cut"),
        (npy()[:40], "cut"),
        (npy()[:-1], "23 bytes"),
        (npy() + b"\0", "25 bytes"),
        (npy(shape="(2, 4)"), "another number"),
        (npy(descr="'>f4'"), "big-endian"),
        (npy(order="True"), "Fortran order"),
        (npy(descr="'<f4', 'more': 3"), "unknown key"),
        (npy(descr="[('a', '<f4')]"), "records"),
        (npy(descr="'<c8'"), "<c8"),
        (npy(descr="'|O'"), "|O"),
        (npy(descr="'=f4'"), "=f4"),
        (npy(order="0"), "neither True nor False"),
        (npy(shape="(-2, 3)"), "tuple of sizes"),
        (npy(shape="(99999999999999999999,)"), "tuple of sizes"),
        (npy(shape="(4294967296, 4294967296)"), "4294967296"),
        (npy(shape="(1,1,1,1,1,1,1,1,6)"), "dimensions"),
        (npy(shape="6"), "no tuple"),
        (npy(text="{}"), "lacks"),
        (npy(text="{'descr"), "header"),
        (npy(text="{'descr': '<f4'"), "header"),
        (npy(text="[1, 2]"), "no dictionary"),
        (npy().replace(b"\x01\x00", b"\x09\x00", 1), "version 9"),
    ],
)
def test_a_damaged_file_is_refused_by_what_is_wrong(
    synsight, transpose, tmp_path, content, wanted
):
    path = tmp_path / "damaged.npy"
    path.write_bytes(content)
    output = tmp_path / "out.npy"
    model = transpose(TensorProto.FLOAT)
    error = synsight.error("run", model, path, "-o", output)
    assert str(path) in error and wanted in error
    assert not output.exists()


def test_the_element_type_must_be_the_models(
    synsight, transpose, tensor_file, tmp_path
):
    path = tensor_file(np.zeros((2, 3)))
    model = transpose(TensorProto.FLOAT)
    error = synsight.error("run", model, path, "-o", tmp_path / "out.npy")
    assert "float64" in error and "float32" in error and '"x"' in error


def test_the_shape_must_be_the_models(synsight, transpose, tensor_file, tmp_path):
    path = tensor_file(np.zeros((3, 2), np.float32))
    model = transpose(TensorProto.FLOAT)
    error = synsight.error("run", model, path, "-o", tmp_path / "out.npy")
    assert "[3,2]" in error and "[2,3]" in error and '"x"' in error
    assert not (tmp_path / "out.npy").exists()


@pytest.mark.parametrize("inputs", [["a"], ["a", "a", "a"], ["left=a", "left=a"]])
def test_the_number_of_inputs_must_be_the_models(
    synsight, two_by_two, tensor_file, tmp_path, inputs
):
    path = str(tensor_file(np.zeros((1, 3), np.float32)))
    inputs = [argument.removesuffix("a") + path for argument in inputs]
    error = synsight.error("run", two_by_two, *inputs, "-o", tmp_path / "out")
    assert "left" in error
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_no_input_is_said_with_those_that_are(
    synsight, two_by_two, tensor_file, tmp_path
):
    path = tensor_file(np.zeros((1, 3), np.float32))
    inputs = (f"foo={path}", f"right={path}")
    error = synsight.error("run", two_by_two, *inputs, "-o", tmp_path / "out")
    assert 'no input "foo"' in error and 'it has: "left" "right"' in error


def test_the_output_goes_to_standard_output(synsight, transpose, tensor_file, tmp_path):
    array = np.float32([[1, 2, 3], [4, 5, 6]])
    arguments = ("run", transpose(TensorProto.FLOAT), tensor_file(array), "-o", "-")
    (tmp_path / "here").mkdir()
    options = {"input": b"", "encoding": None, "errors": None}
    written = synsight.ok(*arguments, cwd=tmp_path / "here", **options)
    np.testing.assert_array_equal(np.load(io.BytesIO(written)), array.T)
    assert os.listdir(tmp_path / "here") == []


def test_standard_output_takes_no_two_outputs(
    synsight, two_by_two, tensor_file, tmp_path
):
    path = tensor_file(np.zeros((1, 3), np.float32))
    (tmp_path / "here").mkdir()
    arguments = ("run", two_by_two, path, path, "-o", "-")
    assert "2 outputs" in synsight.error(*arguments, cwd=tmp_path / "here")
    assert os.listdir(tmp_path / "here") == []


def test_a_folder_is_not_left_behind_where_nothing_goes_into_it(
    synsight, two_by_two, tensor_file, tmp_path
):
    files = [
        tensor_file(np.zeros((1, 3), np.float32), "left.npy"),
        tensor_file(np.zeros((1, 2), np.float32), "right.npy"),
    ]
    synsight.error("run", two_by_two, *files, "-o", tmp_path / "made")
    assert not (tmp_path / "made").exists()
    (tmp_path / "there").mkdir()
    synsight.error("run", two_by_two, *files, "-o", tmp_path / "there")
    assert os.listdir(tmp_path / "there") == []


def test_outputs_whose_names_make_the_same_file_are_refused(
    synsight, tensor_file, tmp_path
):
    nodes = [
        helper.make_node("Relu", ["x"], ["a/b"], name="first"),
        helper.make_node("Neg", ["x"], ["a_b"], name="second"),
    ]
    value = small_networks.value
    outputs = [value("a/b", [2]), value("a_b", [2])]
    network = small_networks.model(nodes, [value("x", [2])], outputs)
    path = small_networks.save(network, tmp_path / "same.onnx")
    array = tensor_file(np.zeros(2, np.float32))
    assert "a_b.npy" in synsight.error("run", path, array, "-o", tmp_path / "out")
