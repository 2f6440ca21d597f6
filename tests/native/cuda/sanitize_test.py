# SPDX-License-Identifier: Apache-2.0
"""What sanitize.sh does without a GPU: compute-sanitizer and the test program are scripts."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("sanitize.sh")
SKIPPED = 77


def write_script(path: Path, text: str):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def sanitize(tmp_path):
    """Runs it with the scripts' texts; None: there is no compute-sanitizer."""

    def run(sanitizer: str | None, program: str):
        write_script(tmp_path / "program", program)
        if sanitizer is not None:
            write_script(tmp_path / "compute-sanitizer", sanitizer)
        env = os.environ | {
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "CUDA_PATH": str(tmp_path),
        }
        command = [SCRIPT, "memcheck", tmp_path / "program", "--test-case=one"]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=False
        )

    return run


def test_it_is_skipped_aloud_without_compute_sanitizer(sanitize):
    run = sanitize(None, "exit 0")
    assert run.returncode == SKIPPED
    assert run.stdout.startswith(
        "skipped: memcheck, because there is no compute-sanitizer"
    )


def test_it_is_skipped_aloud_without_a_gpu(sanitize):
    run = sanitize("echo sanitizer ran", f"echo skipped: no driver; exit {SKIPPED}")
    assert run.returncode == SKIPPED
    assert run.stdout == "skipped: no driver\n"


def test_the_program_is_run_with_its_arguments(sanitize, tmp_path):
    run = sanitize('echo "$@"', "exit 0")
    assert run.returncode == 0
    wanted = "--tool memcheck --error-exitcode 1 --report-api-errors no"
    assert run.stdout == f"{wanted} {tmp_path / 'program'} --test-case=one\n"


@pytest.mark.parametrize("status", [1, 2, SKIPPED])
def test_what_compute_sanitizer_finds_is_a_failure(sanitize, status):
    assert sanitize(f"exit {status}", "exit 0").returncode in {1, 2}


def test_a_program_that_cannot_start_is_a_failure(sanitize):
    run = sanitize("echo sanitizer ran", "exit 3")
    assert run.returncode == 3
    assert "sanitizer ran" not in run.stdout
