# SPDX-License-Identifier: Apache-2.0
"""Reads the weights in a PyTorch file of the layout before 1.6 (not zip).

Such a file is five pickles (magic number, protocol version, the writer's type sizes,
the tensors as references into storages, the storages' keys), then each storage in the
order of the keys: its number of elements as a little-endian int64, and its elements.

A pickle is a program. Here a few of its opcodes are carried out, those that a dictionary
of tensors needs, and a few names mean something; nothing is imported or called for it.
Source: torch/serialization.py (_legacy_save); Python's pickletools.
"""

import io
import math
import pickletools
from dataclasses import dataclass

import numpy as np

from models.errors import ModelsError

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001


@dataclass(frozen=True)
class _Storage:
    """`num_elements` elements that stand in the file under `key`."""

    dtype: np.dtype
    key: str
    num_elements: int


@dataclass(frozen=True)
class _Tensor:
    """A storage's elements offset + sum(index * strides), for each index below shape."""

    storage: _Storage
    offset: int
    shape: tuple
    strides: tuple


def _is_count(value):
    return type(value) is int and value >= 0


def _make_storage(reference):
    """From ("storage", dtype, key, device, number of elements, None)."""
    kind, dtype, key, _, num_elements, view = reference
    if kind != "storage" or not isinstance(dtype, np.dtype) or view is not None:
        raise ModelsError("a reference to something else than a whole storage")
    if not isinstance(key, str) or not _is_count(num_elements):
        raise ModelsError("a storage without a key or a number of elements")
    return _Storage(dtype, key, num_elements)


def _make_tensor(storage, offset, shape, strides, *_):
    """From the arguments of PyTorch's function; ModelsError where it leaves the storage."""
    numbers = (offset, *shape, *strides)
    if not isinstance(storage, _Storage) or not all(_is_count(n) for n in numbers):
        raise ModelsError("a tensor of an unknown form")
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    size = math.prod(shape)
    if size == 0 or size > storage.num_elements or last >= storage.num_elements:
        raise ModelsError(
            f"a tensor of offset {offset}, shape {shape} and strides {strides} "
            f"in a storage of {storage.num_elements} elements"
        )
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


# What the names in the pickles stand for. The two functions are all that can be called.
_NAMES = {
    "collections OrderedDict": dict,
    "torch._utils _rebuild_tensor_v2": _make_tensor,
    "torch FloatStorage": np.dtype("<f4"),
    "torch LongStorage": np.dtype("<i8"),
}

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


def _resolve(name):
    if name not in _NAMES:
        raise ModelsError(f"a pickle that names {name!r}, which weights do not need")
    return _NAMES[name]


def _set_items(dictionary, keys, values):
    if type(dictionary) is not dict or not all(isinstance(key, str) for key in keys):
        raise ModelsError("a pickle with something else than names for keys")
    dictionary.update(zip(keys, values, strict=True))


def _load_pickle(file):
    """The value of the next pickle in `file`, which is read up to its end and no further.

    It is made of numbers, text, None, tuples, lists, dictionaries and _Tensors.
    """
    stack, marks, memo = [], [], {}

    def take_from_mark():
        start = marks.pop()
        items = stack[start:]
        del stack[start:]
        return items

    for opcode, argument, _ in pickletools.genops(file):
        match opcode.name:
            case "PROTO":
                pass
            case "STOP":
                return stack.pop()
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINUNICODE":
                stack.append(argument)
            case "NONE" | "NEWTRUE" | "NEWFALSE" | "EMPTY_TUPLE":
                stack.append(_CONSTANTS[opcode.name])
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "MARK":
                marks.append(len(stack))
            case "TUPLE":
                stack.append(tuple(take_from_mark()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                num_items = int(opcode.name[-1])
                stack[-num_items:] = [tuple(stack[-num_items:])]
            case "APPENDS":
                items = take_from_mark()
                stack[-1].extend(items)
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                _set_items(stack[-1], [key], [value])
            case "SETITEMS":
                items = take_from_mark()
                _set_items(stack[-1], items[::2], items[1::2])
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL":
                stack.append(_resolve(argument))
            case "BINPERSID":
                stack.append(_make_storage(stack.pop()))
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                stack.append(function(*arguments))
            case "BUILD":  # attributes of a dictionary, which nobody reads
                stack.pop()
            case name:
                raise ModelsError(f"a pickle with {name}, which weights do not need")
    raise ModelsError("a pickle without an end")


def _read_storage(file, storage):
    """The elements of `storage`, which is the next in `file`."""
    num_elements = int.from_bytes(file.read(8), "little")
    if num_elements != storage.num_elements:
        raise ModelsError(
            f"a storage of {num_elements} elements, wanted {storage.num_elements}"
        )
    num_bytes = num_elements * storage.dtype.itemsize
    data = file.read(num_bytes)
    if len(data) != num_bytes:
        raise ModelsError(f"a storage of {len(data)} bytes, wanted {num_bytes}")
    return np.frombuffer(data, storage.dtype)


def _to_array(tensor, elements):
    """A contiguous array with those of the storage's `elements` that `tensor` has."""
    strides = [stride * elements.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(
        elements[tensor.offset :], tensor.shape, strides, writeable=False
    )
    return np.ascontiguousarray(view)


def _parse(data):
    file = io.BytesIO(data)
    if [_load_pickle(file), _load_pickle(file)] != [_MAGIC_NUMBER, _PROTOCOL_VERSION]:
        raise ModelsError("not a PyTorch file of the layout before 1.6")
    if _load_pickle(file).get("little_endian") is not True:
        raise ModelsError("not little-endian")
    tensors, keys = _load_pickle(file), _load_pickle(file)
    if not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise ModelsError("something else than a dictionary of tensors")
    storages = {}
    for tensor in tensors.values():
        if storages.setdefault(tensor.storage.key, tensor.storage) != tensor.storage:
            raise ModelsError(f"two storages under the key {tensor.storage.key!r}")
    if sorted(keys) != sorted(storages):
        raise ModelsError("other storages than those of the tensors")
    elements = {key: _read_storage(file, storages[key]) for key in keys}
    return {name: _to_array(t, elements[t.storage.key]) for name, t in tensors.items()}


def read_weights(data, what):
    """{name: array} from the bytes of a PyTorch file: f32 and i64, contiguous.

    ModelsError, beginning with `what` (the file's name), on anything but a whole file
    of tensors.
    """
    try:
        return _parse(data)
    except ModelsError as error:
        raise ModelsError(f"{what}: {error}") from error
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise ModelsError(f"{what}: not a PyTorch file, or a damaged one") from error
