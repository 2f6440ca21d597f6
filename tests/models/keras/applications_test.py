# SPDX-License-Identifier: Apache-2.0
"""Every network of keras.applications: its weights, its metadata, how it is fed."""

import io
import math
import os
import sys
from pathlib import Path

import keras
import networks
import numpy as np
import onnx
import parity
import pytest
from PIL import Image

from models.errors import ModelsError
from models.keras import applications, convert, describe, load, walk

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "core" / "image"))
from image_tool import ImageTool

MODULES = keras.applications


def converted(name, **options):
    """The network as an onnx.ModelProto, with random weights."""
    pieces = convert.from_application(name, "none", **options)
    return onnx.load_from_string(b"".join(pieces))


def metadata_of(model):
    return {prop.key: prop.value for prop in model.metadata_props}


def test_all_of_keras_is_there_but_what_is_no_network():
    functions = {name for name in dir(MODULES) if callable(getattr(MODULES, name))}
    assert set(applications.MODES) == functions


@pytest.fixture(autouse=True)
def numbered_from_one():
    """Layers without a name of their own are called as in a new process."""
    keras.backend.clear_session()


@pytest.mark.parametrize("name", applications.MODES)
def test_all_weights_are_there_and_counted_as_in_keras(name):
    loaded = load.load_application(name, "none")
    model = loaded.model
    graph, _ = walk.build(model, loaded.read)
    parity.check_parameters(model, graph.constant_sizes)
    said = describe.layers(model)
    assert said["synsight.layers"] == "keras"
    rows = [line.split("\t") for line in said["synsight.keras_layers"].splitlines()]
    assert [row[0] for row in rows] == [layer.name for layer in model.operations]
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    assert sum(int(row[2]) for row in rows) == trainable
    assert sum(int(row[2]) + int(row[3]) for row in rows) == model.count_params()


def test_vgg16_says_what_it_is():
    model = converted("VGG16", input_shape=(32, 48, 3), include_top=False)
    said = metadata_of(model)
    assert said["synsight.resize"] == "stretch 48x32"
    assert said["synsight.source"] == "keras.applications.VGG16, weights: none"
    assert "synsight.classes" not in said
    weights = sum(math.prod(tensor.dims) for tensor in model.graph.initializer)
    assert weights == 14_714_688
    names = [node.name for node in model.graph.node if "/" not in node.name]
    layers = MODULES.VGG16(weights=None, include_top=False).layers
    assert names == [layer.name for layer in layers[1:]]


def test_classes_are_imagenets_only_where_they_are_a_thousand():
    assert metadata_of(converted("MobileNet"))["synsight.classes"] == "imagenet-1k"
    assert "synsight.classes" not in metadata_of(converted("MobileNet", classes=10))


def test_a_network_for_any_size_is_fed_what_it_was_trained_with():
    said = metadata_of(converted("MobileNetV3Small"))
    assert said["synsight.resize"] == "stretch 224x224"
    said = metadata_of(converted("MobileNetV3Small", include_top=False))
    assert "synsight.resize" not in said


def test_how_grey_pictures_are_fed_is_not_kerass_to_say():
    said = metadata_of(converted("MobileNet", input_shape=(32, 32, 1)))
    assert not {"synsight.mean", "synsight.color", "synsight.resize"} & set(said)


def test_the_classifiers_activation_is_kerass():
    last = converted("MobileNet", classifier_activation=None).graph.node[-1]
    assert last.op_type != "Softmax"
    last = converted("MobileNet", classifier_activation="sigmoid").graph.node[-1]
    assert last.op_type == "Sigmoid"


def test_pooling_stands_behind_a_network_without_its_top():
    options = {"include_top": False, "pooling": "max"}
    operators = [node.op_type for node in converted("MobileNet", **options).graph.node]
    assert operators[-2:] == ["GlobalMaxPool", "Flatten"]


def test_weights_without_a_value_are_the_same_each_time():
    first, second = (
        b"".join(convert.from_application("MobileNet", "none")) for _ in "12"
    )
    assert first == second


def test_an_unknown_network_is_refused_with_those_that_are_known():
    with pytest.raises(ModelsError, match="is called 'VGG17'; there are VGG16, VGG19"):
        convert.from_application("VGG17", "none")


def test_what_keras_refuses_is_one_line():
    with pytest.raises(ModelsError) as error:
        convert.from_application("VGG16", "none", input_shape=(16, 16, 3))
    assert str(error.value).startswith("keras:VGG16: Input size must be at least 32x32")
    assert "\n" not in str(error.value)


def test_a_download_that_fails_is_one_line(monkeypatch):
    def fail(*arguments, **options):
        raise OSError("network is\nunreachable")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", fail)
    monkeypatch.setattr("os.path.exists", lambda path: False)
    with pytest.raises(ModelsError) as error:
        convert.from_application("MobileNet", "imagenet")
    assert str(error.value).startswith("keras:MobileNet: ")
    assert "unreachable" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def tool():
    usual = ROOT / "build" / "release" / "bin" / "image_tool"
    os.environ.setdefault("IMAGE_TOOL", str(usual))
    if not Path(os.environ["IMAGE_TOOL"]).is_file():
        pytest.skip("there is no image_tool; do: make release TARGET=all")
    tool = ImageTool()
    yield tool
    tool.close()


# One of each module with a preprocess_input.
PREPROCESSING = {
    "VGG16": MODULES.vgg16,
    "VGG19": MODULES.vgg19,
    "ResNet50": MODULES.resnet,
    "ResNet50V2": MODULES.resnet_v2,
    "InceptionV3": MODULES.inception_v3,
    "InceptionResNetV2": MODULES.inception_resnet_v2,
    "Xception": MODULES.xception,
    "MobileNet": MODULES.mobilenet,
    "MobileNetV2": MODULES.mobilenet_v2,
    "MobileNetV3Small": MODULES.mobilenet_v3,
    "DenseNet121": MODULES.densenet,
    "NASNetMobile": MODULES.nasnet,
    "EfficientNetB0": MODULES.efficientnet,
    "EfficientNetV2B0": MODULES.efficientnet_v2,
    "ConvNeXtTiny": MODULES.convnext,
}


@pytest.mark.parametrize("name", PREPROCESSING)
def test_pictures_are_fed_as_by_load_img_and_preprocess_input(name, tool, photographs):
    """Bit for bit, from the decoded pixels on."""
    height, width = 111, 97
    fields = applications.feeding(applications.MODES[name], height, width)
    fields = {key.removeprefix("synsight."): text for key, text in fields.items()}
    for file in photographs:
        with Image.open(file) as image:
            pixels = np.asarray(image.convert("RGB"))
        encoded = io.BytesIO(file.read_bytes())
        loaded = keras.utils.load_img(encoded, target_size=(height, width))
        array = keras.utils.img_to_array(loaded)
        wanted = PREPROCESSING[name].preprocess_input(array.copy()[np.newaxis])
        found = tool.preprocess(pixels, "NHWC", **fields)
        np.testing.assert_array_equal(found.reshape(wanted.shape), wanted)
        np.testing.assert_array_equal(
            networks.preprocess(name, array[np.newaxis]), wanted
        )
