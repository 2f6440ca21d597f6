# SPDX-License-Identifier: Apache-2.0
import json
from collections import Counter

import numpy as np
import onnx
import pytest

from models import catalog, convert, efficientnet_lite
from models.errors import ModelsError

# What the network of efficientnet-lite-pytorch 0.1.0 gives in PyTorch 2.13.0 for the
# input sin(i / 50), i counting its elements: logits 0, 250, 500, 750, 999, and the range.
PYTORCH_LOGITS = {
    "efficientnet-lite0": (
        [-1.820122, -0.670482, -1.417840, -0.020079, 1.072156],
        9.08,
    ),
    "efficientnet-lite1": (
        [-1.015288, -1.257560, -1.558429, -0.633004, 0.230910],
        7.44,
    ),
    "efficientnet-lite2": (
        [-0.440347, 0.516009, -0.031525, -0.301313, -1.226008],
        7.84,
    ),
}


@pytest.fixture
def made_up_weights(monkeypatch):
    """Makes every weight that is asked for."""

    def take(_, name, shape):
        return np.full(shape, 0.1, np.float32)

    monkeypatch.setattr(efficientnet_lite._Network, "take", take)


def build(entry, weights):
    size, metadata = entry["input"]["size"], catalog.metadata(entry)
    return efficientnet_lite.build(entry["name"], size, weights, metadata)


def test_the_graph_is_one_that_onnx_accepts(entry, made_up_weights):
    model = onnx.load_from_string(b"".join(build(entry, {})))
    onnx.checker.check_model(model, full_check=True)
    num_blocks = sum(stage.repeats for stage in efficientnet_lite.stages(entry["name"]))
    assert Counter(node.op_type for node in model.graph.node) == {
        "Conv": num_blocks * 3 + 1,
        "BatchNormalization": num_blocks * 3 + 1,
        "Clip": num_blocks * 2 + 1,
        "Add": num_blocks - 7,
        "GlobalAveragePool": 1,
        "Flatten": 1,
        "Gemm": 1,
    }
    roles = (".weight", ".bias", ".scale")
    weights = [t for t in model.graph.initializer if t.name.endswith(roles)]
    assert sum(np.prod(t.dims, dtype=int) for t in weights) == entry["parameters"]


def test_padding_is_in_the_convolutions(made_up_weights):
    model = onnx.load_from_string(
        b"".join(build(catalog.find("efficientnet-lite0"), {}))
    )
    pads = {
        node.name: list(attribute.ints)
        for node in model.graph.node
        for attribute in node.attribute
        if attribute.name == "pads"
    }
    assert pads["stem/conv"] == [0, 0, 1, 1]
    assert pads["blocks.0/depthwise/conv"] == [1, 1, 1, 1]
    assert pads["blocks.3/depthwise/conv"] == [1, 1, 2, 2]
    assert pads["head/conv"] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("channels", "width", "scaled"),
    [(16, 1.0, 16), (16, 1.1, 16), (40, 1.1, 48), (320, 1.1, 352), (8, 0.1, 8)],
)
def test_channels_are_scaled_to_multiples_of_8(channels, width, scaled):
    assert efficientnet_lite.scaled_channels(channels, width) == scaled


def test_a_missing_weight_is_named(entry):
    with pytest.raises(ModelsError, match=r"weight '_conv_stem\.weight' is missing"):
        build(entry, {})


def test_a_weight_of_another_shape_is_named(entry):
    weights = {"_conv_stem.weight": np.zeros((32, 3, 5, 5), np.float32)}
    match = r"'_conv_stem\.weight' has shape \(32, 3, 5, 5\), wanted \(32, 3, 3, 3\)"
    with pytest.raises(ModelsError, match=match):
        build(entry, weights)


def test_a_weight_without_a_place_is_named(entry, made_up_weights):
    with pytest.raises(ModelsError, match="weight 'other' has no place in efficient"):
        build(entry, {"other": np.zeros(1, np.float32)})


@pytest.fixture
def session(converted_file):
    onnxruntime = pytest.importorskip("onnxruntime")
    return onnxruntime.InferenceSession(converted_file)


def test_the_logits_are_pytorchs(entry, session):
    size = entry["input"]["size"]
    x = np.sin(np.arange(3 * size * size) / 50).astype(np.float32)
    (logits,) = session.run(None, {"input": x.reshape(1, 3, size, size)})
    expected, value_range = PYTORCH_LOGITS[entry["name"]]
    found = logits[0, [0, 250, 500, 750, 999]]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * value_range)


def load_picture(path, entry):
    """The entry's input [1,3,size,size] of the picture, by Pillow.

    The longer side and the crop's corner are rounded half to even.
    """
    image = pytest.importorskip("PIL.Image")
    size = entry["input"]["size"]
    shorter = int(entry["input"]["resize"].split()[1])
    with image.open(path) as file:
        picture = file.convert("RGB")
    scale = shorter / min(picture.size)
    resized = [round(side * scale) for side in picture.size]
    picture = picture.resize(resized, image.Resampling.BICUBIC)
    left, top = (round((side - size) / 2) for side in resized)
    picture = picture.crop((left, top, left + size, top + size))
    x = (np.asarray(picture, np.float32) - 127) / 128
    return x.transpose(2, 0, 1)[None]


@pytest.fixture(params=catalog.WEIGHTS)
def weights(request):
    """Each form of the weights."""
    return request.param


@pytest.fixture
def stored_file(converted_file, weights, tmp_path):
    """The entry's ONNX file with such weights."""
    if weights == "f32":
        return converted_file
    path = tmp_path / f"{weights}.onnx"
    convert.convert_file(converted_file, path, weights)
    return path


# Of the whole file, with batch statistics and names.
BYTES_A_PARAMETER = {"f32": 4.05, "f16": 2.08, "int8": 1.15}


def test_the_file_is_as_small_as_its_weights(entry, stored_file, weights):
    num_bytes = stored_file.stat().st_size
    assert num_bytes <= BYTES_A_PARAMETER[weights] * entry["parameters"]
    model = onnx.load(stored_file)
    onnx.checker.check_model(model, full_check=True)
    metadata = {prop.key: prop.value for prop in model.metadata_props}
    assert metadata == catalog.metadata(entry)


def test_the_accuracy_is_the_catalogs(entry, stored_file, weights, test_data):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(stored_file)
    labels = json.loads((test_data / "labels/imagenet_class_index.json").read_text())
    index_of = {wnid: int(index) for index, (wnid, _) in labels.items()}
    paths = sorted((test_data / "images/imagenet-samples").glob("*.JPEG"))
    assert len(paths) == 100
    ranks = []
    for path in paths:
        (logits,) = session.run(None, {"input": load_picture(path, entry)})
        order = np.argsort(-logits[0], kind="stable").tolist()
        ranks.append(order.index(index_of[path.name.partition("_")[0]]))
    measured = catalog.measured(entry, weights)
    assert sum(rank < 1 for rank in ranks) == measured["top1"]
    assert sum(rank < 5 for rank in ranks) == measured["top5"]
