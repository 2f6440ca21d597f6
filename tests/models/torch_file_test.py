# SPDX-License-Identifier: Apache-2.0
"""The files here are put together opcode by opcode; see Python's pickletools for them."""

import pickle
import struct

import numpy as np
import pytest

from models.errors import ModelsError
from models.torch_file import read_weights

MAGIC = b"\x8a\x0a" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little")
VERSION = b"M" + struct.pack("<H", 1001)
FLOATS = np.arange(12, dtype="<f4")


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integer(value):
    return b"J" + struct.pack("<i", value)


def tuple_of(*items):
    return b"(" + b"".join(items) + b"t"


def named(module, name):
    return f"c{module}\n{name}\n".encode()


def dictionary(items):
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


def storage(key="0", num_elements=12, kind="FloatStorage"):
    parts = [text("storage"), named("torch", kind), text(key), text("cpu")]
    return tuple_of(*parts, integer(num_elements), b"N") + b"Q"


def tensor(of, shape, strides, offset=0):
    form = [tuple_of(*map(integer, numbers)) for numbers in (shape, strides)]
    arguments = tuple_of(of, integer(offset), *form, b"\x89", b"}")
    return named("torch._utils", "_rebuild_tensor_v2") + arguments + b"R"


def torch_file(tensors, arrays, endian=b"\x88"):
    """A whole file: `tensors` {name: opcodes}, `arrays` {key: the storage's elements}."""
    state = named("collections", "OrderedDict") + b")R" + dictionary(tensors)[1:]
    state += dictionary({"_metadata": b"}"}) + b"b"
    keys = b"](" + b"".join(text(key) for key in arrays) + b"e"
    pickles = [MAGIC, VERSION, dictionary({"little_endian": endian}), state, keys]
    data = b"".join(b"\x80\x02" + body + b"." for body in pickles)
    for array in arrays.values():
        data += struct.pack("<q", array.size) + array.tobytes()
    return data


SMALL = torch_file(
    {
        "plain": tensor(storage(), [3, 4], [4, 1]),
        "transposed": tensor(storage(), [4, 2], [1, 4], offset=4),
        "number": tensor(storage("1", 1, "LongStorage"), [], []),
    },
    {"0": FLOATS, "1": np.array([7], "<i8")},
)


def test_tensors_are_read_with_their_offsets_and_strides():
    weights = read_weights(SMALL, "small.pth")
    assert list(weights) == ["plain", "transposed", "number"]
    np.testing.assert_array_equal(weights["plain"], FLOATS.reshape(3, 4))
    np.testing.assert_array_equal(weights["transposed"], FLOATS.reshape(3, 4)[1:].T)
    assert weights["transposed"].flags.c_contiguous
    assert weights["number"] == 7


def test_every_truncation_is_refused():
    for num_bytes in range(len(SMALL)):
        with pytest.raises(ModelsError, match=r"^small\.pth: "):
            read_weights(SMALL[:num_bytes], "small.pth")


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_every_changed_byte_gives_an_error_or_arrays(mask):
    for position in range(len(SMALL)):
        data = bytearray(SMALL)
        data[position] ^= mask
        try:
            weights = read_weights(bytes(data), "small.pth")
        except ModelsError:
            continue
        assert all(isinstance(array, np.ndarray) for array in weights.values())


class Hostile:
    """A pickle of it calls `exec` where it is loaded by Python's own means."""

    def __reduce__(self):
        return exec, ("raise SystemExit('the pickle was carried out')",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_calls_something_is_refused(protocol):
    start = SMALL[: SMALL.index(named("collections", "OrderedDict"))]
    with pytest.raises(ModelsError, match=r"^bad\.pth: a pickle (that names|with) "):
        read_weights(start + pickle.dumps(Hostile(), protocol), "bad.pth")


@pytest.mark.parametrize(
    ("of", "shape", "strides", "offset"),
    [
        (storage(), [3, 4], [4, 1], 1),
        (storage(), [13], [1], 0),
        (storage(), [1], [1], 12),
        (storage(), [2, 6], [7, 1], 0),
        (storage(), [1000, 1000], [0, 0], 0),
        (storage(), [-1], [1], 0),
        (storage(), [2], [-1], 1),
        (storage(), [2], [1], -1),
        (storage(), [2, 2], [1], 0),
        (storage(), [0], [1], 0),
        (integer(3), [2], [1], 0),
        (storage(num_elements=-1), [2], [1], 0),
        (storage(num_elements=2**31 - 1), [2], [1], 0),
        (storage(num_elements=11), [2], [1], 0),
        (storage(kind="HalfStorage"), [2], [1], 0),
    ],
)
def test_a_tensor_outside_its_storage_is_refused(of, shape, strides, offset):
    data = torch_file({"bad": tensor(of, shape, strides, offset)}, {"0": FLOATS})
    with pytest.raises(ModelsError, match=r"^bad\.pth: "):
        read_weights(data, "bad.pth")


def test_a_storage_that_nobody_uses_is_refused():
    data = torch_file({"a": tensor(storage(), [2], [1])}, {"0": FLOATS, "1": FLOATS})
    with pytest.raises(ModelsError, match="other storages than those of the tensors"):
        read_weights(data, "bad.pth")


def test_a_big_endian_file_is_refused():
    data = torch_file({"a": tensor(storage(), [2], [1])}, {"0": FLOATS}, b"\x89")
    with pytest.raises(ModelsError, match="not little-endian"):
        read_weights(data, "bad.pth")
