# SPDX-License-Identifier: Apache-2.0
"""Networks of a few nodes, each with what it computes in NumPy."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 8
COLORS = ("red", "green", "blue")
COLOR_WEIGHT = np.float32([[4, 0.5, -1], [-0.5, 5, 0.25], [1, -2, 6]])
COLOR_BIAS = np.float32([0.1, 0.2, -0.3])
COLOR_METADATA = {
    "synsight.resize": f"stretch {SIDE}x{SIDE}",
    "synsight.filter": "nearest",
    "synsight.color": "RGB",
    "synsight.scale": "1/255",
    "synsight.mean": "0",
    "synsight.std": "1",
    "synsight.classes": "\n".join(COLORS),
}


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def value(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, initializers=(), metadata=None, opset=17):
    graph = helper.make_graph(nodes, "small", inputs, outputs, list(initializers))
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
    )
    helper.set_model_props(made, metadata or {})
    return made


def save(made, path):
    onnx.save(made, path)
    return path


def color_network(metadata=COLOR_METADATA, bias=COLOR_BIAS, last="logits"):
    """The mean of each channel, times COLOR_WEIGHT, plus `bias`."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["mean"], name="mean"),
        helper.make_node("Flatten", ["mean"], ["channels"], name="flatten"),
        helper.make_node("Gemm", ["channels", "w", "b"], [last], name="dense"),
    ]
    return model(
        nodes,
        [value("input", ["N", 3, SIDE, SIDE])],
        [value(last, ["N", len(COLORS)])],
        [tensor("w", COLOR_WEIGHT), tensor("b", np.float32(bias))],
        metadata,
    )


def color_logits(channels, bias=COLOR_BIAS):
    """What color_network gives for a picture whose normalised channels are constant."""
    return np.float64(channels) @ np.float64(COLOR_WEIGHT) + np.float64(bias)


def softmax(logits):
    exponentials = np.exp(logits - np.max(logits))
    return exponentials / exponentials.sum()


def color_probabilities(color, bias=COLOR_BIAS):
    """The probabilities of COLORS for a picture of one colour, in the model's recipe."""
    return softmax(color_logits(np.float64(color) / 255, bias))


def two_by_two():
    """sum = left + right and product = left * right, f32 of any [N,3]."""
    nodes = [
        helper.make_node("Add", ["left", "right"], ["sum"], name="add"),
        helper.make_node("Mul", ["left", "right"], ["a/product"], name="mul"),
    ]
    shape = ["N", 3]
    inputs = [value("left", shape), value("right", shape)]
    return model(nodes, inputs, [value("sum", shape), value("a/product", shape)])


def transpose(dtype):
    """y = x transposed, of [2,3] and any ONNX element type."""
    node = helper.make_node("Transpose", ["x"], ["y"], name="transpose", perm=[1, 0])
    return model([node], [value("x", [2, 3], dtype)], [value("y", [3, 2], dtype)])


def slow_network(num_layers=40, side=128, channels=48):
    """Takes pictures; each of its layers alone takes the reference tens of ms."""
    generator = np.random.default_rng(7)
    nodes, initializers, x, width = [], [], "input", 3
    for i in range(num_layers):
        weight = generator.normal(0, 0.05, (channels, width, 3, 3)).astype(np.float32)
        initializers.append(tensor(f"w{i}", weight))
        inputs, x, width = [x, f"w{i}"], f"conv{i}", channels
        nodes.append(helper.make_node("Conv", inputs, [x], name=x, pads=[1] * 4))
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["mean"], name="mean"))
    nodes.append(helper.make_node("Flatten", ["mean"], ["logits"], name="flatten"))
    size = f"{side}x{side}"
    metadata = {
        "synsight.resize": f"stretch {size}",
        "synsight.classes": "\n".join(f"class {i}" for i in range(channels)),
    }
    return model(
        nodes,
        [value("input", [1, 3, side, side])],
        [value("logits", [1, channels])],
        initializers,
        metadata,
    )
