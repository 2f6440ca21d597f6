# SPDX-License-Identifier: Apache-2.0
"""How much WebAssembly memory a network takes in a page."""

import sys

from tests.benchmarks.programs import BenchmarkError
from tests.benchmarks.table import Column, Table
from tests.benchmarks.web import engines
from tests.benchmarks.web.engines import ENGINES
from tests.benchmarks.web.materials import FOLDER, network_files

NETWORKS = ["efficientnet-lite0", "vgg16"]
MIB = 1 << 20


def measure(browser, names):
    """The table of the peaks for NETWORKS among `names`; once each is enough."""
    rows = [_row(browser, name) for name in NETWORKS if name in names]
    columns = [
        Column("network", "network"),
        Column("weights", "weights MiB", ".1f"),
        *(Column(engine, f"{title} MiB", ".1f") for engine, title in ENGINES.items()),
    ]
    table = Table(
        title=f"WebAssembly's memory, {browser}",
        columns=columns,
        rows=rows,
        how="The size of all its memories after a network was loaded and ran twice: they "
        "never shrink, so this is the peak. What JavaScript holds beside is not in it.",
    )
    return {"memory": table} if rows else {}


def _row(browser, name):
    files = network_files(name)
    num_bytes = (FOLDER / name / "weights.f32").stat().st_size
    row = {"network": name, "weights": num_bytes / MIB, "errors": {}}
    for engine in ENGINES:
        try:
            measured = engines.measure("memory", browser, engine, files)
        except BenchmarkError as error:
            row["errors"][engine] = str(error)
            print(f"error: {name}: {engine}: {error}", file=sys.stderr)
        else:
            row[engine] = measured["memoryBytes"] / MIB
    return row
