# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest

from models.errors import ModelsError
from models.files import check_sha256, read_file, write_file


def test_a_right_sha256_passes():
    check_sha256(b"weights", hashlib.sha256(b"weights").hexdigest(), "a file")


def test_a_wrong_sha256_is_refused_by_name():
    with pytest.raises(
        ModelsError, match=r"a\.pth: its sha256 is [0-9a-f]{64}, wanted"
    ):
        check_sha256(b"weights", "0" * 64, "a.pth")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(ModelsError, match=r"none: cannot be read: No such file"):
        read_file(tmp_path / "none")


def test_a_file_is_written_with_its_folder(tmp_path):
    path = tmp_path / "new" / "file"
    write_file(path, [b"one ", memoryview(b"two")])
    assert path.read_bytes() == b"one two"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path):
    def pieces():
        yield b"half"
        raise ModelsError("no more")

    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ModelsError, match="no more"):
        write_file(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_not_replaced(tmp_path):
    with pytest.raises(ModelsError, match="not a plain file"):
        write_file(tmp_path, [b"data"])


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelsError, match=r"file/x: cannot be written"):
        write_file(tmp_path / "file" / "x", [b"data"])
