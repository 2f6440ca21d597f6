# SPDX-License-Identifier: Apache-2.0
"""How these tests run programs."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(*command):
    """The exit code, output and errors of a program."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, timeout=600
    )
    return done.returncode, done.stdout, done.stderr
