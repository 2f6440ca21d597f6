# SPDX-License-Identifier: Apache-2.0
"""From the navigation to a page to its first answer, with nothing in a cache."""

import json
from statistics import median

from models import catalog
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
    """The table of the times of the pages in cold/, by how the network's file stores its weights."""
    num_rounds = 3 if is_quick else 11
    files = {weights: network_file(NETWORK, weights) for weights in catalog.WEIGHTS}
    photo_file()
    labels = [row["label"] for row in read_classes()]
    write_file(FOLDER / "labels.json", [json.dumps(labels).encode()])
    rounds = {(weights, engine): [] for weights in files for engine in PAGES}
    for _ in range(num_rounds):
        for (weights, engine), answers in rounds.items():
            file = f"/{files[weights].as_posix()}"
            answers.append(engines.measure("cold", browser, engine, file))
    found = {answer["label"] for answers in rounds.values() for answer in answers}
    if len(found) != 1:
        raise BenchmarkError(f"the pages disagree: {', '.join(sorted(found))}")
    times = {
        page: [answer["milliseconds"] for answer in answers]
        for page, answers in rounds.items()
    }
    rows = []
    for (weights, engine), theirs in times.items():
        ours = times[weights, PAGES[0]]
        rows.append(
            {
                "weights": weights,
                "megabytes": files[weights].stat().st_size / 1e6,
                "page": ENGINES[engine],
                "ms": median(theirs),
                "minimum_ms": min(theirs),
                "ratio": median(a / b for a, b in zip(ours, theirs, strict=True)),
                "rounds_ms": theirs,
            }
        )
    version = rounds[catalog.WEIGHTS[0], PAGES[0]][0]["browser"]
    table = Table(
        title=f"First answer of a page, {NETWORK}, {version}",
        columns=[
            Column("weights", "weights"),
            Column("megabytes", "MB", ".1f"),
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
