# SPDX-License-Identifier: Apache-2.0
"""Networks of a few layers with random weights, before and after they are made small.

What a small network computes is compared, in ONNX Runtime, with the network as it was but
with its weights replaced by what NumPy makes of the small ones.
"""

import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import ROOT
from onnx import TensorProto, helper, numpy_helper

from models import __main__
from models.errors import ModelsError
from models.small_weights import quantize, store_small

# Each layer's (operator, attributes, weight's shape, axis of its channels, input's shape).
LAYERS = {
    "conv": ("Conv", {}, (48, 40, 3, 3), 0, (2, 40, 8, 8)),
    "grouped conv": ("Conv", {"group": 4}, (64, 32, 3, 3), 0, (2, 128, 6, 6)),
    "1d conv": ("Conv", {}, (48, 64, 5), 0, (2, 64, 9)),
    "gemm": ("Gemm", {}, (96, 100), 1, (2, 96)),
    "gemm, transposed": ("Gemm", {"transB": 1}, (100, 96), 0, (2, 96)),
    "matmul": ("MatMul", {}, (96, 100), 1, (2, 96)),
    "stacked matmul": ("MatMul", {}, (3, 96, 50), 2, (3, 4, 96)),
}
DEPTHWISE = ("Conv", {"group": 512}, (512, 1, 5, 5), 0, (2, 512, 7, 7))
FEW_WEIGHTS = ("Conv", {}, (16, 40, 3, 3), 0, (2, 40, 8, 8))


def random_weight(shape, axis, seed=1):
    """Channels of very different magnitudes: those of another axis give no good scales."""
    generator = np.random.default_rng(seed)
    weight = generator.standard_normal(shape, np.float32)
    steps = [-1 if i == axis else 1 for i in range(len(shape))]
    magnitudes = 10 ** generator.uniform(-2, 1, shape[axis])
    return np.float32(weight * magnitudes.reshape(steps))


def network(layer, weight=None, opset=17, **options):
    """A model of that one layer; Conv and Gemm have a bias."""
    op, attributes, shape, axis, input_shape = layer
    weight = random_weight(shape, axis) if weight is None else weight
    dtype = helper.np_dtype_to_tensor_dtype(weight.dtype)
    constants = [numpy_helper.from_array(weight, "weight")]
    if op != "MatMul":
        bias = np.arange(shape[axis]).astype(weight.dtype)
        constants.append(numpy_helper.from_array(bias, "bias"))
    names = [constant.name for constant in constants]
    node = helper.make_node(op, ["x", *names], ["y"], name="layer", **attributes)
    inputs = [helper.make_tensor_value_info("x", dtype, input_shape)]
    output_shape = [f"size {i}" for i in range(len(input_shape))]
    outputs = [helper.make_tensor_value_info("y", dtype, output_shape)]
    graph = helper.make_graph([node], "small", inputs, outputs, constants)
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, **options)
    helper.set_model_props(model, {"synsight.color": "RGB"})
    return model


def constants_of(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def run(model):
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Else it multiplies by 8-bit weights in 8 bits, the inputs too, which is not exact.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    (x,) = session.get_inputs()
    dtype = np.float16 if "float16" in x.type else np.float32
    noise = np.random.default_rng(2).standard_normal(x.shape, np.float32)
    return session.run(None, {x.name: noise.astype(dtype)})[0]


def unpacked(model, axis):
    """The weight as NumPy has it from the small forms in the model."""
    constants = constants_of(model)
    if "weight/f16" in constants:
        return constants["weight/f16"].astype(np.float32)
    quantized, scale = constants["weight/int8"], constants["weight/scale"]
    assert quantized.dtype == np.int8 and scale.dtype == np.float32
    steps = [-1 if i == axis else 1 for i in range(quantized.ndim)]
    return quantized.astype(np.float32) * scale.reshape(steps)


def check(model, layer, kind, operators):
    """Stores small, and checks the outputs and that all else stays. The weight's error."""
    axis = layer[3]
    before = constants_of(model)
    made = store_small(onnx.ModelProto.FromString(model.SerializeToString()), kind)
    assert [node.op_type for node in made.graph.node] == [*operators, layer[0]]
    assert made.graph.node[-1] == model.graph.node[-1]
    assert made.metadata_props == model.metadata_props
    assert made.graph.input == model.graph.input
    assert made.graph.output == model.graph.output
    after = constants_of(made)
    assert "weight" not in after
    if "bias" in before:
        np.testing.assert_array_equal(after["bias"], before["bias"])
    weight = unpacked(made, axis)
    wanted = run(network(layer, weight))
    largest = np.abs(wanted).max()
    np.testing.assert_allclose(run(made), wanted, rtol=0, atol=1e-6 * largest)
    return weight - before["weight"]


@pytest.mark.parametrize("layer", [*LAYERS.values(), DEPTHWISE, FEW_WEIGHTS])
def test_16_bits_are_cast_to_32(layer):
    error = check(network(layer), layer, "f16", ["Cast"])
    weight = random_weight(layer[2], layer[3])
    assert np.all(np.abs(error) <= 2**-11 * np.abs(weight) + 2**-25)
    assert np.any(error != 0)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_8_bits_have_a_scale_a_channel(layer):
    error = check(network(layer), layer, "int8", ["DequantizeLinear"])
    axis = layer[3]
    others = tuple(i for i in range(error.ndim) if i != axis)
    steps = np.abs(random_weight(layer[2], axis)).max(axis=others) / 127
    # A step at most, and the mean of them is right: see quantize.
    assert np.all(np.abs(error).max(axis=others) <= steps * 1.0001)
    assert np.all(np.abs(error.sum(axis=others, dtype=float)) <= steps * 0.51)
    assert np.mean(np.abs(error)) > 0


@pytest.mark.parametrize("layer", [DEPTHWISE, FEW_WEIGHTS])
def test_where_weights_are_few_8_bits_are_16(layer):
    check(network(layer), layer, "int8", ["Cast"])


def test_files_are_as_small_as_their_weights():
    layer = LAYERS["conv"]
    sizes = {
        kind: len(store_small(network(layer), kind).SerializeToString())
        for kind in ("f16", "int8")
    }
    num_weights = np.prod(layer[2])
    assert num_weights * 2 < sizes["f16"] < num_weights * 2 + 1000
    assert num_weights < sizes["int8"] < num_weights + 1000


def test_one_weight_of_two_layers_is_stored_once():
    model = network(LAYERS["gemm, transposed"])
    weight = numpy_helper.from_array(random_weight((96, 96), 0), "weight")
    model.graph.initializer[0].CopyFrom(weight)
    model.graph.initializer[1].CopyFrom(
        numpy_helper.from_array(np.ones(96, np.float32), "bias")
    )
    second = helper.make_node("Gemm", ["y", "weight", "bias"], ["z"], name="second")
    model.graph.node.append(second)
    model.graph.output[0].name = "z"
    made = store_small(onnx.ModelProto.FromString(model.SerializeToString()), "int8")
    operators = [node.op_type for node in made.graph.node]
    assert operators == ["DequantizeLinear", "Gemm", "Gemm"]
    model.graph.initializer[0].CopyFrom(
        numpy_helper.from_array(unpacked(made, 0), "weight")
    )
    np.testing.assert_allclose(run(made), run(model), rtol=1e-4)


@pytest.mark.parametrize("kind", ["f16", "int8"])
def test_a_weight_may_be_a_constant_node_or_listed_as_an_input(kind):
    layer = LAYERS["gemm"]
    wanted = run(store_small(network(layer), kind))
    model = network(layer)
    weight = model.graph.initializer.pop(0)
    node = helper.make_node("Constant", [], ["weight"], value=weight)
    model.graph.node.insert(0, node)
    np.testing.assert_array_equal(run(store_small(model, kind)), wanted)

    model = network(layer, opset=7)
    model.ir_version = 3
    for constant in model.graph.initializer:
        value = helper.make_tensor_value_info(
            constant.name, constant.data_type, constant.dims
        )
        model.graph.input.append(value)
    made = store_small(model, kind)
    assert [value.name for value in made.graph.input] == ["x"]
    assert [p.value for p in made.metadata_props] == ["RGB"]
    np.testing.assert_array_equal(run(made), wanted)


def test_the_opset_rises_where_a_node_needs_it():
    def opset(kind):
        made = store_small(network(LAYERS["conv"], opset=11), kind)
        return made.opset_import[0].version

    assert (opset("f16"), opset("int8")) == (11, 13)


def test_weights_of_16_bits_become_8_and_their_type_stays():
    layer = LAYERS["gemm"]
    weight = random_weight(layer[2], layer[3]).astype(np.float16)
    made = store_small(network(layer, weight), "int8")
    operators = [node.op_type for node in made.graph.node]
    assert operators == ["DequantizeLinear", "Cast", "Gemm"]
    rounded = unpacked(made, layer[3]).astype(np.float16)
    wanted = run(network(layer, rounded))
    largest = np.abs(wanted).max()
    np.testing.assert_allclose(run(made), wanted, rtol=0, atol=2e-3 * largest)
    with pytest.raises(ModelsError, match="no weights of Conv, Gemm or MatMul to"):
        store_small(network(layer, weight), "f16")


def test_names_that_are_used_are_not_used_again():
    model = network(LAYERS["gemm"])
    for name in ("weight/int8", "weight/scale", "weight/dequantize"):
        one = numpy_helper.from_array(np.float32([1]), name)
        model.graph.initializer.append(one)
    made = store_small(model, "int8")
    assert list(made.graph.node[0].input) == ["weight/int8_", "weight/scale_"]
    run(made)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e5, 1e-5])
def test_what_16_bits_cannot_hold_stays(value):
    weight = np.full(LAYERS["gemm"][2], value, np.float32)
    with pytest.raises(ModelsError, match="to store as f16"):
        store_small(network(LAYERS["gemm"], weight), "f16")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_8_bits_cannot_hold_stays(value):
    weight = random_weight(LAYERS["gemm"][2], 1)
    weight[3, 4] = value
    with pytest.raises(ModelsError, match="to store as int8"):
        store_small(network(LAYERS["gemm"], weight), "int8")


def test_few_weights_stay():
    layer = ("Conv", {}, (32, 3, 3, 3), 0, (1, 3, 8, 8))
    for kind in ("f16", "int8"):
        with pytest.raises(ModelsError, match=f"to store as {kind}"):
            store_small(network(layer), kind)


def test_what_no_layer_multiplies_by_stays():
    model = network(LAYERS["gemm"])
    table = numpy_helper.from_array(np.ones((2, 20000), np.float32), "table")
    model.graph.initializer.append(table)
    node = helper.make_node("Add", ["table", "table"], ["sum"], name="add")
    model.graph.node.append(node)
    model.graph.output.append(
        helper.make_tensor_value_info("sum", TensorProto.FLOAT, [2, 20000])
    )
    constants = constants_of(store_small(model, "f16"))
    assert constants["table"].dtype == np.float32


def test_rounding_of_extreme_channels():
    tiny = np.float32(1e-42)
    weight = np.float32([[0] * 4, [tiny, -tiny, 0, 0], [3e38, -3e38, 1, 0]])
    quantized, scales = quantize(weight, 0)
    assert quantized.tolist() == [[0] * 4, [0] * 4, [127, -127, 0, 0]]
    assert scales.tolist() == [1, 1, np.float32(3e38) / np.float32(127)]


def test_as_many_are_rounded_up_as_down():
    # In steps of 1: each 10.4 alone would become 10, and the sum be short by 1.6.
    quantized, scales = quantize(np.float32([[127, 10.4, 10.4, 10.4, 10.4]]), 0)
    assert scales == [1]
    assert quantized.tolist() == [[127, 11, 11, 10, 10]]


@pytest.fixture
def file(tmp_path):
    """An ONNX file whose constants lie beside it."""
    path = tmp_path / "model.onnx"
    onnx.save(
        network(LAYERS["conv"]),
        path,
        save_as_external_data=True,
        location="model.data",
        size_threshold=100,
    )
    assert (tmp_path / "model.data").is_file()
    return path


def test_the_command_takes_a_file(file, tmp_path, capsys):
    assert __main__.main(["convert", str(file), "--weights", "int8"]) == 0
    made = tmp_path / "model-int8.onnx"
    output = capsys.readouterr().out
    assert output.startswith(f"{made}: int8 weights, 0.0 MB of ")
    found = constants_of(onnx.load_from_string(made.read_bytes()))
    wanted = constants_of(store_small(network(LAYERS["conv"]), "int8"))
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)
    assert __main__.main(["convert", str(file), "--weights", "int8"]) == 0
    assert capsys.readouterr().out == f"{made}: up to date\n"


def run_command(*arguments):
    command = [sys.executable, "-m", "models", "convert", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_says_what_it_cannot_do(file, tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    (tmp_path / "empty.onnx").write_bytes(b"")
    small = ["--weights", "f16"]
    assert run_command(file, *small, "-o", tmp_path / "f16.onnx").returncode == 0
    cases = [
        ([file], "is ONNX already; say --store f16 or int8"),
        ([file, *small, "-o", file], "is the file to convert"),
        ([tmp_path / "none.onnx", *small], "there is no such file"),
        ([tmp_path / "text.onnx", *small], "is no ONNX file"),
        ([tmp_path / "empty.onnx", *small], "is no ONNX file"),
        ([tmp_path / "f16.onnx", *small], "no weights of Conv, Gemm or MatMul"),
    ]
    (tmp_path / "moved").mkdir()
    moved = tmp_path / "moved" / "model.onnx"
    moved.write_bytes(file.read_bytes())
    cases.append(([moved, *small], "its external data cannot be read"))
    for arguments, reason in cases:
        result = run_command(*arguments)
        assert result.returncode == 1, arguments
        assert result.stderr.startswith(f"error: {arguments[0]}: "), result.stderr
        assert reason in result.stderr
        assert result.stderr.count("\n") == 1
