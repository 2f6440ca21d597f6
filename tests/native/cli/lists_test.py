# SPDX-License-Identifier: Apache-2.0
"""models, ops and version."""

import json
import os
import re
import shutil
from pathlib import Path

import onnx
import pytest

CATALOG = Path(__file__).parents[3] / "models" / "catalog.json"


def cells(line):
    return re.split(r"  +", line)


@pytest.fixture
def folder_of_models(tmp_path, color_model):
    """A folder for SYNSIGHT_MODELS with the catalog and one model, and the environment."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(CATALOG, folder)
    shutil.copy(color_model, folder / "efficientnet-lite1.onnx")
    return folder, os.environ | {"SYNSIGHT_MODELS": str(folder)}


@pytest.fixture
def program_elsewhere(synsight, tmp_path):
    """A copy of the program in a bin/ of its own, with nothing beside it."""
    (tmp_path / "elsewhere" / "bin").mkdir(parents=True)
    copy = tmp_path / "elsewhere" / "bin" / "synsight"
    shutil.copy(synsight.program, copy)
    environment = {k: v for k, v in os.environ.items() if k != "SYNSIGHT_MODELS"}
    return type(synsight)(copy), environment


def test_models_prints_the_catalog_and_what_is_installed(synsight, folder_of_models):
    folder, environment = folder_of_models
    title, *rows = synsight.ok("models", env=environment).splitlines()
    assert cells(title)[0] == "model" and cells(title)[-1] == "file"
    entries = json.loads(CATALOG.read_text())["models"]
    assert [cells(row)[0] for row in rows] == [entry["name"] for entry in entries]
    for row, entry in zip(rows, entries, strict=True):
        assert f"{entry['parameters']:,}" in cells(row)
        assert f"{entry['measured']['top1']:.1f} %" in cells(row)
        assert entry["licence"] in cells(row)
    assert cells(rows[1])[-1] == str(folder / "efficientnet-lite1.onnx")


def test_a_name_finds_the_model_in_the_folder(synsight, folder_of_models, picture):
    _, environment = folder_of_models
    arguments = ("classify", picture(), "--model", "efficientnet-lite1", "--top", 1)
    assert " red" in synsight.ok(*arguments, env=environment)


def test_the_installed_layout_is_found_from_the_program(
    program_elsewhere, color_model, picture
):
    program, environment = program_elsewhere
    share = program.program.parents[1] / "share" / "synsight"
    (share / "models").mkdir(parents=True)
    shutil.copy(CATALOG, share)
    shutil.copy(color_model, share / "models" / "efficientnet-lite0.onnx")
    text = program.ok("models", env=environment)
    assert str(share / "models" / "efficientnet-lite0.onnx") in text
    assert " red" in program.ok("classify", picture(), env=environment)


def test_no_catalog_and_no_model_are_said_in_a_line(program_elsewhere, picture):
    program, environment = program_elsewhere
    assert "share/synsight/catalog.json" in program.error("models", env=environment)
    error = program.error("classify", picture(), env=environment)
    assert "efficientnet-lite0" in error


def test_a_model_that_is_not_installed_is_named_with_how_to_make_it(
    program_elsewhere, picture
):
    program, environment = program_elsewhere
    share = program.program.parents[1] / "share" / "synsight"
    share.mkdir(parents=True)
    shutil.copy(CATALOG, share)
    error = program.error("classify", picture(), env=environment)
    assert "efficientnet-lite0" in error and "make demo" in error
    assert "--model FILE" in error


def test_a_damaged_catalog_is_named(synsight, folder_of_models):
    folder, environment = folder_of_models
    for text in ("{", "[]", '{"models": [{"name": 3}]}', "\xff\xfe"):
        (folder / "catalog.json").write_text(text, encoding="latin-1")
        assert "catalog.json" in synsight.error("models", env=environment)


def test_ops_lists_operators_of_onnx_with_a_kernel_for_each_backend(synsight):
    title, *rows = synsight.ok("ops").splitlines()
    assert cells(title) == ["operator", "opset", "xnnpack", "reference"]
    names = [cells(row)[0] for row in rows]
    assert names == sorted(names)
    assert {"Conv", "Gemm", "MaxPool", "Softmax", "BatchNormalization"} <= set(names)
    for row in rows:
        name, opsets, *kernels = cells(row)
        first, last = map(int, opsets.split("-"))
        assert 1 <= first <= last
        assert onnx.defs.has(name)
        assert len(kernels) == 2
        assert kernels[1] == "reference"


def test_version_names_the_backends_the_processor_and_the_compiler(synsight):
    version = json.loads(synsight.ok("version", "--format", "json"))
    assert version["backends"] == ["xnnpack", "reference"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version["version"])
    assert version["compiler"].startswith(("clang ", "gcc "))
    assert 1 <= version["default_threads"] <= os.cpu_count()
    flags = re.search(r"^flags.*$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    if flags:
        known = flags[0].replace("sse4_1", "sse4.1").split()
        assert set(version["cpu_features"]) <= set(known)
        assert ("avx2" in version["cpu_features"]) == ("avx2" in known)
    text = synsight.ok("version")
    assert version["version"] in text and version["compiler"] in text
    assert synsight.ok("--version").split() == ["synsight", version["version"]]
