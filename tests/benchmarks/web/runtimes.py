# SPDX-License-Identifier: Apache-2.0
"""How much a page loads of each engine."""

import gzip
from pathlib import Path

from tests.benchmarks.table import Column, Table
from tests.benchmarks.web.engines import ENGINES

KIB = 1 << 10
KINDS = {".js": "script", ".mjs": "script", ".wasm": "wasm"}
OURS = "/tests/benchmarks/web/measure.js"  # the benchmark's own


def table(paths, browser):
    """The table of the sizes; `paths` {engine: what its page asked the server for}."""
    rows = [_row(engine, sorted(set(found))) for engine, found in paths.items()]
    return Table(
        title=f"What a page loads of an engine, {browser}",
        columns=[
            Column("engine", "engine"),
            Column("script", "JavaScript KiB", ".0f"),
            Column("wasm", "WebAssembly KiB", ".0f"),
            Column("gzip", "both, gzip KiB", ".0f"),
        ],
        rows=rows,
        how="What the browser asked for, bundled and minified, without the network; gzip "
        "at level 9.",
    )


def _row(engine, paths):
    row = {"engine": ENGINES[engine], "script": 0, "wasm": 0, "gzip": 0, "files": []}
    for path in paths:
        kind = KINDS.get(Path(path).suffix)
        if kind is None or path == OURS:
            continue
        content = Path(path.lstrip("/")).read_bytes()
        row[kind] += len(content) / KIB
        row["gzip"] += len(gzip.compress(content, 9)) / KIB
        row["files"].append(path)
    return row
