# SPDX-License-Identifier: Apache-2.0
"""What several tests need and a machine may lack; such a test is skipped, with why."""

import os
from pathlib import Path

import pytest

from models import catalog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def test_data():
    """The folder of test data: TEST_DATA, or shared/data beside the project."""
    folder = Path(os.environ.get("TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return folder


@pytest.fixture(params=[entry["name"] for entry in catalog.load()])
def entry(request):
    """Each entry of the catalog."""
    return catalog.find(request.param)


@pytest.fixture
def converted_file(entry):
    """The entry's ONNX file as it was made at set-up."""
    path = ROOT / catalog.default_file(entry["name"])
    if not path.is_file():
        name = entry["name"]
        pytest.skip(f"{name} is not converted; do: python -m models convert {name}")
    return path
