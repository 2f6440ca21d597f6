# SPDX-License-Identifier: Apache-2.0
"""How pictures are fed, as the core's metadata say it: core/image/input_spec.h.

tests/native/cli/describe_test.py compares each preset with the core's own.
"""

import math
import re

from models.errors import ModelsError

KEYS = ("resize", "filter", "crop", "color", "scale", "mean", "std")

_LARGEST_SIDE = 8192
_SIZE = r"[0-9]+x[0-9]+"
_NUMBER = r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
_CHANNELS = rf"{_NUMBER}(,{_NUMBER},{_NUMBER})?"
# What a field's text looks like, and how that is said.
_FORMS = {
    "resize": (
        rf"stretch {_SIZE}|shorter [0-9]+( rounded)?|none",
        "'stretch WIDTHxHEIGHT', 'shorter SIDE', 'shorter SIDE rounded' or 'none'",
    ),
    "filter": (
        "nearest|bilinear|bicubic|lanczos",
        "nearest, bilinear, bicubic or lanczos",
    ),
    "crop": (rf"{_SIZE}|none", "'WIDTHxHEIGHT' or 'none'"),
    "color": ("RGB|BGR", "RGB or BGR"),
    "scale": (rf"{_NUMBER}(/{_NUMBER})?", "a number or a fraction such as 1/255"),
    "mean": (_CHANNELS, "one number, or three with commas between"),
    "std": (_CHANNELS, "one number, or three with commas between"),
}

_IMAGENET_PIXELS = {
    "scale": "1/255",
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
}
_HALF_PIXELS = {"scale": "1/255", "mean": "0.5", "std": "0.5"}
_RAW_PIXELS = {"scale": "1", "mean": "0", "std": "1"}
_KERAS = {
    "keras-caffe": _RAW_PIXELS | {"color": "BGR", "mean": "103.939,116.779,123.68"},
    "keras-tf": {"scale": "1/127.5", "mean": "1", "std": "1"},
    "keras-torch": _IMAGENET_PIXELS,
    "keras-raw": _RAW_PIXELS,
}
# The filter, the pixels, and the shorter side for the larger of width and height.
_CROPPED = {
    "torchvision": ("bilinear", _IMAGENET_PIXELS, lambda side: (side * 16 + 7) // 14),
    "torchvision-v2": (
        "bilinear",
        _IMAGENET_PIXELS,
        lambda side: (side * 464 + 224) // 448,
    ),
    "timm-default": ("bicubic", _IMAGENET_PIXELS, lambda side: side * 8 // 7),
    "timm-inception": ("bicubic", _HALF_PIXELS, lambda side: side * 8 // 7),
    "timm-vit": ("bicubic", _HALF_PIXELS, lambda side: side * 10 // 9),
}
PRESETS = (*_KERAS, *_CROPPED)


def preset_fields(name, width, height):
    """{key: text} of all KEYS for a network that takes pictures of this size."""
    if name in _KERAS:
        size = {"resize": f"stretch {width}x{height}", "filter": "nearest"}
        return size | {"crop": "none", "color": "RGB"} | _KERAS[name]
    interpolation, pixels, shorter = _CROPPED[name]
    return {
        "resize": f"shorter {shorter(max(width, height))}",
        "filter": interpolation,
        "crop": f"{width}x{height}",
        "color": "RGB",
    } | pixels


def check_field(key, text):
    """Raises ModelsError unless the core reads `text` as the field `key`."""
    form, words = _FORMS[key]
    if not re.fullmatch(form, text):
        raise ModelsError(f"{key} {text!r}: wanted {words}")
    sides = re.findall(r"[0-9]+", text) if key in ("resize", "crop") else []
    if any(not 1 <= int(side) <= _LARGEST_SIDE for side in sides):
        raise ModelsError(f"{key} {text!r}: sides are 1 to {_LARGEST_SIDE}")
    if key in ("scale", "mean", "std"):
        numbers = [float(number) for number in re.split("[,/]", text)]
        is_zero = 0 in numbers and key != "mean"
        if is_zero or not all(map(math.isfinite, numbers)):
            raise ModelsError(f"{key} {text!r}: wanted finite numbers, not 0")


def output_size(fields):
    """(key, width, height): the size that `fields` give any picture, and which says so.

    None where that depends on the picture.
    """
    for key in ("crop", "resize"):
        size = re.fullmatch("(stretch )?([0-9]+)x([0-9]+)", fields.get(key, "none"))
        if size:
            return key, int(size[2]), int(size[3])
    return None
