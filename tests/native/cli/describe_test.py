# SPDX-License-Identifier: Apache-2.0
"""`python -m models describe` says the same as the program's own presets and fields."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from PIL import Image
from small_networks import model, save, value

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def describe():
    """A function that runs the command on a file."""

    def run(path, *options):
        command = [sys.executable, "-m", "models", "describe", path, *options]
        return subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def preset_names(synsight):
    text = "".join(synsight.ok("classify", "--help").split())
    (names,) = re.findall(r"--preset(keras-[-a-z0-9|]+?)awell-known", text)
    return names.split("|")


def identity_network(shape):
    """Gives what it is fed."""
    nodes = [helper.make_node("Neg", ["input"], ["negative"], name="negative")]
    nodes.append(helper.make_node("Neg", ["negative"], ["output"], name="same"))
    return model(nodes, [value("input", shape)], [value("output", shape)])


def fed(synsight, path, photo, output, *options):
    """The tensor that the network is fed."""
    arguments = ("features", path, photo, "--layer", "same", "-o", output)
    synsight.ok(*arguments, *options)
    return np.load(output)


def test_every_preset_feeds_the_same(synsight, describe, tmp_path):
    photo = tmp_path / "photo.png"
    pixels = np.random.default_rng(2).integers(0, 256, (90, 130, 3), np.uint8)
    Image.fromarray(pixels).save(photo)
    names = preset_names(synsight)
    assert len(names) == 9
    for i, name in enumerate(names):
        shape = [1, 3, 33 + i, 48] if i % 2 else [1, 48, 33 + i, 3]
        silent = save(identity_network(shape), tmp_path / "silent.onnx")
        wanted = fed(synsight, silent, photo, tmp_path / "x.npy", "--preset", name)
        told = tmp_path / "told.onnx"
        finished = describe(silent, "--preset", name, "-o", told)
        assert finished.returncode == 0, finished.stderr
        found = fed(synsight, told, photo, tmp_path / "x.npy")
        np.testing.assert_array_equal(found, wanted, err_msg=name)


def test_both_know_the_same_presets(synsight, describe):
    finished = describe("model.onnx", "--preset", "?")
    assert finished.returncode == 2
    names = re.findall(r"'?((?:keras|torchvision|timm)[-a-z0-9]*)'?", finished.stderr)
    assert set(names) == set(preset_names(synsight))


@pytest.mark.parametrize(
    "key, text",
    [
        ("resize", "stretch 48x33"),
        ("resize", "shorter 40"),
        ("resize", "shorter 40 rounded"),
        ("resize", "none"),
        ("resize", "stretch 48X33"),
        ("resize", "shorter 0"),
        ("resize", "shorter 8193"),
        ("resize", "shorter 40  rounded"),
        ("filter", "lanczos"),
        ("filter", "Nearest"),
        ("crop", "48x33"),
        ("crop", "48"),
        ("color", "BGR"),
        ("color", "bgr"),
        ("scale", "1/127.5"),
        ("scale", ".5"),
        ("scale", "5."),
        ("scale", "1e-2"),
        ("scale", "1/0"),
        ("scale", "inf"),
        ("scale", "0x10"),
        ("mean", "-1,2,3"),
        ("mean", "0"),
        ("mean", "1, 2, 3"),
        ("mean", "1,2"),
        ("std", "0.5"),
        ("std", "1,0,1"),
        ("std", ""),
    ],
)
def test_both_read_the_same_texts(synsight, describe, tmp_path, key, text):
    path = save(identity_network([1, 3, "H", "W"]), tmp_path / "silent.onnx")
    told = describe(path, f"--{key}={text}", "-o", tmp_path / "told.onnx")
    usage = synsight(
        "classify", tmp_path / "no.png", "--model", path, f"--{key}={text}"
    )
    assert (told.returncode == 0) == (usage.returncode != 2), told.stderr
    if told.returncode == 0:
        (prop,) = onnx.load(tmp_path / "told.onnx").metadata_props
        assert (prop.key, prop.value) == (f"synsight.{key}", text)
