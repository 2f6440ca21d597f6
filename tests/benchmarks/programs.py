# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured, each run as a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SYNSIGHT = Path("build/release/bin/synsight")


class BenchmarkError(Exception):
    """What is measured is missing, or failed; the message says which and how."""


class Skipped(Exception):
    """Something that a measurement needs and not every machine has; it says what."""


@dataclass(frozen=True)
class Finished:
    """A process that ended well."""

    output: str
    wall_ms: float
    peak_bytes: int

    def json(self):
        """The one object that it printed."""
        return json.loads(self.output)

    def json_lines(self):
        """The objects that it printed, one a line."""
        return [json.loads(line) for line in self.output.splitlines()]


def run(command):
    """Runs `command` to its end; BenchmarkError where it fails."""
    command = [str(part) for part in command]
    launcher = [sys.executable, str(FOLDER / "measured_process.py")]
    result = subprocess.run(
        launcher + command, capture_output=True, text=True, check=False
    )
    last_line = (result.stderr.strip().splitlines() or ["it says nothing"])[-1]
    if result.returncode != 0:
        raise BenchmarkError(f"{command[0]} cannot be run: {last_line}")
    measured = json.loads(result.stdout)
    exit_code = measured.pop("exit_code")
    if exit_code != 0:
        shown = " ".join(command[:6])
        raise BenchmarkError(f"exit code {exit_code} of {shown}: {last_line}")
    return Finished(**measured)


def python_script(name):
    """The beginning of a command that runs a script of this folder."""
    return [sys.executable, FOLDER / name]


def python_module(name):
    """The beginning of a command that runs one of the project's modules."""
    return [sys.executable, "-m", name]


def time_command(engine, network, num_threads, num_runs, num_warm_up):
    """The command that times `network` (a file) in `engine`."""
    if engine == "synsight":
        command = [SYNSIGHT, "bench", network, "--format", "json"]
    else:
        command = [*python_script("time_network.py"), engine, network]
    counts = ["--runs", num_runs, "--warm-up", num_warm_up]
    return [*command, "--threads", num_threads, *counts]


def classify_command(engine, network, photos):
    """The command that classifies `photos` with `network` (a file) in `engine`."""
    if engine == "synsight":
        options = ["--model", network, "--format", "json"]
        return [SYNSIGHT, "classify", *options, *photos]
    return [*python_script("onnxruntime_classify.py"), network, *photos]
