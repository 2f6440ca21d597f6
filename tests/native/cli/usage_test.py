# SPDX-License-Identifier: Apache-2.0
import os

import pytest

COMMANDS = ["classify", "run", "features", "summary", "plot", "bench", "verify"]
COMMANDS += ["models", "ops", "version"]


def test_help_names_every_command(synsight):
    text = synsight.ok("--help")
    assert all(f"  {command} " in text for command in COMMANDS)
    assert "Example:\n  synsight classify" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_that_ends_with_an_example(synsight, command):
    text = synsight.ok(command, "--help")
    last = text.rstrip().splitlines()[-1]
    assert last.startswith("  ") and f"synsight {command}" in last


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["clasify", "a.jpg"], 'no command "clasify"; did you mean classify?'),
        (["benhc"], "did you mean bench?"),
        (["classify", "a.jpg", "--tpo", "3"], "did you mean --top?"),
        (["classify", "--tpo=3"], "did you mean --top?"),
        (["classify", "a.jpg", "--fromat", "csv"], "did you mean --format?"),
        (["classify", "a.jpg", "--format", "jsno"], "did you mean json?"),
        (["classify", "a.jpg", "--backend", "xnpack"], "did you mean xnnpack?"),
        (["classify", "a.jpg", "--preset", "torchvison"], "did you mean torchvision?"),
        (["classify", "a.jpg", "--format", "JSON"], "did you mean json?"),
        (["classify", "a.jpg", "--filter", "biliner"], "did you mean bilinear?"),
        (["classify", "a.jpg", "--filter", "cubic"], "did you mean bicubic?"),
        (["classify", "a.jpg", "--color", "RBG"], "did you mean RGB?"),
        (["classify", "a.jpg", "--color", "bgr"], "did you mean BGR?"),
        (["classify", "a.jpg", "--resize", "strech 8x8"], "did you mean stretch?"),
        (["classify", "a.jpg", "--crop", "non"], "did you mean none?"),
        (["verify", "m.onnx", "--color", "RBG"], "did you mean RGB?"),
        (["--versoin"], "did you mean --version?"),
        (["bench", "m.onnx", "--profil"], "did you mean --profile?"),
        (["features", "m.onnx", "--layers", "x"], "did you mean --layer?"),
        (["plot", "m.onnx", "--show-shape"], "did you mean --show-shapes?"),
    ],
)
def test_a_slip_gets_a_suggestion(synsight, arguments, wanted):
    assert wanted in synsight.error(*arguments, code=2)


@pytest.fixture
def catalog_environment(tmp_path):
    """Environment variables with which efficientnet-lite0 is all that has a name."""
    catalog = '{"models": [{"name": "efficientnet-lite0", "title": "T", "licence": "L"'
    catalog += ', "parameters": 1, "input": {"size": 8}, "published": {"top1": 1}'
    catalog += ', "measured": {"top1": 1, "top5": 1}}]}'
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "catalog.json").write_text(catalog)
    return os.environ | {"SYNSIGHT_MODELS": str(folder)}


@pytest.mark.parametrize(
    "name", ["eficientnet-lite0", "efficientnet-lite9", "efficientnet", "lite0"]
)
def test_a_mistyped_model_gets_a_suggestion(
    synsight, picture, catalog_environment, name
):
    arguments = ("classify", picture(), "--model", name)
    error = synsight.error(*arguments, env=catalog_environment)
    assert f'"{name}"; did you mean efficientnet-lite0?' in error


@pytest.mark.parametrize("name", ["resnet50", "eficientnet"])
def test_an_unknown_model_is_told_where_the_names_are(
    synsight, picture, catalog_environment, name
):
    arguments = ("classify", picture(), "--model", name)
    error = synsight.error(*arguments, env=catalog_environment)
    assert f'no model "{name}"' in error and "synsight models" in error


@pytest.mark.parametrize(
    "arguments", [["summary"], ["classify", "photo.jpg", "--model"]]
)
def test_a_file_that_is_no_model_is_said_to_be_none(
    synsight, picture, tmp_path, catalog_environment, arguments
):
    picture("photo.jpg")
    options = {"cwd": tmp_path, "env": catalog_environment}
    error = synsight.error(*arguments, "photo.jpg", **options)
    assert "not an ONNX model" in error


def test_help_is_a_command_too(synsight):
    assert synsight.ok("help") == synsight.ok("--help")
    assert synsight.ok("help", "bench") == synsight.ok("bench", "--help")


def test_what_is_near_nothing_gets_no_suggestion(synsight, picture):
    error = synsight.error("classify", picture(), "--zzzzzzzz", code=2)
    assert "did you mean" not in error
    error = synsight.error("classify", picture(), "--model", "qqqqqqqqqqqq")
    assert "did you mean" not in error


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["classify"],
        ["run", "model.onnx"],
        ["run", "model.onnx", "a.npy"],
        ["summary"],
        ["plot", "m.onnx"],
        ["plot", "m.onnx", "-o", "x.svg", "--rankdir", "up"],
        ["features", "m.onnx", "a.jpg"],
        ["classify", "a.jpg", "--labels"],
        ["classify", "a.jpg", "--top", "0"],
        ["classify", "a.jpg", "--top", "-1"],
        ["classify", "a.jpg", "--top", "many"],
        ["classify", "a.jpg", "--top"],
        ["classify", "a.jpg", "--threads", "0"],
        ["classify", "a.jpg", "--threads", "257"],
        ["classify", "a.jpg", "--threads", "99999999999999999999"],
        ["classify", "a.jpg", "--timeout-ms", "0"],
        ["classify", "a.jpg", "--max-pixels", "0"],
        ["classify", "a.jpg", "--resize", "huge"],
        ["classify", "a.jpg", "--crop", "224"],
        ["classify", "a.jpg", "--filter", "blurry"],
        ["classify", "a.jpg", "--color", "CMYK"],
        ["classify", "a.jpg", "--scale", "1/0"],
        ["classify", "a.jpg", "--mean", "1,2"],
        ["classify", "a.jpg", "--std", "0"],
        ["classify", "a.jpg", "--format", "xml"],
        ["bench", "m.onnx", "--runs", "0"],
        ["bench", "m.onnx", "--input-size", "0x3"],
        ["bench", "m.onnx", "--input-size", "224"],
        ["bench", "m.onnx", "--batch", "0"],
        ["bench", "m.onnx", "m.onnx"],
        ["models", "extra"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(synsight, arguments):
    error = synsight.error(*arguments, code=2)
    assert "--help" in error
