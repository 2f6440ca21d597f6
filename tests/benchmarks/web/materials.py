# SPDX-License-Identifier: Apache-2.0
"""The files of one network for every engine, all made of its one ONNX file."""

import os
from pathlib import Path

import onnxruntime
from PIL import Image

from models.files import write_file
from tests.benchmarks import materials, onnxruntime_classify
from tests.benchmarks.web import layers, tfjs_files, tflite_file

FOLDER = Path("build/bench-web")
SOURCES = [__file__, layers.__file__, tfjs_files.__file__, tflite_file.__file__]
PICTURE = "coffee.png"


# Networks with layers that layers.py does not know: they go to engines that read ONNX.
ONNX_ONLY = ["inception_v3", "xception"]


def network_files(name):
    """The files' URLs, as measure.js wants them; what is missing or old is made."""
    network = materials.network_file(name)
    picture = materials.sample_photo(PICTURE)
    folder = FOLDER / name
    files = {
        "inputNchw": folder / "input-nchw.f32",
        "inputNhwc": folder / "input-nhwc.f32",
        "logits": folder / "logits.f32",
    }
    if name not in ONNX_ONLY:
        files |= {
            "tflite": folder / "network.tflite",
            "layers": folder / "layers.json",
            "weights": folder / "weights.f32",
        }
    sources = [*SOURCES, network, picture]
    newest = max(os.stat(source).st_mtime for source in sources)
    if not all(p.is_file() and p.stat().st_mtime >= newest for p in files.values()):
        print(f"making {folder}", flush=True)
        _make(network, picture, files)
    files |= {"onnx": network}
    return {key: f"/{path.as_posix()}" for key, path in files.items()}


def _make(network, picture, files):
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    with Image.open(picture) as image:
        given = onnxruntime_classify.preprocess(image.convert("RGB"), metadata)
    (logits,) = session.run(None, {"input": given})
    last_first = given.transpose(0, 2, 3, 1)
    write_file(files["inputNchw"], [given.tobytes()])
    write_file(files["inputNhwc"], [last_first.tobytes()])
    write_file(files["logits"], [logits.tobytes()])
    if "layers" not in files:
        return
    found = layers.read(network)
    description, arrays = tfjs_files.serialize(found)
    write_file(files["layers"], [description])
    write_file(files["weights"], [array.data for array in arrays])
    write_file(files["tflite"], [tflite_file.serialize(found, last_first.shape)])
