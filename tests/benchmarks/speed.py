# SPDX-License-Identifier: Apache-2.0
"""Time a network, beside ONNX Runtime and OpenVINO."""

import math
from statistics import fmean, median

from tests.benchmarks import programs
from tests.benchmarks.materials import network_file
from tests.benchmarks.table import Column, Table

ENGINES = {
    "synsight": "Synsight",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
}
NETWORKS = ["efficientnet-lite0", "mobilenet_v2", "resnet50", "vgg16"]
FURTHER_NETWORKS = ["inception_v3", "xception"]  # these do not count for the goal
THREADS = [1, 2]
NUM_WARM_UP = 3

MOST_MEAN_RATIO = 1.0
MOST_RATIO = 1.25


def measure(is_quick):
    """The table of the times, and of their ratios to the other engines'."""
    num_rounds, num_runs = (3, 5) if is_quick else (9, 10)
    names = NETWORKS if is_quick else NETWORKS + FURTHER_NETWORKS
    timed = _time_all(names, num_rounds, num_runs)
    rows = [_row(*case, rounds) for case, rounds in timed.items()]
    counted = [row for row in rows if row["network"] in NETWORKS]
    means = [_mean_row(counted, threads) for threads in THREADS]
    worst = max(row["to_onnxruntime"] for row in counted)
    worst_mean = max(row["to_onnxruntime"] for row in means)
    columns = [Column("network", "network"), Column("threads", "threads", "d")]
    for engine, title in ENGINES.items():
        columns.append(Column(f"{engine}_ms", f"{title} ms", ".2f"))
        columns.append(Column(f"{engine}_minimum_ms", "minimum", ".2f"))
    columns.append(Column("to_onnxruntime", "to ONNX Runtime", ".2f"))
    columns.append(Column("to_openvino", "to OpenVINO", ".2f"))
    return Table(
        title="Time a network, f32, one picture",
        columns=columns,
        rows=rows + means,
        how=f"{num_rounds} rounds of a process an engine by turns, each with "
        f"{NUM_WARM_UP} runs to warm up and {num_runs} that count. Times are the median "
        "of the rounds' medians, and the minimum of all runs; ratios are the median of "
        "the rounds' ratios.",
        goal=f"the geometric mean of the ratios to ONNX Runtime at most "
        f"{MOST_MEAN_RATIO}, no ratio above {MOST_RATIO} ({', '.join(NETWORKS)})",
        is_reached=worst_mean <= MOST_MEAN_RATIO and worst <= MOST_RATIO,
    )


def _time_all(names, num_rounds, num_runs):
    """{(network, threads): {engine: [what it printed in each round]}}"""
    files = {name: network_file(name) for name in names}
    cases = [(name, threads) for threads in THREADS for name in names]
    timed = {case: {engine: [] for engine in ENGINES} for case in cases}
    # The rounds are outside: what disturbs the machine for a while hits few of each case.
    for index in range(num_rounds):
        print(f"round {index + 1} of {num_rounds}", flush=True)
        for name, threads in cases:
            for engine, rounds in timed[name, threads].items():
                form = (threads, num_runs, NUM_WARM_UP)
                command = programs.time_command(engine, files[name], *form)
                rounds.append(programs.run(command).json())
    return timed


def _row(name, threads, timed):
    row = {"network": name, "threads": threads}
    for engine, rounds in timed.items():
        row[f"{engine}_ms"] = median(one["median_ms"] for one in rounds)
        row[f"{engine}_minimum_ms"] = min(one["minimum_ms"] for one in rounds)
        row[f"{engine}_rounds_ms"] = [one["median_ms"] for one in rounds]  # for json
    ours, *others = ENGINES
    for engine in others:
        row[f"to_{engine}"] = _ratio(timed[ours], timed[engine])
    return row


def _ratio(ours, theirs):
    """The median of the ratios a round: its two sides had the same disturbances."""
    pairs = zip(ours, theirs, strict=True)
    return median(a["median_ms"] / b["median_ms"] for a, b in pairs)


def _mean_row(rows, threads):
    """The geometric means of the ratios with so many threads."""
    row = {"network": "geometric mean", "threads": threads}
    for key in ["to_onnxruntime", "to_openvino"]:
        logarithms = [math.log(r[key]) for r in rows if r["threads"] == threads]
        row[key] = math.exp(fmean(logarithms))
    return row
