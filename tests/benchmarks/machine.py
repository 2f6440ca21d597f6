# SPDX-License-Identifier: Apache-2.0
"""What was measured on, and with which versions."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
import time
from pathlib import Path

from tests.benchmarks import programs
from tests.benchmarks.programs import BenchmarkError

MOST_BUSY = 0.1  # of all cores


def describe():
    """A dictionary for the json file, and to be printed."""
    if not programs.SYNSIGHT.is_file():
        raise BenchmarkError(f"there is no {programs.SYNSIGHT}; do: make bench")
    ours = programs.run([programs.SYNSIGHT, "version", "--format", "json"]).json()
    names = ["onnxruntime", "openvino", "pillow", "numpy"]
    return computer() | {
        "cpu": ours["cpu"],
        "cpu_features": ours["cpu_features"],
        "compiler": ours["compiler"],
        "synsight": ours["version"],
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in names},
    }


def computer():
    """What of that has nothing to do with how Synsight was built."""
    return {
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "os": platform.freedesktop_os_release()["PRETTY_NAME"],
        "kernel": platform.release(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "busy_at_start": _busy_part(),
    }


def sentence(machine):
    """The same in a line for people."""
    packages = ", ".join(f"{name} {text}" for name, text in machine["packages"].items())
    parts = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['os']}",
        *([machine["compiler"]] if "compiler" in machine else []),
        packages,
        machine["date"],
    ]
    text = "; ".join(parts)
    busy = machine["busy_at_start"]
    if busy > MOST_BUSY:
        text += (
            f"\nOther programs use {busy:.0%} of the machine: times come out too long."
        )
    return text


def _cpu_name():
    """As Linux tells it; empty where it does not."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else ""


def _busy_part():
    """Which part of a second the cores are at work, while this process is not."""
    before = _ticks()
    time.sleep(1)
    spent = [after - start for start, after in zip(before, _ticks(), strict=True)]
    idle, waiting = spent[3:5]
    return 1 - (idle + waiting) / sum(spent)


def _ticks():
    """The cores' time a kind: user, nice, system, idle, waiting, ... (man 5 proc)."""
    first_line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    return [int(text) for text in first_line.split()[1:9]]


def _commit():
    """The commit, with a + where files differ from it; empty outside a repository."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip()
