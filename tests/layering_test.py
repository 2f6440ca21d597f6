# SPDX-License-Identifier: Apache-2.0
"""The layout's one direction, checked on every include of core/ and native/ and every import of models/.

The rule. Each folder below may use itself and what it points at, and all that lies behind that: core/onnx points at
core/graph, so it may use core/tensor and core/base, too. A file belongs to the longest folder that is listed. Nothing
else is allowed: siblings do not use each other, and nothing points up. A backend is a folder of its own that nobody
points at; the few files that choose one are named in ALSO. Includes of ours are written from the root, in quotes.
Third-party headers stay where THIRD_PARTY has them. Tests may use everything.
"""

import ast
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

POINTS_AT = {
    "core/base": [],
    "core/tensor": ["core/base"],
    "core/graph": ["core/tensor"],
    "core/onnx": ["core/graph"],
    "core/ops": ["core/graph"],
    "core/optimize": ["core/ops"],
    "core/backend": ["core/ops", "core/image"],
    "core/backend/reference": ["core/backend"],
    "core/backend/xnnpack": ["core/backend"],
    "core/image": ["core/tensor"],
    "core/labels": ["core/base"],
    "core/classifier": [
        "core/onnx",
        "core/optimize",
        "core/backend",
        "core/image",
        "core/labels",
    ],
    "core/capi": ["core/classifier"],
    "native/cuda": ["core/backend", "core/image"],
    "native/cli": ["core/classifier"],
    "native/examples": ["core/classifier", "core/capi"],
    "models": [],
    "web/src/engine": [],
    "web/src/worker": ["web/src/engine"],
    "web/src": ["web/src/worker"],
    "web/src/element": ["web/src"],
    "web/src/page": ["web/src", "web/src/worker", "web/src/element"],
}

# TypeScript's own rule: every folder of web/src may use this.
TYPES = "web/src/types"

# Who chooses backends: programs, and the C API.
ALSO = {
    "core/capi/options.cpp": ["core/backend/reference", "core/backend/xnnpack"],
    "native/cli/main.cpp": [
        "core/backend/reference",
        "core/backend/xnnpack",
        "native/cuda",
    ],
    "native/examples/classify.cpp": ["core/backend/xnnpack"],
}

THIRD_PARTY = {
    "stb_": ["core/image"],
    "xnnpack": ["core/backend/xnnpack"],
    "pthreadpool": ["core/backend/xnnpack"],
    "cuda": ["native/cuda"],
    "cudnn": ["native/cuda"],
    "cublas": ["native/cuda"],
    "CLI/": ["native/cli"],
    "nlohmann/": ["native/cli"],
    "doctest/": [],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
CONDITION = re.compile(r"^[ \t]*#\s*(?:el)?if.*$", re.MULTILINE)
FOREIGN_WORD = re.compile(r"(?i:cuda|emscripten)|\bDOM\b")
OURS = {"assets", "core", "models", "native", "tests", "tools", "web"}


def folder_of(path):
    """The listed folder that a path belongs to, or None."""
    parents = map(str, Path(path).parents)
    return next((parent for parent in parents if parent in POINTS_AT), None)


def behind(folder):
    """A folder with all that it may use."""
    return {folder}.union(*(behind(target) for target in POINTS_AT[folder]))


def includes(path):
    return INCLUDE.findall((ROOT / path).read_text(encoding="utf-8"))


def include_problem(path, quote, target):
    """What is wrong with one include, or None."""
    folder = folder_of(path)
    is_ours = target.split("/")[0] in OURS
    if quote == "<" and is_ours:
        return f"<{target}> is ours and belongs in quotes"
    if quote == "<":
        homes = [THIRD_PARTY[name] for name in THIRD_PARTY if target.startswith(name)]
        is_allowed = all(folder in home for home in homes)
    elif is_ours and ".." not in target:
        is_allowed = folder_of(target) in behind(folder) | set(ALSO.get(path, []))
    else:
        return f'"{target}" is not written from the root'
    return None if is_allowed else f"{folder} must not use {target}"


def core_problems(path, text):
    """What the core must not know, whatever it includes."""
    for word in FOREIGN_WORD.findall(text):
        yield f'the core must not mention "{word}"'
    if folder_of(path) == "core/base":
        return
    for condition in CONDITION.findall(text):
        if condition != "#ifdef __cplusplus":
            yield f'"{condition.strip()}" belongs in core/base or cmake/'


def import_problems(path, text):
    folder = folder_of(path)
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or folder]
        for name in names:
            top = name.split(".")[0]
            if top in OURS and top not in behind(folder):
                yield f"{folder} must not import {name}"


SCRIPT_IMPORT = re.compile(r"""(?:\bfrom|\bimport\(?)\s*["'](\.[^"']*)["']""")


def script_problems(path, text):
    folder = folder_of(path)
    for name in SCRIPT_IMPORT.findall(text):
        target = os.path.normpath(os.path.join(os.path.dirname(path), name))
        is_types = target.removesuffix(".js") == TYPES
        if not is_types and folder_of(target) not in behind(folder):
            yield f"{folder} must not import {name}"


def problems(path, text):
    """What one file does that the layout forbids; `path` is relative to the root."""
    if folder_of(path) is None:
        return ["it is in a folder that POINTS_AT does not list"]
    if path.endswith(".ts"):
        return list(script_problems(path, text))
    if path.endswith(".py"):
        return list(import_problems(path, text))
    found = [include_problem(path, *include) for include in INCLUDE.findall(text)]
    found = [problem for problem in found if problem]
    if path.startswith("core/"):
        found += core_problems(path, text)
    return found


def files_of_ours():
    for top in ("core", "native", "models", "web/src"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in {".h", ".c", ".cpp", ".cu", ".py", ".ts"}:
                yield path.relative_to(ROOT).as_posix()


def test_every_file_keeps_to_the_layout():
    files = list(files_of_ours())
    assert len(files) > 100
    found = [
        f"{path}: {problem}"
        for path in files
        for problem in problems(path, (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_include_of_ours_exists():
    missing = [
        f'{path}: there is no "{target}"'
        for path in files_of_ours()
        for quote, target in includes(path)
        if quote == '"' and not (ROOT / target).is_file()
    ]
    assert not missing, "\n" + "\n".join(missing)


def test_every_exception_is_needed():
    for path, folders in ALSO.items():
        used = {folder_of(target) for _, target in includes(path)}
        assert used.issuperset(folders), path


REFERENCE = '#include "core/backend/reference/reference_backend.h"'
XNNPACK = '#include "core/backend/xnnpack/xnnpack_backend.h"'
CUDA = '#include "native/cuda/cuda_backend.h"'

FORBIDDEN = [
    # Upwards and sideways.
    ("core/base/text.h", '#include "core/tensor/tensor.h"'),
    ("core/tensor/tensor.cpp", '#include "core/graph/graph.h"'),
    ("core/onnx/reader.h", '#include "core/ops/op.h"'),
    ("core/ops/conv.cpp", '#include "core/onnx/reader.h"'),
    ("core/ops/conv.cpp", '#include "core/backend/backend.h"'),
    ("core/optimize/fold.cpp", '#include "core/backend/backend.h"'),
    ("core/image/resize.cpp", '#include "core/graph/graph.h"'),
    ("core/labels/top_k.cpp", '#include "core/tensor/tensor.h"'),
    ("core/classifier/session.cpp", '#include "core/capi/synsight.h"'),
    ("core/backend/backend.h", '#include "core/optimize/optimize.h"'),
    ("core/classifier/session.cpp", '#include "native/cli/table.h"'),
    ("core/ops/conv.cpp", '#include "tests/support/compare.h"'),
    ("native/cli/classify.cpp", '#include "core/capi/synsight.h"'),
    ("native/cuda/backend.cu", '#include "core/classifier/session.h"'),
    # Concrete backends, outside the files that choose.
    ("core/backend/flops.cpp", REFERENCE),
    ("core/backend/reference/reference_backend.cpp", XNNPACK),
    ("core/backend/xnnpack/borrowed.cpp", REFERENCE),
    ("core/classifier/session.cpp", XNNPACK),
    ("core/capi/session.cpp", XNNPACK),
    ("native/cli/classify.cpp", '  #  include "core/backend/backend.h"\n' + REFERENCE),
    ("native/cli/classify.cpp", CUDA),
    ("native/examples/classify.cpp", REFERENCE),
    # How includes are written, and whose headers they are.
    ("core/ops/conv.cpp", '#include "conv.h"'),
    ("core/ops/conv.cpp", '#include "../graph/graph.h"'),
    ("core/ops/conv.cpp", '#include "core/../native/cli/table.h"'),
    ("core/ops/conv.cpp", "#include <core/graph/graph.h>"),
    ("core/backend/backend.h", "#include <xnnpack.h>"),
    ("core/classifier/session.cpp", "#include <pthreadpool.h>"),
    ("core/classifier/session.cpp", "#include <stb_image.h>"),
    ("core/base/text.cpp", "#include <doctest/doctest.h>"),
    ("native/examples/classify.cpp", "#include <CLI/CLI.hpp>"),
    # Platforms.
    ("core/ops/conv.cpp", "#include <cuda_runtime.h>"),
    ("native/cli/run.cpp", "#include <cublasLt.h>"),
    ("core/backend/backend.h", "// Also for CUDA streams."),
    ("core/classifier/session.cpp", "int emscripten_sleep(int);"),
    ("core/image/decode.cpp", "// Called by the DOM element."),
    ("core/ops/conv.cpp", "#ifdef __AVX2__"),
    ("core/ops/conv.cpp", "#if defined(__x86_64__)"),
    ("core/capi/session.cpp", "# ifndef _WIN32"),
    ("core/ops/conv.cpp", "#elif __has_include(<sys/mman.h>)"),
    # TypeScript, Python, and places that nobody listed.
    ("web/src/engine/engine.ts", 'import { Host } from "../worker/host.js";'),
    ("web/src/worker/host.ts", 'export * from "../classifier.js";'),
    ("web/src/classifier.ts", 'import "./element/element.js";'),
    ("web/src/element/element.ts", 'import { makePage } from "../page/html.js";'),
    ("web/src/engine/start.ts", 'const a = await import("../../wasm/a.js");'),
    ("models/convert.py", "from tests.benchmarks import networks"),
    ("models/convert.py", "import tools.setup"),
    ("core/training/loss.cpp", ""),
    ("native/gui/window.cpp", ""),
]


@pytest.mark.parametrize(("path", "text"), FORBIDDEN)
def test_what_the_layout_forbids_is_found(path, text):
    assert len(problems(path, text)) >= 1


ALLOWED = [
    ("core/onnx/reader.cpp", '#include "core/onnx/wire.h"'),
    ("core/onnx/reader.cpp", '#include "core/base/result.h"'),
    ("core/capi/options.cpp", XNNPACK),
    ("core/backend/xnnpack/pad.cpp", "#include <xnnpack.h>"),
    ("core/backend/xnnpack/pad.cpp", '#include "core/ops/pad.h"'),
    ("core/image/stb_decoder.cpp", "#include <stb_image.h>"),
    ("core/base/simd.h", "#if defined(__x86_64__)"),
    ("core/capi/synsight.h", "#ifdef __cplusplus"),
    ("core/ops/conv.cpp", "// A window of the random domain."),
    ("native/cli/main.cpp", REFERENCE),
    ("native/cli/main.cpp", CUDA),
    ("native/cli/json.h", "#include <nlohmann/json.hpp>"),
    ("web/src/worker/host.ts", 'import { Engine } from "../engine/engine.js";'),
    ("web/src/engine/engine.ts", 'import { Build } from "../types.js";'),
    ("web/src/element/element.ts", 'import { Classifier } from "../classifier.js";'),
    ("web/src/engine/start.ts", 'import { simd } from "wasm-feature-detect";'),
    (
        "models/convert.py",
        "import numpy\nfrom models import files\nfrom . import files",
    ),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_the_layout_allows_is_not(path, text):
    assert problems(path, text) == []
