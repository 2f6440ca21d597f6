# SPDX-License-Identifier: Apache-2.0
"""The usual way: classifies photographs with ONNX Runtime, Pillow and NumPy.

    python tests/benchmarks/onnxruntime_classify.py MODEL.onnx PHOTO...

Prints what `synsight classify --format json` prints. Knows models whose preprocessing
is written in them as `stretch HxW`, or as `shorter N [rounded]` and a crop.
"""

import csv
import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

CLASSES_FILE = Path(__file__).resolve().parents[2] / "assets/imagenet-1k.tsv"


def read_classes():
    """The rows of the class table, dictionaries."""
    with CLASSES_FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def preprocess(picture, metadata):
    """The input tensor, f32 [1,3,H,W], of an RGB picture."""
    text = {key.removeprefix("synsight."): value for key, value in metadata.items()}
    mode, number, *rounded = text["resize"].split()
    resample = Image.Resampling[text["filter"].upper()]
    if mode == "stretch":
        height, width = map(int, number.split("x"))
        picture = picture.resize((width, height), resample)
    else:
        whole = round if rounded else int
        size = [whole(n * int(number) / min(picture.size)) for n in picture.size]
        picture = picture.resize(size, resample)
        crop_width, crop_height = map(int, text["crop"].split("x"))
        left = round((picture.width - crop_width) / 2)
        top = round((picture.height - crop_height) / 2)
        picture = picture.crop((left, top, left + crop_width, top + crop_height))

    numerator, _, denominator = text["scale"].partition("/")
    scale = float(numerator) / float(denominator or 1)
    mean, std = (np.array(text[key].split(","), np.float32) for key in ("mean", "std"))
    pixels = (np.asarray(picture, np.float32) * np.float32(scale) - mean) / std
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[np.newaxis])


def classify(session, classes, path):
    """What is printed for the photograph at `path`."""
    data = Path(path).read_bytes()
    times = [time.perf_counter()]
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    times.append(time.perf_counter())
    tensor = preprocess(picture, session.get_modelmeta().custom_metadata_map)
    times.append(time.perf_counter())
    logits = session.run(None, {session.get_inputs()[0].name: tensor})[0][0]
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    times.append(time.perf_counter())
    predictions = [
        {
            "index": int(index),
            "wnid": classes[index]["wnid"],
            "label": classes[index]["label"],
            "probability": float(scores[index]),
        }
        for index in np.argsort(-scores, stable=True)[:5]
    ]
    steps = zip(
        ["decode", "preprocess", "inference"], np.diff(times) * 1e3, strict=True
    )
    return {"image": path, "predictions": predictions, "ms": dict(steps)}


def main():
    model, *photos = sys.argv[1:]
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    classes = read_classes()
    for path in photos:
        print(json.dumps(classify(session, classes, path)))


if __name__ == "__main__":
    main()
