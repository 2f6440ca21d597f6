# SPDX-License-Identifier: Apache-2.0
"""The default model on a hundred real photographs, beside ONNX Runtime fed by Pillow."""

import json

import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageOps

MODEL = "efficientnet-lite0"
SHORTER, CROP = 256, 224


@pytest.fixture(scope="module")
def photographs(test_data, is_sanitized):
    """The photographs, in order; a few of them where the program is slow."""
    paths = sorted((test_data / "images" / "imagenet-samples").glob("*.JPEG"))
    assert len(paths) == 100
    return paths[::10] if is_sanitized else paths


@pytest.fixture(scope="module")
def results(synsight, real_model, photographs):
    """What `classify` says of each photograph: a list of dictionaries, best first."""
    model = real_model(MODEL)
    text = synsight.ok("classify", *photographs, "--model", model, "--format", "json")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["image"] for line in lines] == [str(path) for path in photographs]
    return [line["predictions"] for line in lines]


def feed(path):
    """The input tensor [1,3,224,224] as the network's authors make it, by Pillow."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    scale = SHORTER / min(picture.size)
    size = [round(side * scale) for side in picture.size]
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = [round((side - CROP) / 2) for side in picture.size]
    pixels = np.asarray(picture.crop((left, top, left + CROP, top + CROP)), np.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)[None]


def wnid_of(path):
    return path.name.split("_")[0]


def test_top_1_and_top_5(results, photographs, is_sanitized):
    top_1 = top_5 = 0
    for predictions, path in zip(results, photographs, strict=True):
        wnids = [p["wnid"] for p in predictions]
        top_1 += wnids[0] == wnid_of(path)
        top_5 += wnid_of(path) in wnids
    if is_sanitized:
        assert top_1 >= 8 and top_5 >= 9
    else:
        assert (top_1, top_5) == (90, 99)


def test_the_best_class_is_onnx_runtimes_on_every_photograph(
    results, photographs, real_model
):
    session = onnxruntime.InferenceSession(
        real_model(MODEL), providers=["CPUExecutionProvider"]
    )
    ours = [predictions[0]["index"] for predictions in results]
    theirs = [
        int(session.run(None, {"input": feed(p)})[0].argmax()) for p in photographs
    ]
    assert ours == theirs


def test_labels_are_kerass(results, test_data):
    path = test_data / "labels" / "imagenet_class_index.json"
    classes = json.loads(path.read_text())
    for predictions in results:
        for prediction in predictions:
            wanted = classes[str(prediction["index"])]
            assert [prediction["wnid"], prediction["label"]] == wanted
