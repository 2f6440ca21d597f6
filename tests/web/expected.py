# SPDX-License-Identifier: Apache-2.0
"""What a page must find, by Pillow with ONNX Runtime and by the native program.

    python -m tests.web.expected FOLDER MODEL... -- PICTURE...

writes three files of f32 a picture into FOLDER/MODEL's name: PICTURE.tensor is what the
model is fed, the same by Pillow and by the native core; PICTURE.onnxruntime and
PICTURE.native are the logits that they get from it.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from PIL import Image, ImageOps

from tests.core.image.image_tool import ImageTool

PROGRAMS = Path(__file__).resolve().parents[2] / "build" / "release" / "bin"
FIELDS = ["resize", "filter", "crop", "color", "scale", "mean", "std"]


def feed(path, size):
    """The input tensor [3,size,size] as EfficientNet-Lite's authors make it."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    scale = round(size / 0.875) / min(picture.size)
    picture = picture.resize(
        [round(side * scale) for side in picture.size], Image.Resampling.BICUBIC
    )
    left, top = [round((side - size) / 2) for side in picture.size]
    picture = picture.crop((left, top, left + size, top + size))
    pixels = np.asarray(picture, np.float32)
    return np.ascontiguousarray(((pixels - 127) / 128).transpose(2, 0, 1))


def native_logits(model, tensors, folder):
    np.save(folder / "input.npy", tensors)
    program, output = PROGRAMS / "synsight", folder / "logits.npy"
    command = [program, "run", model, folder / "input.npy", "-o", output]
    subprocess.run(command, check=True)
    return np.load(output)


def write(folder, model, pictures, tool):
    folder.mkdir()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    size = session.get_inputs()[0].shape[-1]
    metadata = {p.key: p.value for p in onnx.load(model).metadata_props}
    fields = {field: metadata[f"synsight.{field}"] for field in FIELDS}
    tensors = []
    for picture in pictures:
        tensor = feed(picture, size)
        pixels, _, _ = tool.decode(picture.read_bytes())
        native = tool.preprocess(pixels, **fields)
        assert native.tobytes() == tensor.tobytes(), f"{picture}: not what Pillow makes"
        tensors.append(tensor)
    native = native_logits(model, np.stack(tensors), folder)
    for picture, tensor, logits in zip(pictures, tensors, native, strict=True):
        (wanted,) = session.run(None, {"input": tensor[None]})
        tensor.tofile(folder / f"{picture.name}.tensor")
        logits.tofile(folder / f"{picture.name}.native")
        wanted.tofile(folder / f"{picture.name}.onnxruntime")


def main(folder, *paths):
    middle = paths.index("--")
    pictures = [Path(picture) for picture in paths[middle + 1 :]]
    os.environ.setdefault("IMAGE_TOOL", str(PROGRAMS / "image_tool"))
    tool = ImageTool()
    for model in paths[:middle]:
        write(Path(folder) / Path(model).stem, model, pictures, tool)
    tool.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
