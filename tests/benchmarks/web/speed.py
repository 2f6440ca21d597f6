# SPDX-License-Identifier: Apache-2.0
"""Time a network in a page, beside the other engines."""

import sys
from statistics import geometric_mean, median

from tests.benchmarks.programs import BenchmarkError
from tests.benchmarks.table import Column, Table
from tests.benchmarks.web import engines, runtimes
from tests.benchmarks.web.engines import ENGINES
from tests.benchmarks.web.materials import ONNX_ONLY, network_files

NETWORKS = ["efficientnet-lite0", "mobilenet_v2", "resnet50", "vgg16", *ONNX_ONLY]
READ_ONNX = ["synsight", "onnxruntime"]
MOST_DIFFERENCE = 1e-3  # of the logits, in parts of their range
WHAT_IS_TIMED = (
    "from the input tensor to the logits in JavaScript, Synsight's way to its worker and "
    "back included"
)


def measure(browser, names, is_quick):
    """The tables of the times, and of what each engine loads."""
    num_rounds, num_runs = (2, 5) if is_quick else (7, 10)
    limits = {
        "difference": MOST_DIFFERENCE,
        "warmUpRuns": 3,
        "warmUpMs": 1500,
        "runs": num_runs,
    }
    timed, errors = _time_all(browser, names, num_rounds, limits)
    rows = [_row(name, timed[name]) | {"errors": errors[name]} for name in names]
    first = {
        engine: timed[name][engine][0]
        for engine in ENGINES
        for name in names
        if timed[name].get(engine)
    }
    if not first:
        raise BenchmarkError("no engine ran")
    version = next(iter(first.values()))["browser"]
    speed = Table(
        title=f"Time a network in a page, f32, one picture, {version}",
        columns=_columns(),
        rows=rows + _mean_row(rows),
        how=f"{num_rounds} rounds of a new browser an engine by turns, one thread, each "
        f"with {limits['warmUpMs'] / 1e3} s to warm up and {num_runs} runs that count: "
        f"{WHAT_IS_TIMED}. Times are the median of the rounds' medians, ratios the median "
        "of the rounds' ratios. Each round first compares the logits with ONNX Runtime's "
        f"under Python, at most {MOST_DIFFERENCE} of their range apart: the worst is shown.",
    )
    paths = {engine: measured["paths"] for engine, measured in first.items()}
    return {"speed": speed, "runtimes": runtimes.table(paths, version)}


def _time_all(browser, names, num_rounds, limits):
    """{network: {engine: [what it gave in each round]}}, and what failed likewise."""
    files = {name: network_files(name) for name in names}
    timed = {
        name: {engine: [] for engine in (READ_ONNX if name in ONNX_ONLY else ENGINES)}
        for name in names
    }
    errors = {name: {} for name in names}
    # The rounds are outside: what disturbs the machine for a while hits few of a case.
    for index in range(num_rounds):
        print(f"{browser}: round {index + 1} of {num_rounds}", flush=True)
        for name in names:
            for engine, rounds in timed[name].items():
                if engine in errors[name]:
                    continue
                try:
                    given = (files[name], limits)
                    rounds.append(engines.measure("time", browser, engine, *given))
                except BenchmarkError as error:
                    errors[name][engine] = str(error)
                    print(f"error: {name}: {engine}: {error}", file=sys.stderr)
    return timed, errors


def _columns():
    columns = [Column("network", "network")]
    for engine, title in ENGINES.items():
        columns.append(Column(f"{engine}_ms", f"{title} ms", ".1f"))
    _, *others = ENGINES
    for engine in others:
        columns.append(Column(f"to_{engine}", f"to {ENGINES[engine]}", ".2f"))
    columns.append(Column("difference", "worst difference", ".0e"))
    return columns


def _row(name, timed):
    row = {"network": name}
    medians = {
        engine: [median(one["runsMs"]) for one in rounds]
        for engine, rounds in timed.items()
        if rounds
    }
    for engine, rounds in medians.items():
        row[f"{engine}_ms"] = median(rounds)
        row[f"{engine}_rounds_ms"] = rounds  # for json, as what follows
        row[f"{engine}_minimum_ms"] = min(min(one["runsMs"]) for one in timed[engine])
        row[f"{engine}_first_ms"] = median(one["firstMs"] for one in timed[engine])
        row[f"{engine}_difference"] = max(one["difference"] for one in timed[engine])
    ours, *others = ENGINES
    for engine in others:
        if ours in medians and engine in medians:
            pairs = zip(medians[ours], medians[engine], strict=False)
            row[f"to_{engine}"] = median(a / b for a, b in pairs)
    differences = [row[f"{engine}_difference"] for engine in medians]
    return row | ({"difference": max(differences)} if differences else {})


def _mean_row(rows):
    """The geometric means of the ratios that there are, where there are several."""
    if len(rows) < 2:
        return []
    row = {"network": "geometric mean"}
    for engine in list(ENGINES)[1:]:
        ratios = [r[f"to_{engine}"] for r in rows if f"to_{engine}" in r]
        if ratios:
            row[f"to_{engine}"] = geometric_mean(ratios)
    return [row]
