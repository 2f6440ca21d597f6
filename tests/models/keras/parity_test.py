# SPDX-License-Identifier: Apache-2.0
"""Whole networks beside Keras: those of the lessons, and the smallest of each family.

Of small pictures, for time; `make parity` compares all, of the sizes they were made for.
"""

import engines
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
    "EfficientNetB0": 224,
    "EfficientNetV2B0": 128,
    "ConvNeXtTiny": 64,
}

CASES = {name: {"input_shape": (side, side, 3)} for name, side in SIDES.items()}
CASES |= {
    "DenseNet121 with softmax": {
        "input_shape": (96, 80, 3),
        "classifier_activation": "softmax",
    },
    "VGG16 without its top": {"input_shape": (32, 32, 3), "include_top": False},
    "MobileNet without its top, pooled": {
        "input_shape": (70, 64, 3),
        "include_top": False,
        "pooling": "avg",
    },
}


@pytest.fixture(scope="module", params=CASES)
def network(request, photographs):
    """A network, and what Keras predicts, once for all engines."""
    name, options = request.param.split()[0], CASES[request.param]
    with parity.converted(name, photographs, **options) as network:
        yield network


def test_photographs_differ_to_the_network(network):
    assert network.tells_apart, parity.spread(network.wanted)


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_a_network_answers_as_keras(network, engine, synsight):
    why = engines.why_missing(engine)
    if why:
        pytest.skip(why)
    result = parity.compare(engine, synsight, network)
    assert result.is_good, result
