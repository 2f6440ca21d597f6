# SPDX-License-Identifier: Apache-2.0
import json
import re
from pathlib import Path

import numpy as np
import onnx
import pytest
import small_networks
from onnx import helper
from small_networks import tensor, value

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def summary_json(synsight, model, *arguments):
    return json.loads(synsight.ok("summary", model, "--format", "json", *arguments))


def test_the_table_is_keras_like(synsight, color_model):
    lines = synsight.ok("summary", color_model).splitlines()
    assert lines[0] == 'Model: "small"'
    assert set(lines[1]) == {"="} and lines[1] == lines[3]
    assert re.split(r"  +", lines[2]) == ["Layer (type)", "Output shape", "Param #"]
    rows = [re.split(r"  +", line) for line in lines[4 : lines.index(lines[1], 4)]]
    assert rows == [
        ["input (Input)", "(None, 3, 8, 8)", "0"],
        ["mean (GlobalAveragePool)", "(None, 3, 1, 1)", "0"],
        ["flatten (Flatten)", "(None, 3)", "0"],
        ["dense (Gemm)", "(None, 3)", "12"],
    ]
    assert lines[-3:] == [
        "Total params: 12",
        "Trainable params: 12",
        "Non-trainable params: 0",
    ]


def test_json_has_the_same_layers_and_totals(synsight, color_model):
    summary = summary_json(synsight, color_model)
    assert summary["model"] == "small"
    assert summary["layers"][0] == {
        "name": "input",
        "type": "Input",
        "output_shape": [None, 3, 8, 8],
        "parameters": 0,
    }
    assert [layer["type"] for layer in summary["layers"][1:]] == [
        "GlobalAveragePool",
        "Flatten",
        "Gemm",
    ]
    assert summary["total_parameters"] == 12


def test_shared_weights_count_once_and_statistics_are_not_trainable(synsight, tmp_path):
    batch_norm = ["x", "scale", "bias", "mean", "var"]
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["a"], name="first", pads=[1] * 4),
        helper.make_node("Conv", ["a", "w"], ["x"], name="second", pads=[1] * 4),
        helper.make_node("BatchNormalization", batch_norm, ["n"], name="norm"),
        helper.make_node("Clip", ["n", "low", "high"], ["c"], name="clip"),
        helper.make_node("Reshape", ["c", "shape"], ["output"], name="reshape"),
    ]
    vectors = [tensor(name, np.ones(3, np.float32)) for name in batch_norm[1:]]
    limits = [tensor("low", np.float32(0)), tensor("high", np.float32(6))]
    weights = tensor("w", np.zeros((3, 3, 3, 3), np.float32))
    network = small_networks.model(
        nodes,
        [value("input", [2, 3, 5, 4])],
        [value("output", [2, 60])],
        [weights, *vectors, *limits, tensor("shape", np.int64([2, -1]))],
    )
    path = small_networks.save(network, tmp_path / "shared.onnx")
    summary = summary_json(synsight, path)
    parameters = [layer["parameters"] for layer in summary["layers"]]
    assert parameters == [0, 81, 0, 12, 0, 0]
    assert summary["layers"][-1]["output_shape"] == [2, 60]
    assert summary["total_parameters"] == 93
    assert summary["trainable_parameters"] == 87
    assert summary["non_trainable_parameters"] == 6


@pytest.mark.parametrize(
    "name, parameters",
    [  # as the papers and the model zoos count them
        ("light_bvlc_alexnet", 60_965_224),
        ("light_squeezenet", 1_235_496),
        ("light_vgg19", 143_667_240),
    ],
)
def test_well_known_networks_have_their_numbers(synsight, name, parameters):
    assert summary_json(synsight, LIGHT / f"{name}.onnx")["total_parameters"] == (
        parameters
    )


@pytest.mark.parametrize("lite", [0, 1, 2])
def test_the_catalogs_numbers_are_right(synsight, real_model, lite):
    name = f"efficientnet-lite{lite}"
    catalog = Path(__file__).parents[3] / "models" / "catalog.json"
    entries = {e["name"]: e for e in json.loads(catalog.read_text())["models"]}
    summary = summary_json(synsight, real_model(name))
    assert summary["trainable_parameters"] == entries[name]["parameters"]
    assert summary["layers"][-1]["output_shape"] == [None, 1000]


def test_an_open_size_is_none_or_taken(synsight, tmp_path):
    nodes = [helper.make_node("Relu", ["input"], ["output"], name="relu")]
    shape = ["N", 3, "H", "W"]
    network = small_networks.model(
        nodes, [value("input", shape)], [value("output", shape)]
    )
    path = small_networks.save(network, tmp_path / "open.onnx")
    summary = summary_json(synsight, path)
    assert summary["layers"][-1]["output_shape"] == [None, 3, None, None]
    assert "(None, 3, None, None)" in synsight.ok("summary", path)
    summary = summary_json(synsight, path, "--input-size", "20x30")
    assert summary["layers"][-1]["output_shape"] == [None, 3, 20, 30]


def open_network(tmp_path, size, channels=3):
    """Takes pictures of any size, but for its last node, which wants features of `size`."""
    generator = np.random.default_rng(0)
    weight = generator.normal(size=(4, 3, 3, 3)).astype(np.float32)
    conv = {"strides": [32, 32], "pads": [1] * 4}
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["conv"], name="conv", **conv),
        helper.make_node("GlobalAveragePool", ["conv"], ["mean"], name="mean"),
        helper.make_node(
            "Flatten", ["mean" if size == 4 else "conv"], ["flat"], name="f"
        ),
        helper.make_node("Gemm", ["flat", "d"], ["output"], name="dense"),
    ]
    dense = small_networks.tensor("d", np.zeros((size, 5), np.float32))
    network = small_networks.model(
        nodes,
        [value("input", ["N", channels, "H", "W"])],
        [value("output", ["N", 5])],
        [small_networks.tensor("w", weight), dense],
    )
    return small_networks.save(network, tmp_path / f"open{size}.onnx")


def test_only_what_follows_an_open_size_is_none(synsight, tmp_path):
    summary = summary_json(synsight, open_network(tmp_path, 4))
    shapes = [layer["output_shape"] for layer in summary["layers"]]
    assert shapes[:3] == [[None, 3, None, None], [None, 4, None, None], [None, 4, 1, 1]]
    assert shapes[-1] == [None, 5]
    assert summary["total_parameters"] == 4 * 3 * 9 + 4 * 5


def test_a_network_of_one_size_has_it_or_asks_for_it(synsight, tmp_path):
    # 224 / 32 = 7 rows and columns of 4 channels.
    summary = summary_json(synsight, open_network(tmp_path, 4 * 7 * 7))
    assert summary["layers"][1]["output_shape"] == [None, 4, 7, 7]
    path = open_network(tmp_path, 4 * 5 * 5)
    assert "--input-size" in synsight.error("summary", path)
    summary = summary_json(synsight, path, "--input-size", "160x160")
    assert summary["layers"][1]["output_shape"] == [None, 4, 5, 5]


def test_channels_that_are_open_too_are_three(synsight, tmp_path):
    path = open_network(tmp_path, 4, channels="C")
    shapes = [x["output_shape"] for x in summary_json(synsight, path)["layers"]]
    assert shapes[:3] == [[None, 3, None, None], [None, 4, None, None], [None, 4, 1, 1]]
    layers = summary_json(synsight, path, "--input-size", "20x30")["layers"]
    assert layers[0]["output_shape"] == [None, 3, 20, 30]


def keras_network(metadata):
    """As the converter from Keras writes it: the last node has its layer's name."""
    generator = np.random.default_rng(1)

    def constants(layer, **shapes):
        return [
            tensor(f"{layer}.{role}", generator.normal(size=shape).astype(np.float32))
            for role, shape in shapes.items()
        ]

    vector = {"beta": 8, "moving_mean": 8, "moving_variance": 8}
    weights = [
        *constants("block1_conv1", kernel=(8, 3, 3, 3), bias=8),
        *constants("bn", ones=8, **vector),
        *constants("sep", depthwise_kernel=(8, 1, 3, 3), pointwise_kernel=(4, 8, 1, 1)),
        *constants("predictions", kernel=(4, 10), bias=10),
    ]
    names = [constant.name for constant in weights]
    conv, bn, sep, dense = names[:2], names[2:6], names[6:8], names[8:]

    def node(op, inputs, name, **attributes):
        return helper.make_node(op, inputs, [name], name=name, **attributes)

    pads = {"pads": [1] * 4}
    nodes = [
        node("Conv", ["input_layer", *conv], "block1_conv1/Conv", **pads),
        node("Relu", ["block1_conv1/Conv"], "block1_conv1"),
        node("BatchNormalization", ["block1_conv1", *bn], "bn"),
        node("Conv", ["bn", sep[0]], "sep/depthwise", group=8, **pads),
        node("Conv", ["sep/depthwise", sep[1]], "sep"),
        node("GlobalAveragePool", ["sep"], "avg_pool/GlobalAveragePool"),
        node("Flatten", ["avg_pool/GlobalAveragePool"], "avg_pool"),
        node("Gemm", ["avg_pool", *dense], "predictions/Gemm"),
        node("Softmax", ["predictions/Gemm"], "predictions"),
    ]
    inputs = [value("input_layer", ["N", 3, 6, 5])]
    outputs = [value("predictions", ["N", 10])]
    return small_networks.model(nodes, inputs, outputs, weights, metadata)


KERAS_ROWS = """input_layer\tInputLayer\t0\t0
block1_conv1\tConv2D\t224\t0
bn\tBatchNormalization\t8\t16
sep\tSeparableConv2D\t104\t0
avg_pool\tGlobalAveragePooling2D\t0\t0
predictions\tDense\t50\t0"""


def test_a_network_from_keras_has_its_layers(synsight, tmp_path):
    metadata = {"synsight.layers": "keras", "synsight.keras_layers": KERAS_ROWS}
    path = small_networks.save(keras_network(metadata), tmp_path / "keras.onnx")
    summary = summary_json(synsight, path)
    rows = [
        (layer["name"], layer["output_shape"], layer["parameters"])
        for layer in summary["layers"]
    ]
    assert rows == [
        ("input_layer", [None, 6, 5, 3], 0),
        ("block1_conv1", [None, 6, 5, 8], 3 * 3 * 3 * 8 + 8),
        # Without a scale: Keras's BatchNormalization(scale=False).
        ("bn", [None, 6, 5, 8], 3 * 8),
        ("sep", [None, 6, 5, 4], 8 * 3 * 3 + 8 * 4),
        ("avg_pool", [None, 4], 0),
        ("predictions", [None, 10], 50),
    ]
    assert summary["non_trainable_parameters"] == 16
    assert summary["total_parameters"] == 402
    text = synsight.ok("summary", path)
    assert "block1_conv1 (Conv2D)" in text and "(None, 6, 5, 8)" in text
    drawing = synsight.ok("plot", path, "-o", "-", "--show-layer-names")
    assert drawing.count(" -> ") == 5


@pytest.mark.parametrize("rows", [None, "", "other\tDense\t1\t0", KERAS_ROWS + "0x"])
def test_without_good_rows_layers_are_counted_in_the_graph(synsight, tmp_path, rows):
    metadata = {"synsight.layers": "keras"}
    if rows is not None:
        metadata["synsight.keras_layers"] = rows
    path = small_networks.save(keras_network(metadata), tmp_path / "keras.onnx")
    layers = summary_json(synsight, path)["layers"]
    assert [(layer["name"], layer["type"]) for layer in layers[:3]] == [
        ("input_layer", "Input"),
        ("block1_conv1", "Conv"),
        ("bn", "BatchNormalization"),
    ]
    assert [layer["parameters"] for layer in layers] == [0, 224, 32, 104, 0, 50]


def test_a_sequential_model_lists_no_input(synsight, tmp_path):
    rows = KERAS_ROWS.partition("\n")[2]
    metadata = {"synsight.layers": "keras", "synsight.keras_layers": rows}
    path = small_networks.save(keras_network(metadata), tmp_path / "keras.onnx")
    assert summary_json(synsight, path)["layers"][0]["name"] == "block1_conv1"
    drawing = synsight.ok("plot", path, "-o", "-", "--show-shapes")
    assert drawing.count(" -> ") == 4
    assert drawing.count("Input shape") == 5


def test_the_same_names_without_a_word_from_the_model_are_nodes(synsight, tmp_path):
    path = small_networks.save(keras_network({}), tmp_path / "other.onnx")
    layers = summary_json(synsight, path)["layers"]
    assert len(layers) == 10
    assert layers[1]["output_shape"] == [None, 8, 6, 5]


def test_a_network_of_f16_has_a_summary(synsight, tmp_path):
    half = onnx.TensorProto.FLOAT16
    nodes = [helper.make_node("Conv", ["input", "w"], ["output"], name="conv")]
    network = small_networks.model(
        nodes,
        [value("input", ["N", 3, 4, 4], half)],
        [value("output", ["N", 2, 4, 4], half)],
        [tensor("w", np.zeros((2, 3, 1, 1), np.float16))],
    )
    path = small_networks.save(network, tmp_path / "half.onnx")
    summary = summary_json(synsight, path)
    assert [layer["name"] for layer in summary["layers"]] == ["input", "conv"]
    assert summary["total_parameters"] == 6
