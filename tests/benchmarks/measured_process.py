# SPDX-License-Identifier: Apache-2.0
"""Runs a command, and prints as json what it printed, how long it took and its memory.

    python tests/benchmarks/measured_process.py COMMAND [ARGUMENT]...

A process of its own and a small one: Linux counts the memory of whoever starts a process
towards the peak of that process.
"""

import json
import os
import subprocess
import sys
import time


def measure(command):
    """{"output", "exit_code", "wall_ms", "peak_bytes"}; errors stay on stderr."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "output": output.decode(),
        "exit_code": process.returncode,
        "wall_ms": elapsed * 1e3,
        "peak_bytes": usage.ru_maxrss * 1024,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1:])))
