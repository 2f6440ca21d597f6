# SPDX-License-Identifier: Apache-2.0
"""Networks that ONNX Runtime quantises to operators on integers, beside what it makes of them.

quantize_static writes QLinearConv and its like, quantize_dynamic ConvInteger and MatMulInteger
behind DynamicQuantizeLinear.
"""

import logging

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from small_networks import save, tensor, value

SIDE = 12
WIDTH = 8
CLASSES = 10
BACKENDS = ["xnnpack", "reference"]


class Layers:
    """A network that grows layer by layer; each gives its output's name."""

    def __init__(self):
        self.nodes, self.initializers = [], []
        self.random = np.random.default_rng(0)

    def weights(self, name, *shape):
        size = np.prod(shape[1:]) if len(shape) > 1 else 100
        array = self.random.normal(0, np.sqrt(2 / size), shape).astype(np.float32)
        self.initializers.append(tensor(name, array))
        return name

    def add(self, op_type, name, *inputs, **attributes):
        self.nodes.append(
            helper.make_node(op_type, list(inputs), [name], name=name, **attributes)
        )
        return name

    def conv(self, name, x, channels, kernel, then=None, stride=1, group=1):
        inputs, outputs = channels
        weight = self.weights(f"{name}/w", outputs, inputs // group, kernel, kernel)
        bias = self.weights(f"{name}/b", outputs)
        window = {"strides": [stride] * 2, "pads": [kernel // 2] * 4, "group": group}
        y = self.add("Conv", f"{name}/conv", x, weight, bias, **window)
        return self.add(then, name, y) if then else y


def network():
    """What static quantisation has an operator for, and what lies between."""
    n = Layers()
    x = n.conv("first", "x", (3, WIDTH), 3, "Relu", stride=2)
    x = n.add("MaxPool", "pool", x, kernel_shape=[3, 3], pads=[1] * 4)
    y = n.conv("wide", x, (WIDTH, 2 * WIDTH), 1, "LeakyRelu")
    y = n.conv("depthwise", y, (2 * WIDTH, 2 * WIDTH), 3, "Relu", group=2 * WIDTH)
    y = n.conv("narrow", y, (2 * WIDTH, WIDTH), 1)
    x = n.add("Add", "residual", y, x)
    gate = n.conv("gate", x, (WIDTH, WIDTH), 3, "Sigmoid")
    x = n.add("Mul", "gated", gate, x)
    y = n.conv("strided", x, (WIDTH, WIDTH), 3, "Relu", stride=2)
    x = n.add("AveragePool", "average", x, kernel_shape=[2, 2], strides=[2, 2])
    x = n.add("Concat", "both", x, y, axis=1)
    x = n.add("Flatten", "flat", n.add("GlobalAveragePool", "mean", x))
    x = n.add("MatMul", "product", x, n.weights("m", 2 * WIDTH, 32))
    weight, bias = n.weights("w", CLASSES, 32), n.weights("b", CLASSES)
    x = n.add("Gemm", "logits", n.add("Relu", "relu", x), weight, bias, transB=1)
    n.add("Softmax", "y", x)
    graph = helper.make_graph(
        n.nodes,
        "network",
        [value("x", ["N", 3, SIDE, SIDE])],
        [value("y", ["N", CLASSES]), value("logits", ["N", CLASSES])],
        n.initializers,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )


def pictures(count, seed):
    shape = (count, 3, SIDE, SIDE)
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


class Samples(CalibrationDataReader):
    def __init__(self):
        self.samples = iter([{"x": pictures(8, seed)} for seed in range(4)])

    def get_next(self):
        return next(self.samples, None)


@pytest.fixture(scope="module")
def floats(tmp_path_factory):
    logging.getLogger().setLevel(logging.ERROR)  # it advises to prepare the network
    return save(network(), tmp_path_factory.mktemp("floats") / "floats.onnx")


def run_onnxruntime(path, array, level):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return session.run(None, {"x": array})


def check(synsight, path, folder, allowed, wanted_operators):
    """Both outputs, as parts of their ranges."""
    operators = {node.op_type for node in onnx.load(path).graph.node}
    assert wanted_operators <= operators
    array = pictures(16, 99)
    np.save(folder / "x.npy", array)
    levels = onnxruntime.GraphOptimizationLevel
    wanted = run_onnxruntime(path, array, levels.ORT_ENABLE_ALL)
    plain = run_onnxruntime(path, array, levels.ORT_DISABLE_ALL)
    for backend in BACKENDS:
        outputs = folder / backend
        synsight.ok(
            *("run", path, folder / "x.npy", "-o", f"{outputs}/", "--backend", backend)
        )
        for name, best, other in zip(("y", "logits"), wanted, plain, strict=True):
            found = np.load(outputs / f"{name}.npy")
            span = np.ptp(best)
            own = np.abs(best - other).max() / span
            difference = np.abs(best - found).max() / span
            print(f"{backend} {name}: {difference:.2e}, itself {own:.2e}")
            assert difference <= max(own, allowed)


STATIC = {
    *("QLinearConv", "QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearMatMul"),
    *("QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QGemm"),
    *("QLinearAveragePool", "QLinearGlobalAveragePool"),
}


@pytest.mark.parametrize("reduce_range", [False, True])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize(
    "activations, weights", [("QUInt8", "QInt8"), ("QUInt8", "QUInt8"), ("QInt8",) * 2]
)
def test_static(
    synsight, floats, tmp_path, activations, weights, per_channel, reduce_range
):
    path = tmp_path / "static.onnx"
    quantize_static(
        *(floats, path, Samples()),
        quant_format=QuantFormat.QOperator,
        activation_type=QuantType[activations],
        weight_type=QuantType[weights],
        per_channel=per_channel,
        reduce_range=reduce_range,
    )
    # A step of 256, where one value lies at a half.
    check(synsight, path, tmp_path, 1.01 / 255, STATIC)


@pytest.mark.parametrize("reduce_range", [False, True])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("weights", ["QInt8", "QUInt8"])
def test_dynamic(synsight, floats, tmp_path, weights, per_channel, reduce_range):
    path = tmp_path / "dynamic.onnx"
    quantize_dynamic(
        *(floats, path),
        weight_type=QuantType[weights],
        per_channel=per_channel,
        reduce_range=reduce_range,
    )
    operators = {"DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"}
    # What a layer is given decides about its steps, so that one may differ anywhere.
    check(synsight, path, tmp_path, 1e-2, operators)


def test_nodes_keep_their_names(synsight, floats, tmp_path):
    path = tmp_path / "static.onnx"
    quantize_static(floats, path, Samples(), quant_format=QuantFormat.QOperator)
    names = [n.name for n in onnx.load(path).graph.node if n.op_type == "QLinearConv"]
    text = synsight.ok("summary", path)
    assert len(names) == 6 and all(name in text for name in names)


def test_what_is_missing_is_named(synsight, floats, tmp_path):
    path = tmp_path / "static.onnx"
    quantize_static(floats, path, Samples(), quant_format=QuantFormat.QOperator)
    model = onnx.load(path)
    (node,) = [n for n in model.graph.node if n.op_type == "QLinearConcat"]
    node.input[3] = ""
    np.save(tmp_path / "x.npy", pictures(1, 0))
    save(model, path)
    error = synsight.error("run", path, tmp_path / "x.npy", "-o", tmp_path / "y.npy")
    assert f'node "{node.name}" (QLinearConcat): input 3 is missing' in error
