# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` gives: it works after it was moved, from another folder, with other compilers."""

import re
import shutil
from types import SimpleNamespace

import pytest
from command import ROOT, run

TOOLCHAINS = {
    "clang and lld": ("clang-19", "clang++-19", "-fuse-ld=lld"),
    "gcc and GNU ld": ("gcc", "g++", "-fuse-ld=bfd"),
}


def succeed(*command):
    code, output, errors = run(*command)
    assert code == 0, output + errors


@pytest.fixture(scope="module")
def prefix(build_dir, tmp_path_factory):
    """Where the package lies, which is not where it was installed."""
    folder = tmp_path_factory.mktemp("install")
    succeed("cmake", "--install", build_dir, "--prefix", folder / "first")
    (folder / "first").rename(folder / "moved")
    return folder / "moved"


def test_make_install_builds_what_is_installed_and_no_tests(build_dir, prefix):
    code, plan, errors = run("make", "-C", ROOT, "-n", "install")
    assert code == 0, errors
    (targets,) = re.findall("--target (.*)", plan)
    code, built, errors = run(
        "ninja", "-C", build_dir, "-t", "inputs", *targets.split()
    )
    assert code == 0, errors
    names = {line.rsplit("/", 1)[-1] for line in built.splitlines()}
    archives = {path.name for path in prefix.rglob("*.a")}
    assert len(archives) == 3
    assert archives | {"main.cpp.o"} <= names
    assert not [name for name in names if name.endswith("_test.cpp.o")]


@pytest.fixture(params=TOOLCHAINS)
def toolchain(request):
    cc, cxx, linker_flag = TOOLCHAINS[request.param]
    for tool in (cc, cxx):
        if shutil.which(tool) is None:
            pytest.skip(f"there is no {tool}")
    return SimpleNamespace(cc=cc, cxx=cxx, linker_flag=linker_flag)


def build(source, prefix, toolchain):
    """Configures and builds a project against the package; gives its build folder."""
    target = source / "build"
    succeed(
        *("cmake", "-S", source, "-B", target, "-G", "Ninja"),
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_C_COMPILER={toolchain.cc}",
        f"-DCMAKE_CXX_COMPILER={toolchain.cxx}",
        f"-DCMAKE_EXE_LINKER_FLAGS={toolchain.linker_flag}",
    )
    succeed("cmake", "--build", target)
    return target


def test_the_examples_build_and_run_against_the_package(
    prefix, toolchain, colors, tmp_path
):
    source = tmp_path / "examples"
    shutil.copytree(ROOT / "native/examples", source)
    target = build(source, prefix, toolchain)
    for example in ("classify_cpp", "classify_c"):
        done = run(target / example, colors.model, colors.picture)
        assert done == (0, colors.output, "")


def test_every_installed_header_finds_what_it_includes(prefix, toolchain, tmp_path):
    headers = prefix / "include/synsight"
    names = sorted(
        path.relative_to(headers).as_posix() for path in headers.rglob("core/**/*.h")
    )
    assert "core/classifier/classifier.h" in names
    assert "core/capi/synsight.h" in names
    includes = "".join(f'#include "{name}"\n' for name in names)
    (tmp_path / "all.cpp").write_text(includes)
    (tmp_path / "synsight.c").write_text('#include "core/capi/synsight.h"\n')
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\n"
        "project(headers LANGUAGES C CXX)\n"
        "find_package(synsight 0.1 CONFIG REQUIRED)\n"
        "add_library(headers OBJECT all.cpp synsight.c)\n"
        "target_compile_options(headers PRIVATE -Wall -Wextra -Werror)\n"
        "target_link_libraries(headers PRIVATE synsight::synsight)\n"
    )
    build(tmp_path, prefix, toolchain)


def test_a_project_without_cxx_is_told_what_it_needs(prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\n"
        "project(plain LANGUAGES C)\n"
        "find_package(synsight CONFIG REQUIRED)\n"
    )
    search = f"-DCMAKE_PREFIX_PATH={prefix}"
    code, _, errors = run("cmake", "-S", tmp_path, "-B", tmp_path / "build", search)
    assert code == 1
    assert "LANGUAGES C CXX" in errors


def test_the_package_needs_nothing_from_elsewhere(prefix):
    assert not [path for path in prefix.rglob("*") if path.is_symlink()]
    assert (prefix / "include/synsight/tl/expected.hpp").is_file()
    texts = [
        path.read_text()
        for path in prefix.rglob("*")
        if path.suffix in {".cmake", ".h", ".hpp", ".json"}
    ]
    assert len(texts) > 20
    for folder in (ROOT, prefix.parent):
        assert not [text for text in texts if str(folder) in text]


def test_the_installed_program_runs(prefix, colors):
    code, output, errors = run(
        prefix / "bin/synsight", "classify", colors.picture, "--model", colors.model
    )
    assert (code, errors) == (0, "")
    assert "green" in output
    assert (prefix / "share/synsight/catalog.json").is_file()
