# SPDX-License-Identifier: Apache-2.0
"""Whole networks beside Keras: those of the lessons, and the smallest of each family.

Of small pictures, for time; `make parity` compares all, of the sizes they were made for.
"""

import parity
import pytest

# {name: the side of the pictures}
SIDES = {
    "VGG16": 64,
    "ResNet50": 96,
    "InceptionV3": 192,
    "Xception": 128,
    "VGG19": 32,
    "ResNet50V2": 96,
    "InceptionResNetV2": 160,
    "MobileNet": 128,
    "MobileNetV2": 128,
    "MobileNetV3Small": 128,
    "DenseNet121": 96,
    "NASNetMobile": 128,
    "EfficientNetB0": 128,
    "EfficientNetV2B0": 128,
    "ConvNeXtTiny": 64,
}


@pytest.mark.parametrize("name", SIDES)
def test_a_network_gives_kerass_logits(name, synsight, photographs):
    shape = (SIDES[name], SIDES[name], 3)
    result = parity.compare(synsight, name, photographs, input_shape=shape)
    assert result.is_good, result


def test_a_network_without_its_top_gives_kerass_features(synsight, photographs):
    options = {"input_shape": (32, 32, 3), "include_top": False}
    result = parity.compare(synsight, "VGG16", photographs, **options)
    assert result.num_parameters == 14_714_688
    assert result.is_good, result


def test_pooled_features_are_kerass(synsight, photographs):
    options = {"input_shape": (70, 64, 3), "include_top": False, "pooling": "avg"}
    result = parity.compare(synsight, "MobileNet", photographs, **options)
    assert result.is_good, result
