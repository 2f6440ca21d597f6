# SPDX-License-Identifier: Apache-2.0
"""Preprocessing equals Pillow's resizing and NumPy's f32 arithmetic, bit for bit. The
rules are those of torchvision (Resize, CenterCrop, ToTensor, Normalize), of timm, which
uses them, and of Keras (load_img, preprocess_input)."""

import math
import os

import numpy as np
import pytest
from PIL import Image

PICTURES = [(500, 375), (375, 500), (333, 500), (640, 427), (224, 224), (256, 300)]
PICTURES += [(100, 80), (301, 225), (1000, 300), (3, 200), (1, 1)]
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def picture(rng, size):
    return rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def resize_shorter(pixels, shorter, resample, to_integer=int):
    """torchvision's Resize(shorter)."""
    height, width, _ = pixels.shape
    short, long = min(width, height), max(width, height)
    new_long = to_integer(shorter * long / short)
    size = (shorter, new_long) if width <= height else (new_long, shorter)
    return np.asarray(Image.fromarray(pixels).resize(size, resample))


def center_crop(pixels, crop):
    """torchvision's CenterCrop((crop, crop)); Python's round goes to the even number."""
    missing = [max(0, crop - side) for side in pixels.shape[:2]]
    padding = [(side // 2, (side + 1) // 2) for side in missing]
    pixels = np.pad(pixels, [*padding, (0, 0)])
    top, left = (round((side - crop) / 2.0) for side in pixels.shape[:2])
    return pixels[top : top + crop, left : left + crop]


def normalize(pixels, mean, std):
    """ToTensor and Normalize, without changing the layout."""
    scaled = pixels.astype(np.float32) / np.float32(255)
    return (scaled - np.float32(mean)) / np.float32(std)


def keras_pixels(pixels, size):
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.NEAREST)
    return np.asarray(image).astype(np.float32)


def keras_caffe(pixels, size):
    values = keras_pixels(pixels, size)[:, :, ::-1].copy()
    for channel, mean in enumerate((103.939, 116.779, 123.68)):
        values[:, :, channel] -= np.float32(mean)
    return values


def keras_tf(pixels, size):
    values = keras_pixels(pixels, size)
    values /= np.float32(127.5)
    values -= np.float32(1)
    return values


def cropped(resample, shorter, mean_and_std):
    def reference(pixels, size):
        resized = resize_shorter(pixels, shorter(size), resample)
        return normalize(center_crop(resized, size), *mean_and_std)

    return reference


BILINEAR, BICUBIC = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC
PRESETS = {
    "keras-caffe": keras_caffe,
    "keras-tf": keras_tf,
    "keras-torch": lambda pixels, size: normalize(
        keras_pixels(pixels, size), *IMAGENET
    ),
    "keras-raw": keras_pixels,
    "torchvision": cropped(BILINEAR, lambda size: round(size / 0.875), IMAGENET),
    "torchvision-v2": cropped(BILINEAR, lambda size: round(size * 232 / 224), IMAGENET),
    "timm-default": cropped(BICUBIC, lambda size: math.floor(size / 0.875), IMAGENET),
    "timm-inception": cropped(BICUBIC, lambda size: math.floor(size / 0.875), HALF),
    "timm-vit": cropped(BICUBIC, lambda size: math.floor(size / 0.9), HALF),
}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("size", [224, 299, 33])
def test_presets(tool, rng, preset, size):
    for picture_size in PICTURES:
        pixels = picture(rng, picture_size)
        wanted = PRESETS[preset](pixels, size)
        found = tool.preprocess(pixels, "NHWC", preset, size)
        np.testing.assert_array_equal(found, wanted, err_msg=str(picture_size))
        planar = tool.preprocess(pixels, "NCHW", preset, size)
        np.testing.assert_array_equal(planar, wanted.transpose(2, 0, 1))


def test_every_crop_offset(tool, rng):
    for side in range(1, 24):
        pixels = picture(rng, (side, side + 1))
        for crop in range(1, 24):
            wanted = center_crop(pixels, crop).astype(np.float32)
            found = tool.preprocess(pixels, "NHWC", crop=f"{crop}x{crop}")
            np.testing.assert_array_equal(found, wanted, err_msg=f"{side} to {crop}")


@pytest.mark.parametrize("shorter", [7, 256, 292])
def test_longer_side(tool, rng, shorter):
    for _ in range(60):
        size = rng.integers(1, 500, 2).tolist()
        if max(size) > 40 * min(size):
            continue
        pixels = picture(rng, size)
        for to_integer, word in ((int, ""), (round, " rounded")):
            wanted = resize_shorter(pixels, shorter, BILINEAR, to_integer)
            field = f"shorter {shorter}{word}"
            found = tool.preprocess(pixels, "NHWC", resize=field)
            np.testing.assert_array_equal(found, wanted.astype(np.float32), str(size))


def test_efficientnet_lite(tool, rng):
    pixels = picture(rng, (500, 333))
    fields = {"resize": "shorter 256", "filter": "bicubic", "crop": "224x224"}
    found = tool.preprocess(pixels, "NHWC", **fields, mean="127", std="128")
    resized = center_crop(resize_shorter(pixels, 256, BICUBIC), 224)
    wanted = (resized.astype(np.float32) - np.float32(127)) / np.float32(128)
    np.testing.assert_array_equal(found, wanted)


def test_multiplied_scale_and_sides_that_differ(tool, rng):
    pixels = picture(rng, (50, 60))
    fields = {"resize": "stretch 20x30", "filter": "lanczos", "crop": "16x24"}
    found = tool.preprocess(
        pixels,
        "NHWC",
        **fields,
        scale="0.00392156862745098",
        color="BGR",
        mean="0.1,0.2,0.3",
    )
    resized = Image.fromarray(pixels).resize((20, 30), Image.Resampling.LANCZOS)
    bgr = np.asarray(resized)[3:27, 2:18, ::-1].astype(np.float32)
    wanted = bgr * np.float32(0.00392156862745098) - np.float32([0.1, 0.2, 0.3])
    np.testing.assert_array_equal(found, wanted)


@pytest.fixture(scope="module")
def keras():
    """Keras itself, where it and a backend that it can do without TensorFlow are there."""
    os.environ.setdefault("KERAS_BACKEND", "openvino")
    pytest.importorskip("openvino")
    return pytest.importorskip("keras")


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_keras_itself(tool, rng, keras, tmp_path, mode):
    """load_img(target_size=...), img_to_array and preprocess_input of a file."""
    from keras.src.applications.imagenet_utils import preprocess_input

    for picture_size in PICTURES:
        path = tmp_path / "picture.png"
        Image.fromarray(picture(rng, picture_size)).save(path)
        pixels, _, _ = tool.decode(path.read_bytes())
        for side in (224, 299, 32):
            loaded = keras.utils.load_img(path, target_size=(side, side))
            array = keras.utils.img_to_array(loaded)
            wanted = preprocess_input(array[None], "channels_last", mode)[0]
            assert wanted.dtype == np.float32
            found = tool.preprocess(pixels, "NHWC", f"keras-{mode}", side)
            np.testing.assert_array_equal(found, wanted, err_msg=str(picture_size))


def test_kerass_networks_name_their_modes(keras):
    """Which mode is whose: as core/image/input_spec.h says."""
    array = np.full((1, 1, 3), 200, np.float32)
    value = {"caffe": 200 - 103.939, "tf": 200 / 127.5 - 1, "raw": 200.0}
    value["torch"] = (200 / 255 - 0.485) / 0.229
    modes = {
        "vgg16": "caffe",
        "resnet50": "caffe",
        "mobilenet_v2": "tf",
        "inception_v3": "tf",
        "xception": "tf",
        "nasnet": "tf",
        "densenet": "torch",
        "efficientnet": "raw",
        "mobilenet_v3": "raw",
        "convnext": "raw",
    }
    for name, mode in modes.items():
        preprocess_input = getattr(keras.applications, name).preprocess_input
        (first, *_) = preprocess_input(array.copy()).ravel()
        assert first == pytest.approx(value[mode], rel=1e-6), name
