# SPDX-License-Identifier: Apache-2.0
"""What the tests of models/keras need."""

import os
from pathlib import Path

import oracle  # noqa: F401

# isort: split
import parity
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def synsight():
    """The program that SYNSIGHT names, or else that of the release build."""
    usual = ROOT / "build" / "release" / "bin" / "synsight"
    program = Path(os.environ.get("SYNSIGHT", usual)).resolve()
    if not program.is_file():
        pytest.skip(f"there is no {program}; do: make release")
    return program


@pytest.fixture(scope="session")
def photographs():
    """Files of the sample photographs, as set-up fetched them."""
    files = [ROOT / "build" / "pictures" / name for name in parity.PHOTOGRAPHS]
    if not all(file.is_file() for file in files):
        pytest.skip("there are no sample pictures; do: python -m models pictures")
    return files
