# SPDX-License-Identifier: Apache-2.0
"""From the navigation to a page to its first answer, with nothing in a cache."""

import json
from statistics import median

from models.files import write_file
from tests.benchmarks.materials import network_file, photo_file
from tests.benchmarks.onnxruntime_classify import read_classes
from tests.benchmarks.programs import BenchmarkError
from tests.benchmarks.table import Column, Table
from tests.benchmarks.web import engines
from tests.benchmarks.web.engines import ENGINES
from tests.benchmarks.web.materials import FOLDER

NETWORK = "efficientnet-lite0"
PAGES = ["synsight", "onnxruntime"]


def measure(browser, is_quick):
    """The table of the times of the pages in cold/."""
    num_rounds = 3 if is_quick else 11
    network_file(NETWORK)
    photo_file()
    labels = [row["label"] for row in read_classes()]
    write_file(FOLDER / "labels.json", [json.dumps(labels).encode()])
    rounds = {engine: [] for engine in PAGES}
    for _ in range(num_rounds):
        for engine, answers in rounds.items():
            answers.append(engines.measure("cold", browser, engine))
    found = {answer["label"] for answers in rounds.values() for answer in answers}
    if len(found) != 1:
        raise BenchmarkError(f"the pages disagree: {', '.join(sorted(found))}")
    times = {
        engine: [answer["milliseconds"] for answer in answers]
        for engine, answers in rounds.items()
    }
    ours = times[PAGES[0]]
    rows = [
        {
            "page": ENGINES[engine],
            "ms": median(theirs),
            "minimum_ms": min(theirs),
            "ratio": median(a / b for a, b in zip(ours, theirs, strict=True)),
            "rounds_ms": theirs,
        }
        for engine, theirs in times.items()
    ]
    version = rounds[PAGES[0]][0]["browser"]
    table = Table(
        title=f"First answer of a page, {NETWORK}, {version}",
        columns=[
            Column("page", "page"),
            Column("ms", "ms", ".0f"),
            Column("minimum_ms", "minimum", ".0f"),
            Column("ratio", "Synsight to it", ".2f"),
        ],
        rows=rows,
        how=f"{num_rounds} new browsers with empty profiles each by turns, files from this "
        "machine: from the navigation to the label of a JPEG of 500x375 in the page, "
        "one thread. Ratios are the median of the rounds'.",
    )
    return {"cold": table}
