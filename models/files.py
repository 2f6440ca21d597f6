# SPDX-License-Identifier: Apache-2.0
"""Files: checking what was read, and writing whole files or none."""

import hashlib
import os
from pathlib import Path

from models.errors import ModelsError


def check_sha256(data, expected, what):
    """Raises ModelsError unless the SHA-256 of `data` (bytes) is `expected` (hex).

    `what` names the data in the message.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ModelsError(f"{what}: its sha256 is {found}, wanted {expected}")


def read_file(path):
    """All bytes of the file at `path`; ModelsError where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ModelsError(f"{path}: cannot be read: {error.strerror}") from error


def write_file(path, pieces):
    """Writes `pieces` (of bytes) to `path`; makes its folder where there is none.

    A reader never sees half a file, nor is one left behind: the bytes go to another
    name in the same folder first. ModelsError where that cannot be done.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ModelsError(f"{path}: cannot be written: not a plain file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.writelines(pieces)
        os.replace(temporary, path)
    except OSError as error:
        raise ModelsError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if temporary.parent.is_dir():
            temporary.unlink(missing_ok=True)
