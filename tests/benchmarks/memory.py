# SPDX-License-Identifier: Apache-2.0
"""Peak memory, against the size of the weights."""

from tests.benchmarks import programs
from tests.benchmarks.materials import network_file, photo_file
from tests.benchmarks.table import Column, Table

NETWORKS = ["vgg16", "efficientnet-lite0"]
COMMANDS = ["bench --threads 1", "bench --threads 2", "classify"]
ENGINES = {"synsight": "Synsight", "onnxruntime": "ONNX Runtime"}
MIB = 1 << 20
MOST_RATIO = 1.9  # of VGG16


def measure(_):
    """The table of the peaks. One process each is enough: they hardly vary."""
    rows = [_row(name, command) for name in NETWORKS for command in COMMANDS]
    columns = [
        Column("network", "network"),
        Column("weights_mib", "weights MiB", ".1f"),
        Column("command", "command"),
    ]
    for engine, title in ENGINES.items():
        columns.append(Column(f"{engine}_mib", f"{title} MiB", ".1f"))
        columns.append(Column(f"{engine}_ratio", "to weights", ".2f"))
    worst = max(row["synsight_ratio"] for row in rows if row["network"] == "vgg16")
    return Table(
        title="Peak memory",
        columns=columns,
        rows=rows,
        how="The largest resident set of a process, from its start to its end; the ONNX "
        "file's size stands for the weights. ONNX Runtime's has Python in it.",
        goal=f"at most {MOST_RATIO} times the weights of VGG16",
        is_reached=worst <= MOST_RATIO,
    )


def _row(name, title):
    network = network_file(name)
    num_bytes = network.stat().st_size
    row = {"network": name, "weights_mib": num_bytes / MIB, "command": title}
    for engine in ENGINES:
        peak = programs.run(_command(engine, title, network)).peak_bytes
        row[f"{engine}_mib"] = peak / MIB
        row[f"{engine}_ratio"] = peak / num_bytes
    return row


def _command(engine, title, network):
    if title == "classify":
        return programs.classify_command(engine, network, [photo_file()])
    num_threads = int(title.split()[-1])
    return programs.time_command(
        engine, network, num_threads, num_runs=3, num_warm_up=1
    )
