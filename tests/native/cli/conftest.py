# SPDX-License-Identifier: Apache-2.0
"""Runs the program as a user does, and makes what it is given."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import small_networks
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
RELEASE = ROOT / "build" / "release" / "bin" / "synsight"


class Synsight:
    """The program; a call runs it and gives the CompletedProcess.

    Standard input and outputs are text, or bytes with encoding=None, errors=None.
    """

    def __init__(self, program):
        self.program = program

    def command(self, *arguments):
        return [str(part) for part in (self.program, *arguments)]

    def __call__(self, *arguments, **options):
        usual = {"input": "", "encoding": "utf-8", "errors": "replace"}
        options = usual | {"capture_output": True} | options
        return subprocess.run(self.command(*arguments), check=False, **options)

    def ok(self, *arguments, **options):
        """Standard output of a run that must succeed."""
        finished = self(*arguments, **options)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def error(self, *arguments, code=1, **options):
        """The one line on stderr of a run that must fail with this exit code."""
        finished = self(*arguments, **options)
        assert finished.returncode == code, finished.stderr
        assert finished.stderr.startswith("error: "), finished.stderr
        assert finished.stderr.count("\n") == 1, finished.stderr
        assert finished.stderr.endswith("\n")
        return finished.stderr


@pytest.fixture(scope="session")
def synsight():
    """The program that SYNSIGHT names, or else that of the release build."""
    return Synsight(Path(os.environ.get("SYNSIGHT", RELEASE)).resolve())


@pytest.fixture(scope="session")
def is_sanitized():
    """Whether the program is built with sanitizers, and many times slower."""
    return bool(os.environ.get("SYNSIGHT_SANITIZED"))


@pytest.fixture(scope="session")
def test_data():
    """The folder of test data: TEST_DATA, or shared/data beside the project."""
    folder = Path(os.environ.get("TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return folder


@pytest.fixture(scope="session")
def real_model():
    """A function: the ONNX file of a network of the catalog, as set-up made it."""

    def find(name):
        path = ROOT / "build" / "models" / f"{name}.onnx"
        if not path.is_file():
            pytest.skip(f"{name} is not made; do: python -m models convert {name}")
        return path

    return find


@pytest.fixture
def color_model(tmp_path):
    """The file of a network that tells red, green and blue apart."""
    return small_networks.save(small_networks.color_network(), tmp_path / "color.onnx")


@pytest.fixture
def picture(tmp_path):
    """A function that writes a picture of one colour and returns its path."""

    def write(name="picture.png", color=(255, 0, 0), size=(8, 8), form=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = size
        pixels = np.broadcast_to(np.uint8(color), (height, width, 3))
        Image.fromarray(np.ascontiguousarray(pixels)).save(path, format=form)
        return path

    return write


@pytest.fixture
def tensor_file(tmp_path):
    """A function that writes an array as .npy and returns its path."""

    def write(array, name="input.npy"):
        np.save(tmp_path / name, array)
        return tmp_path / name

    return write
