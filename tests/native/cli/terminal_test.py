# SPDX-License-Identifier: Apache-2.0
"""Signals, pipes and terminals."""

import os
import pty
import signal
import subprocess
import time

import pytest
import small_networks

TIMEOUT_S = 120


@pytest.fixture
def slow_model(tmp_path):
    return small_networks.save(small_networks.slow_network(), tmp_path / "slow.onnx")


def wait_until(condition):
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_work_and_leaves_no_file(
    synsight, slow_model, picture, tmp_path, number
):
    folder = tmp_path / "results"
    folder.mkdir()
    pictures = [picture(f"{i}.png") for i in range(50)]
    command = synsight.command(
        *("classify", *pictures, "--model", slow_model, "--backend", "reference"),
        *("--output", folder / "result.csv"),
    )
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        # The file under construction shows that the signals are caught by now.
        wait_until(lambda: os.listdir(folder))
        process.send_signal(number)
        _, error = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 128 + number
    assert error == "error: interrupted\n"
    assert os.listdir(folder) == []


def test_an_interrupt_ends_waiting_for_standard_input(synsight, color_model, picture):
    command = synsight.command("classify", picture(), "-", "--model", color_model)
    pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    with subprocess.Popen(command, text=True, **pipes) as process:
        # The first picture's rows show that the signals are caught by now.
        assert process.stdout.readline().startswith("picture")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=TIMEOUT_S)
        assert process.stderr.read() == "error: interrupted\n"
    assert process.returncode == 128 + signal.SIGINT


@pytest.mark.parametrize("form", ["table", "json", "csv", "keras"])
def test_a_reader_that_goes_away_ends_it_silently(synsight, color_model, picture, form):
    command = synsight.command(
        *("classify", picture(), "--model", color_model, "--format", form)
    )
    pipes = {name: subprocess.PIPE for name in ("stdout", "stderr")}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.close()
        error = process.stderr.read()
    assert process.returncode == 128 + signal.SIGPIPE
    assert error == ""


def test_a_reader_of_an_output_file_that_goes_away_ends_it_silently(
    synsight, color_model, picture, tmp_path
):
    pictures = [picture(f"pictures/{i}.png") for i in range(3)]
    command = ("classify", *pictures, "--model", color_model, "--output", "/dev/stdout")
    reading, writing = os.pipe()
    os.close(reading)
    finished = synsight(
        *command, capture_output=False, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (finished.returncode, finished.stderr) == (128 + signal.SIGPIPE, "")


def stderr_on_a_terminal(synsight, *arguments):
    """What a run shows on a terminal that is its stderr."""
    ours, theirs = pty.openpty()
    command = synsight.command(*arguments)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def test_a_bar_stands_on_a_terminal_and_goes_away(synsight, color_model, picture):
    pictures = [picture("a.png"), picture("b.png")]
    shown = stderr_on_a_terminal(
        synsight, "classify", *pictures, "--model", color_model
    )
    assert "] 1/2 " in shown and "] 2/2 " in shown
    assert shown.endswith("\r\x1b[K")


def test_a_single_picture_has_no_bar(synsight, color_model, picture):
    arguments = ("classify", picture(), "--model", color_model)
    assert stderr_on_a_terminal(synsight, *arguments) == ""


def test_there_is_no_bar_where_there_is_no_terminal(synsight, color_model, picture):
    pictures = [picture("a.png"), picture("b.png")]
    finished = synsight("classify", *pictures, "--model", color_model)
    assert finished.returncode == 0 and finished.stderr == ""
