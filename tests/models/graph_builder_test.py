# SPDX-License-Identifier: Apache-2.0
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from models.errors import ModelsError
from models.graph_builder import GraphBuilder, same_pads


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pads"),
    [
        (224, 3, 2, [0, 0, 1, 1]),
        (112, 3, 1, [1, 1, 1, 1]),
        (56, 5, 2, [1, 1, 2, 2]),
        (147, 3, 2, [1, 1, 1, 1]),
        (260, 3, 2, [0, 0, 1, 1]),
        (65, 5, 2, [2, 2, 2, 2]),
        (7, 1, 1, [0, 0, 0, 0]),
        (8, 1, 2, [0, 0, 0, 0]),
        (1, 3, 1, [1, 1, 1, 1]),
    ],
)
def test_same_padding_is_tensorflows(size, kernel, stride, pads):
    assert same_pads(size, kernel, stride) == pads


@pytest.mark.parametrize("kernel", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_gives_as_many_rows_as_strides_fit(kernel, stride):
    for size in range(1, 40):
        before, _, after, _ = same_pads(size, kernel, stride)
        assert 0 <= after - before <= 1
        num_rows = (size + before + after - kernel) // stride + 1
        assert num_rows == -(-size // stride)


@pytest.fixture
def model_and_weight():
    """A network of one layer, more than 2^14 bytes long, and that layer's weight."""
    weight = np.random.default_rng(1).standard_normal((10, 3 * 64 * 64), np.float32)
    builder = GraphBuilder("small", 64)
    x = builder.node("Flatten", "flatten", [builder.relu6("stem/relu6", "input")])
    builder.dense("classifier", x, weight, np.arange(10))
    data = b"".join(builder.serialize(10, {"synsight.color": "RGB"}))
    assert builder.num_parameters == weight.size + 10
    return onnx.load_from_string(data), weight


def test_the_file_is_one_that_onnx_accepts(model_and_weight):
    model, _ = model_and_weight
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == 8
    assert model.opset_import[0].version == 17
    assert [node.name for node in model.graph.node] == [
        "stem/relu6",
        "flatten",
        "classifier",
    ]
    assert [(p.key, p.value) for p in model.metadata_props] == [
        ("synsight.color", "RGB")
    ]


def test_the_constants_are_in_the_file(model_and_weight):
    model, weight = model_and_weight
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    np.testing.assert_array_equal(arrays["classifier.weight"], weight)
    np.testing.assert_array_equal(arrays["classifier.bias"], np.arange(10))
    assert (arrays["relu6.min"], arrays["relu6.max"]) == (0, 6)


def test_the_batch_is_symbolic(model_and_weight):
    model, _ = model_and_weight
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["N", 3, 64, 64], ["N", 10]]


def test_limits_are_scalars(model_and_weight):
    dims = {
        tensor.name: tensor.dims for tensor in model_and_weight[0].graph.initializer
    }
    assert list(dims["relu6.min"]) == list(dims["relu6.max"]) == []


def test_late_constants_are_read_one_after_another_when_they_are_written():
    builder = GraphBuilder("late")
    x = builder.add_input("x", ["N", 4])
    read = []

    def reader(name):
        def read_array():
            read.append(name)
            return np.full((4,), len(read), np.float32)

        return read_array

    for name in ("a", "b"):
        builder.late_constant(name, (4,), reader(name))
        x = builder.node("Add", f"add_{name}", [x, name])
    axes = builder.constant("axes", [1], "<i8")
    builder.node("Unsqueeze", "part", [x, axes])
    output = builder.rename_node("part", "last")
    pieces = builder.serialize_outputs({output: ["N", 1, 4]}, {})
    written = [(len(read), bytes(piece)) for piece in pieces]
    assert [count for count, _ in written] == [0, 0, 0, 0, 1, 1, 2, 2, 2]
    model = onnx.load_from_string(b"".join(data for _, data in written))
    onnx.checker.check_model(model, full_check=True)
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    np.testing.assert_array_equal(arrays["b"], np.full(4, 2, np.float32))
    assert arrays["axes"].dtype == np.int64
    assert builder.constant_sizes == {"a": 4, "b": 4, "axes": 1}
    assert [node.name for node in model.graph.node] == ["add_a", "add_b", "last"]


def test_more_than_a_file_holds_is_refused_before_anything_is_read():
    builder = GraphBuilder("large")
    builder.late_constant("weight", (1 << 29,), lambda: pytest.fail("was read"))
    with pytest.raises(ModelsError, match="large: is more than an ONNX file holds"):
        list(builder.serialize_outputs({}, {}))
