# SPDX-License-Identifier: Apache-2.0
"""The program with the CUDA backend, on a stand-in for a GPU."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import small_networks
from foreign_models_test import (
    MOBILENET,
    count_other_steps,
    cut_mobilenet,  # noqa: F401
    mobilenet_tensor,
    model_file,
    run,
)
from onnx import helper
from verify_test import rows_of


@pytest.mark.parametrize(
    ("precision", "tolerance", "least"),
    [
        ("f32", "1.0e-04", 0),
        ("tf32", "1.0e-02", 0),
        ("f16", "1.0e-02", 1e-5),
        ("bf16", "8.0e-02", 1e-4),
    ],
)
def test_verify_reports_the_device_and_what_its_precision_allows(
    synsight, tmp_path, precision, tolerance, least
):
    network = small_networks.slow_network(num_layers=3, side=16, channels=8)
    path = small_networks.save(network, tmp_path / "network.onnx")
    options = ("--backend", "cuda", "--precision", precision)
    report = synsight.ok("verify", path, *options)
    device = report.splitlines()[2]
    assert device.startswith(
        "cuda: GPU 0, stand-in, compute capability 9.0, 4096 MiB, "
    )
    (row,) = rows_of(report)
    assert row[:3] == ["random", "cuda", precision]
    assert row[5:7] == [tolerance, "yes"]
    assert least <= float(row[3]) < float(tolerance)


def test_values_within_the_network_are_not_held_to_half_precision(synsight, tmp_path):
    """Of 1000 + x - 1000 nothing is left in f16, but in f32."""
    nodes = [
        helper.make_node("Add", ["x", "large"], ["sum"], name="sum"),
        helper.make_node("Sub", ["sum", "large"], ["rest"], name="rest"),
        helper.make_node("Mul", ["rest", "small"], ["less"], name="less"),
        helper.make_node("Add", ["less", "x"], ["y"], name="last"),
    ]
    value, tensor = small_networks.value, small_networks.tensor
    constants = [
        tensor("large", np.float32(1000)),
        tensor("small", np.float32(1e-4)),
    ]
    network = small_networks.model(
        nodes, [value("x", [64])], [value("y", [64])], constants
    )
    path = small_networks.save(network, tmp_path / "cancels.onnx")
    (half,) = rows_of(synsight.ok("verify", path, "--backend", "cuda"))
    assert float(half[4]) > 1e-2
    assert half[6] == "yes"
    assert "sum" in " ".join(half[7:])


def test_verify_holds_what_nobody_chose_to_half_precision(synsight, color_model):
    rows = rows_of(synsight.ok("verify", color_model))
    assert [row[1:3] for row in rows] == [["cuda", "f16"], ["xnnpack", "f32"]]


@pytest.mark.parametrize("batch", [(), ("--batch", 1), ("--batch", 3), ("--batch", 9)])
def test_a_folder_is_classified_as_on_the_cpu(synsight, color_model, picture, batch):
    colors = [(250, 9, 9), (9, 250, 9), (9, 9, 250), (250, 250, 9), (9, 250, 9)]
    paths = [picture(f"{i}.png", color) for i, color in enumerate(colors)]
    paths.insert(2, paths[0].with_name("missing.png"))

    def answers(*options):
        arguments = ("--model", color_model, "--format", "json", *options)
        finished = synsight("classify", *paths, *arguments)
        assert finished.returncode == 1  # one is missing
        return [json.loads(line) for line in finished.stdout.splitlines()]

    found = answers("--backend", "cuda", "--precision", "f32", *batch)
    wanted = answers("--backend", "xnnpack")
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.get("file") == theirs.get("file")
        assert ("predictions" in ours) == ("predictions" in theirs)
        for a, b in zip(
            ours.get("predictions", []), theirs.get("predictions", []), strict=True
        ):
            assert a["label"] == b["label"]
            assert a["probability"] == pytest.approx(b["probability"], abs=1e-6)


def test_networks_for_one_picture_at_a_time_refuse_a_batch(synsight, tmp_path, picture):
    model = small_networks.slow_network(num_layers=1, side=8, channels=3)
    path = small_networks.save(model, tmp_path / "network.onnx")
    arguments = (picture("a.png"), picture("b.png"), "--model", path, "--batch", 2)
    finished = synsight("classify", *arguments, "--backend", "cuda")
    assert finished.returncode == 1
    assert "error: " in finished.stderr


@pytest.mark.parametrize("precision", ["f32", "f16"])
def test_quantised_convolutions_are_onnx_runtimes_bit_for_bit(
    synsight, test_data, tmp_path, precision
):
    """MobileNetV2's first five, of pixels, of channels and of both, where all is 8 bits."""
    model = onnx.load(model_file(test_data, MOBILENET))
    nodes = model.graph.node
    fifth = [node for node in nodes if node.op_type == "Conv"][4]
    (quantize,) = [node for node in nodes if fifth.output[0] in node.input]
    (dequantize,) = [node for node in nodes if quantize.output[0] in node.input]
    (output,) = dequantize.output
    del model.graph.output[:]
    value = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None)
    model.graph.output.append(value)
    onnx.save(model, tmp_path / "cut.onnx")
    photo = test_data / "images" / "imagenet-samples" / "n02123159_tiger_cat.JPEG"
    array = mobilenet_tensor(photo)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    (wanted,) = session.run(None, {"input": array})
    np.save(tmp_path / "input.npy", array)
    synsight.ok(
        *("run", tmp_path / "cut.onnx", tmp_path / "input.npy"),
        *("-o", tmp_path / "output.npy", "--backend", "cuda", "--precision", precision),
    )
    assert len(np.unique(wanted)) > 50
    np.testing.assert_array_equal(np.load(tmp_path / "output.npy"), wanted)


@pytest.mark.parametrize("precision", ["f32", "tf32", "f16", "bf16"])
def test_quantised_groups_round_as_onnx_runtime(
    synsight,
    cut_mobilenet,  # noqa: F811
    tmp_path,
    precision,
):
    """Here the input of each is fed, so that all sum floats in ONNX Runtime."""
    options = ("--backend", "cuda", "--precision", precision)
    num_other, num_elements = count_other_steps(
        synsight, cut_mobilenet, tmp_path, *options
    )
    assert num_other <= 1e-5 * num_elements


def test_a_quantised_network_in_f32_is_the_cpus_bit_for_bit(
    synsight, test_data, tmp_path
):
    """Sums of integers are exact, and those of floats are added in XNNPACK's order."""
    path = model_file(test_data, MOBILENET)
    photos = (test_data / "images" / "imagenet-samples").glob("*.JPEG")
    for photo in sorted(photos)[:16:5]:
        array = mobilenet_tensor(photo)
        wanted = run(synsight, path, array, "xnnpack", tmp_path)
        options = ("--backend", "cuda", "--precision", "f32", "-o", tmp_path / "y.npy")
        synsight.ok("run", path, tmp_path / "input.npy", *options)
        assert len(np.unique(wanted)) > 50
        np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), wanted)
