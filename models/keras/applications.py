# SPDX-License-Identifier: Apache-2.0
"""The convolutional networks of keras.applications, and how each is fed."""

from models.errors import ModelsError
from models.presets import preset_fields

# By the module of keras.applications, whose preprocess_input has the mode.
_FAMILIES = (
    ("caffe", "VGG16 VGG19 ResNet50 ResNet101 ResNet152"),
    ("tf", "ResNet50V2 ResNet101V2 ResNet152V2 InceptionV3 InceptionResNetV2 Xception"),
    ("tf", "MobileNet MobileNetV2 NASNetMobile NASNetLarge"),
    ("torch", "DenseNet121 DenseNet169 DenseNet201"),
    ("raw", "MobileNetV3Small MobileNetV3Large"),
    ("raw", "EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3"),
    ("raw", "EfficientNetB4 EfficientNetB5 EfficientNetB6 EfficientNetB7"),
    ("raw", "EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3"),
    ("raw", "EfficientNetV2S EfficientNetV2M EfficientNetV2L"),
    ("raw", "ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge"),
)

# What networks that take any size were trained with.
USUAL_SIDE = 224

# {name: the mode of its preprocess_input}; raw: it changes nothing.
MODES = {name: mode for mode, names in _FAMILIES for name in names.split()}


def feeding(mode, height, width):
    """The metadata for pictures that load_img loads; sizes are None where any will do.

    `load_img(target_size=...)` stretches, and takes the nearest pixel.
    """
    fields = preset_fields(f"keras-{mode}", width, height)
    if not height or not width:
        del fields["resize"], fields["filter"]
    return {f"synsight.{key}": text for key, text in fields.items()}


def find(name):
    """The name as Keras spells it; ModelsError, with the names there are, if none is."""
    for known in MODES:
        if known.lower() == name.lower():
            return known
    names = ", ".join(MODES)
    raise ModelsError(
        f"no network of keras.applications is called {name!r}; there are {names}"
    )
