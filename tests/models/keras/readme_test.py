# SPDX-License-Identifier: Apache-2.0
"""README's examples of Keras, as they stand there, with random weights: none is fetched."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parents[3]
PHOTO = ROOT / "build/pictures/coffee.png"


def examples():
    """[(command, the lines that are shown of its output)] of README's section."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(
        r"^## From Keras.*?(?=^## )", readme, re.MULTILINE | re.DOTALL
    )
    found = []
    for line in re.findall(r"^    (.+)$", section, re.MULTILINE):
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line != "...":
            found[-1][1].append(line)
    return found


def run(command, synsight, folder):
    words = shlex.split(command)
    if words[0] == "python":
        words[0] = sys.executable
        if any(word.startswith("keras:") for word in words):
            words += ["--weights", "none"]
    else:
        assert words[0] == "synsight"
        words[0] = str(synsight)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}: {result.stderr}"
    return result.stdout


@pytest.fixture
def folder(tmp_path):
    shutil.copy(PHOTO, tmp_path / "photo.jpg")
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    layers = [keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()]
    layers.append(keras.layers.Dense(1, activation="sigmoid"))
    keras.Sequential([keras.Input((64, 64, 3)), *layers]).save(
        tmp_path / "my_model.keras"
    )
    return tmp_path


def test_readme_shows_what_the_commands_print(synsight, folder):
    commands = examples()
    assert len(commands) >= 10
    for command, shown in commands:
        lines = iter(run(command, synsight, folder).splitlines())
        for wanted in shown:
            assert wanted in lines, f"{command}: does not print {wanted!r}"
    assert (folder / "features/fc2.npy").is_file()
    assert (folder / "vgg16.svg").stat().st_size > 1000
