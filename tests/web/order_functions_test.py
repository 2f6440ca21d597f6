# SPDX-License-Identifier: Apache-2.0
"""The order of a module's functions; that the module stays what it was is shown by every test of the package."""

import random
import sys
import zlib
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "web/wasm"))
import order_functions

ENGINE = bytes([1]) + b"m" + bytes([1]) + b"n"  # module and name of an import


@pytest.mark.parametrize(
    ("imports", "wanted"),
    [
        ([], 0),
        ([ENGINE + bytes([0, 5])], 1),
        ([ENGINE + bytes([0, 0x80, 0x01])], 1),
        ([ENGINE + bytes([1, 0x70, 0, 1]), ENGINE + bytes([0, 0])], 1),
        ([ENGINE + bytes([1, 0x70, 1, 1, 9]), ENGINE + bytes([0, 0])], 1),
        ([ENGINE + bytes([2, 3, 0x80, 2, 0x80, 2]), ENGINE + bytes([0, 0])], 1),
        (
            [
                ENGINE + bytes([0, 0]),
                ENGINE + bytes([3, 0x7F, 0]),
                ENGINE + bytes([0, 1]),
            ],
            2,
        ),
    ],
    ids=["none", "one", "long", "table", "its maximum", "shared memory", "global"],
)
def test_imported_functions_are_counted(imports, wanted):
    section = order_functions.number(len(imports)) + b"".join(imports)
    assert order_functions.count_imported_functions(section, 0) == wanted


def test_another_import_is_refused():
    with pytest.raises(ValueError, match="kind 4"):
        order_functions.count_imported_functions(bytes([1]) + ENGINE + bytes([4]), 0)


@pytest.mark.parametrize("value", [0, 127, 128, 300, 2**32 - 1])
def test_numbers_are_read_as_written(value):
    written = order_functions.number(value) + b"\x05"
    assert order_functions.read_number(written, 0) == (value, len(written) - 1)


def test_what_is_alike_lies_in_one_window():
    """Forty pairs of functions of 1500 bytes, whose halves lie further apart than gzip looks."""
    choose = random.Random(1)
    first = [choose.randbytes(1500) for _ in range(40)]
    bodies = first + [body[:-1] + b"\x0b" for body in first]
    order = order_functions.order_of(bodies)
    assert sorted(order) == list(range(len(bodies)))
    size = len(zlib.compress(b"".join(bodies), 9))
    assert len(zlib.compress(b"".join(bodies[i] for i in order), 9)) < 0.6 * size
