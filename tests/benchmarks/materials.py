# SPDX-License-Identifier: Apache-2.0
"""The networks and photographs that are measured with; what is missing is made."""

import functools
import os
from pathlib import Path

from PIL import Image

from models import catalog
from models.errors import ModelsError
from models.pictures import fetch
from tests.benchmarks import networks, programs, random_network
from tests.benchmarks.programs import BenchmarkError

FOLDER = Path("build/bench")
PHOTO_SIZE = (500, 375)  # the commonest in ImageNet


@functools.cache
def network_file(name, weights="f32"):
    """The ONNX file of a network of the catalog, which may store its weights otherwise, or of networks.py."""
    if name not in networks.NETWORKS:
        convert = [*programs.python_module("models"), "convert", name]
        programs.run([*convert, "--weights", weights])
        return catalog.default_file(name, weights)
    path = FOLDER / f"{name}.onnx"
    sources = (networks.__file__, random_network.__file__)
    newest = max(os.stat(source).st_mtime for source in sources)
    if not path.is_file() or path.stat().st_mtime < newest:
        print(f"making {path}", flush=True)
        programs.run([*programs.python_script("networks.py"), name, "-o", path])
    return path


def photo_file():
    """A JPEG of PHOTO_SIZE, made of one of the sample photographs."""
    path = FOLDER / "photo.jpg"
    if not path.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with Image.open(sample_photo("coffee.png")) as picture:
            picture.convert("RGB").resize(PHOTO_SIZE).save(path, quality=90)
    return path


def sample_photo(name):
    """One of the photographs that `python -m models pictures` fetches."""
    folder = Path("build/pictures")
    try:
        fetch(folder)
    except ModelsError as error:
        raise BenchmarkError(str(error)) from error
    return folder / name


def test_data():
    """The folder of test data: TEST_DATA, or shared/data beside the project."""
    return Path(os.environ.get("TEST_DATA", "../shared/data"))
