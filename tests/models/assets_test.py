# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import re
import runpy
from pathlib import Path

import pytest

from models import pictures, wheels

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"


@pytest.fixture(scope="module")
def rows():
    """The class table's lines, without the header, as lists of fields."""
    lines = (ASSETS / "imagenet-1k.tsv").read_text(encoding="ascii").split("\n")
    assert lines[0] == "index\twnid\tlabel\tname\tlemmas"
    assert lines[-1] == ""
    return [line.split("\t") for line in lines[1:-1]]


def test_the_class_table_has_1000_classes_in_order(rows):
    assert [row[0] for row in rows] == [str(index) for index in range(1000)]
    assert all(len(row) == 5 and all(row) for row in rows)


def test_wnids_are_unique_and_well_formed(rows):
    wnids = [row[1] for row in rows]
    assert len(set(wnids)) == 1000
    assert all(re.fullmatch(r"n\d{8}", wnid) for wnid in wnids)


def test_names_are_unique_even_without_case(rows):
    assert len({row[3].lower() for row in rows}) == 1000


def test_labels_are_keras_form_of_the_first_lemma(rows):
    for _, _, label, _, lemmas in rows:
        assert label == lemmas.split(", ")[0].replace(" ", "_")
    assert len({row[2] for row in rows}) == 998  # crane and maillot stand twice


def test_labels_and_lemmas_are_those_in_the_test_data(rows, test_data):
    keras = json.loads((test_data / "labels/imagenet_class_index.json").read_text())
    assert {row[0]: row[1:3] for row in rows} == keras
    synsets = (test_data / "labels/synset.txt").read_text().splitlines()
    assert [f"{row[1]} {row[4]}" for row in rows] == synsets


def test_the_class_table_is_what_its_script_makes():
    script = runpy.run_path(str(ASSETS / "make_imagenet_1k.py"))
    package = script["PACKAGE"]
    wheel = ROOT / script["WHEELS_FOLDER"] / package["wheel"]
    if not wheel.is_file():
        pytest.skip(f"{package['wheel']} is not in {script['WHEELS_FOLDER']}")
    texts = [
        wheels.read_member(wheel, *script[name]).decode()
        for name in ("SYNSETS", "LEMMAS")
    ]
    table = (ASSETS / "imagenet-1k.tsv").read_text(encoding="ascii")
    assert script["make_table"](*texts) == table


def test_pictures_say_what_they_are_and_whose(rows):
    listed = pictures.load()["pictures"]
    assert len({picture["file"] for picture in listed}) == len(listed) >= 4
    labels = {row[2] for row in rows}
    for picture in listed:
        assert re.fullmatch(r"[a-z]+\.(png|jpg)", picture["file"])
        assert re.fullmatch("[0-9a-f]{64}", picture["sha256"])
        assert picture["labels"] and set(picture["labels"]) <= labels
        assert picture["title"] and picture["author"] and picture["licence"]


def test_pictures_that_are_there_are_not_fetched(tmp_path, monkeypatch):
    for picture in pictures.load()["pictures"]:
        (tmp_path / picture["file"]).write_bytes(b"")
    monkeypatch.setattr(pictures, "fetch_wheel", None)
    assert pictures.fetch(tmp_path) == []


def test_fetched_pictures_are_those_listed():
    for picture in pictures.load()["pictures"]:
        path = ROOT / "build/pictures" / picture["file"]
        if not path.is_file():
            pytest.skip("no pictures; do: python -m models pictures")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == picture["sha256"]
