# SPDX-License-Identifier: Apache-2.0
"""`synsight features` beside NumPy and beside ONNX Runtime, which returns every value."""

import numpy as np
import onnx
import onnxruntime
import pytest
import small_networks
from onnx import TensorProto, helper
from PIL import Image
from small_networks import COLOR_METADATA, tensor, value

SIDE = 8
BACKENDS = ["xnnpack", "reference"]
METADATA = COLOR_METADATA | {"synsight.scale": "1", "synsight.std": "64"}


def fusing_network(metadata=METADATA, dtype=np.float32):
    """Conv, BatchNormalization, Relu, Dropout: one convolution when it runs."""
    generator = np.random.default_rng(3)
    onnx_type = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))

    def random(name, *shape):
        return tensor(name, generator.uniform(0.5, 1.5, shape).astype(dtype))

    statistics = ["scale", "bias", "mean", "var"]
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["c"], name="conv", pads=[1] * 4),
        helper.make_node("BatchNormalization", ["c", *statistics], ["n"], name="bn"),
        helper.make_node("Relu", ["n"], ["r"], name="relu"),
        helper.make_node("Dropout", ["r"], ["d"], name="drop/out"),
        helper.make_node("GlobalAveragePool", ["d"], ["mean_of"], name="pool"),
        helper.make_node("Flatten", ["mean_of"], ["logits"], name="flatten"),
    ]
    weight = generator.normal(size=(4, 3, 3, 3)).astype(dtype)
    return small_networks.model(
        nodes,
        [value("input", [1, 3, SIDE, SIDE], onnx_type)],
        [value("logits", [1, 4], onnx_type)],
        [tensor("w", weight), *(random(name, 4) for name in statistics)],
        metadata,
    )


@pytest.fixture
def network(tmp_path):
    return small_networks.save(fusing_network(), tmp_path / "fusing.onnx")


@pytest.fixture
def photos(tmp_path):
    """Three pictures of noise, of the size that the network takes."""
    generator = np.random.default_rng(5)
    paths = [tmp_path / f"{name}.png" for name in "abc"]
    for path in paths:
        pixels = generator.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return paths


def values(path, photo, names):
    """What ONNX Runtime gives for these values, without its optimisations."""
    made = onnx.load(path)
    del made.graph.output[:]
    made.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    pixels = np.asarray(Image.open(photo), np.float32).transpose(2, 0, 1)[None]
    return dict(zip(names, session.run(None, {"input": pixels / 64}), strict=True))


@pytest.mark.parametrize("backend", BACKENDS)
def test_layers_that_are_joined_when_it_runs_can_be_had(
    synsight, network, photos, tmp_path, backend
):
    layers = {"conv": "c", "bn": "n", "relu": "r", "drop/out": "d", "pool": "mean_of"}
    expected = values(network, photos[0], list(layers.values()))
    arguments = [word for layer in layers for word in ("--layer", layer)]
    folder = tmp_path / "features"
    synsight.ok(
        *("features", network, photos[0], *arguments, "-o", folder),
        *("--backend", backend),
    )
    assert len(list(folder.iterdir())) == len(layers)
    for layer, name in layers.items():
        found = np.load(folder / f"{layer.replace('/', '_')}.npy")
        np.testing.assert_allclose(found, expected[name], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["relu", "r"])
def test_pictures_are_the_first_dimension(synsight, network, photos, tmp_path, name):
    output = tmp_path / "relu.npy"
    synsight.ok("features", network, *photos, "--layer", name, "-o", output)
    expected = np.concatenate([values(network, photo, ["r"])["r"] for photo in photos])
    found = np.load(output)
    assert found.shape == (3, 4, SIDE, SIDE) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_one_layer_alone_is_what_the_network_gives_with_all(
    synsight, network, photos, tmp_path
):
    output = tmp_path / "logits.npy"
    synsight.ok("features", network, photos[0], "--layer", "flatten", "-o", output)
    pixels = np.asarray(Image.open(photos[0]), np.float32).transpose(2, 0, 1)[None]
    np.save(tmp_path / "input.npy", pixels / 64)
    synsight.ok("run", network, tmp_path / "input.npy", "-o", tmp_path / "run.npy")
    np.testing.assert_array_equal(np.load(output), np.load(tmp_path / "run.npy"))


def test_a_network_of_f16_gives_what_it_computes_in(synsight, photos, tmp_path):
    made = fusing_network(dtype=np.float16)
    made.graph.value_info.append(value("r", [1, 4, SIDE, SIDE], TensorProto.FLOAT16))
    path = small_networks.save(made, tmp_path / "half.onnx")
    output = tmp_path / "relu.npy"
    synsight.ok("features", path, photos[0], "--layer", "relu", "-o", output)
    found = np.load(output)
    assert found.dtype == np.float32 and found.shape == (1, 4, SIDE, SIDE)


def test_a_network_without_scores_will_do(synsight, photos, tmp_path):
    made = fusing_network()
    del made.graph.node[4:]
    made.graph.output[0].CopyFrom(value("d", [1, 4, SIDE, SIDE]))
    path = small_networks.save(made, tmp_path / "headless.onnx")
    synsight.ok(
        "features", path, photos[0], "--layer", "relu", "-o", tmp_path / "x.npy"
    )


def keras_like(tmp_path):
    """As the converter from Keras names it: the layer `conv` is a Conv and a Relu."""
    made = fusing_network(METADATA | {"synsight.layers": "keras"})
    del made.graph.node[1:2]
    made.graph.node[0].name, made.graph.node[1].name = "conv/Conv", "conv"
    made.graph.node[1].input[0] = "c"
    return small_networks.save(made, tmp_path / "keras.onnx")


def test_a_layer_of_kerass_is_as_keras_gives_it(synsight, photos, tmp_path):
    path, output = keras_like(tmp_path), tmp_path / "x.npy"
    synsight.ok("features", path, *photos, "--layer", "conv", "-o", output)
    found = np.load(output)
    assert found.shape == (3, SIDE, SIDE, 4)
    for photo, picture in zip(photos, found, strict=True):
        wanted = values(path, photo, ["r"])["r"].transpose(0, 2, 3, 1)
        np.testing.assert_allclose(picture[None], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "layer, wanted",
    [
        ("rleu", "did you mean relu?"),
        ("qqqqqqqq", 'no layer "qqqqqqqq" ('),
        ("input", "is an input or a constant"),
        ("w", "is an input or a constant"),
    ],
)
def test_an_unknown_layer(synsight, network, photos, tmp_path, layer, wanted):
    output = tmp_path / "x.npy"
    arguments = ("features", network, photos[0], "--layer", layer, "-o", output)
    assert wanted in synsight.error(*arguments)
    assert not output.exists()


def test_a_picture_that_fails_leaves_no_file(synsight, network, photos, tmp_path):
    broken, folder = tmp_path / "broken.png", tmp_path / "features"
    broken.write_bytes(photos[0].read_bytes()[:40])
    layers = ("--layer", "relu", "--layer", "conv")
    error = synsight.error("features", network, *photos, broken, *layers, "-o", folder)
    assert str(broken) in error
    assert not folder.exists()


def test_what_it_reads_is_not_replaced(synsight, network, photos):
    for output in (network, photos[1]):
        error = synsight.error(
            "features", network, *photos, "--layer", "relu", "-o", output
        )
        assert f'"{output}" would replace' in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["m.onnx", "a.png", "-o", "x.npy"],
        ["m.onnx", "a.png", "--layer", "relu"],
        ["m.onnx", "--layer", "relu", "-o", "x.npy"],
        ["m.onnx", "a.png", "--layer", "-o", "x.npy"],
    ],
)
def test_wrong_usage(synsight, arguments):
    synsight.error("features", *arguments, code=2)
