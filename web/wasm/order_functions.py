# SPDX-License-Identifier: Apache-2.0
"""Puts alike functions of a WebAssembly module beside each other, which a server's gzip then makes a few percent smaller.

gzip finds what repeats within 32 KB, and kernels that came from one template lie further apart than that in the order of linking.
Binaryen sorts functions by their names: this gives them names that say the order, and wasm-opt does the rest.

    order_functions.py WASM_OPT MODULE.wasm [OPTION_OF_WASM_OPT ...]
"""

import subprocess
import sys
from collections import Counter, defaultdict, deque
from pathlib import Path

CUSTOM, IMPORT, CODE = 0, 2, 10  # sections
FUNCTION, TABLE, MEMORY, GLOBAL = range(4)  # kinds of imports
NUM_SHARED = 6  # bytes of a run that two functions share
WINDOW = 32000  # bytes that gzip looks back
SMALL = 500  # bytes; what is far below wins little by consisting of what others have


def read_number(data, at):
    """An unsigned LEB128 and the place behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def number(value):
    """As unsigned LEB128."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def sections(module):
    """The kind, first and last place of each section."""
    at = 8
    while at < len(module):
        kind = module[at]
        size, at = read_number(module, at + 1)
        yield kind, at, at + size
        at += size


def skip_limits(module, at):
    """The place behind a table's or memory's limits."""
    has_maximum = module[at] & 1
    _, at = read_number(module, at + 1)
    return read_number(module, at)[1] if has_maximum else at


def count_imported_functions(module, at):
    """Those of the import section at this place: they come first in the functions' index."""
    functions = 0
    num_imports, at = read_number(module, at)
    for _ in range(num_imports):
        for _ in ("module", "name"):
            size, at = read_number(module, at)
            at += size
        kind = module[at]
        at += 1
        if kind == FUNCTION:
            functions += 1
            _, at = read_number(module, at)
        elif kind == TABLE:
            at = skip_limits(module, at + 1)
        elif kind == MEMORY:
            at = skip_limits(module, at)
        elif kind == GLOBAL:
            at += 2
        else:
            raise ValueError(f"an import of kind {kind}")
    return functions


def function_bodies(module, at):
    """Those of the code section at this place."""
    bodies = []
    num_bodies, at = read_number(module, at)
    for _ in range(num_bodies):
        size, at = read_number(module, at)
        bodies.append(module[at : at + size])
        at += size
    return bodies


def order_of(bodies):
    """Indices such that each function shares much with those before it: always the one next that consists most of what they have."""
    runs = [{body[i : i + NUM_SHARED] for i in range(len(body))} for body in bodies]
    owners = defaultdict(list)
    for index, own in enumerate(runs):
        for run in own:
            owners[run].append(index)
    shared = [0] * len(bodies)
    seen = Counter()

    def change(index, by):
        """Lets a function's runs enter the window, or leave it."""
        for run in runs[index]:
            was_seen = seen[run] > 0
            seen[run] += by
            if was_seen != (seen[run] > 0):
                for owner in owners[run]:
                    shared[owner] += by

    order, window, num_bytes = [], deque(), 0
    left = set(range(len(bodies)))
    while left:
        best = max(left, key=lambda i: (shared[i] / (len(bodies[i]) + SMALL), -i))
        left.remove(best)
        order.append(best)
        window.append(best)
        num_bytes += len(bodies[best])
        change(best, +1)
        while num_bytes > WINDOW and len(window) > 1:
            first = window.popleft()
            num_bytes -= len(bodies[first])
            change(first, -1)
    return order


def name_section(names):
    """A custom section that names functions: {index: name}."""

    def text(value):
        return number(len(value)) + value.encode()

    entries = b"".join(
        number(index) + text(name) for index, name in sorted(names.items())
    )
    functions = number(len(names)) + entries
    content = text("name") + bytes([1]) + number(len(functions)) + functions
    return bytes([CUSTOM]) + number(len(content)) + content


def main(wasm_opt, file, *options):
    """Rewrites the file."""
    module = Path(file).read_bytes()
    imported, bodies = 0, []
    for kind, first, _ in sections(module):
        if kind == IMPORT:
            imported = count_imported_functions(module, first)
        if kind == CODE:
            bodies = function_bodies(module, first)
    names = {
        imported + index: f"{rank:06}" for rank, index in enumerate(order_of(bodies))
    }
    Path(file).write_bytes(module + name_section(names))
    subprocess.run(
        [
            wasm_opt,
            file,
            "-o",
            file,
            *options,
            "--reorder-functions-by-name",
            "--strip-debug",
        ],
        check=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
