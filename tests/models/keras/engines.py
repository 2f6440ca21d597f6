# SPDX-License-Identifier: Apache-2.0
"""What runs a converted network: the program's backends, the package's builds."""

import ast
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from converted import run_synsight, to_keras_order

ROOT = Path(__file__).resolve().parents[3]
BACKENDS = ("xnnpack", "reference")
# Those of WebAssembly, by their SIMD, with what Node needs.
BUILDS = {"plain": [], "relaxed": ["--experimental-wasm-relaxed-simd"]}
ENGINES = (*BACKENDS, *BUILDS)


@dataclass(frozen=True)
class Answer:
    """The output for some photographs, and of each the list of the five best."""

    output: np.ndarray
    lists: list  # as decode_predictions has them; None of features


def why_missing(engine):
    """Why an engine cannot run here; empty if it can."""
    if engine not in BUILDS:
        return ""
    file = ROOT / "web" / "dist" / "wasm" / f"{engine}.wasm"
    if not file.is_file():
        return f"there is no {file.relative_to(ROOT)}; do: make web"
    version = _output_of(["node", "--version"]).strip()
    if engine == "relaxed" and int(version[1:].split(".")[0]) < 20:
        return f"relaxed SIMD needs Node.js 20; this is {version}"
    return ""


def ask(engine, program, network, count):
    """The Answer of an engine for the first `count` photographs."""
    photographs = network.photographs[:count]
    if engine in BUILDS:
        return _ask_package(engine, network, photographs)
    inputs = [network.pictures[:count]]
    folder = network.file.parent
    (output,) = run_synsight(program, network.file, inputs, engine, folder)
    if network.scores is None:
        return Answer(output, None)
    command = [program, "classify", *photographs, "--model", network.file]
    command += ["--backend", engine, "--format", "keras"]
    return Answer(output, ast.literal_eval(_output_of(command)))


def _ask_package(build, network, photographs):
    folder, top = network.file.parent, 0 if network.scores is None else 5
    script = ROOT / "tests" / "web" / "answers.mjs"
    command = ["node", *BUILDS[build], script, build, network.file, folder, top]
    lines = _output_of([*command, *photographs]).splitlines()
    answers = [json.loads(line) for line in lines]
    outputs = [
        np.fromfile(folder / f"{place}.f32", np.float32).reshape(answer["dims"])
        for place, answer in enumerate(answers)
    ]
    lists = None
    if network.scores is not None:
        lists = [
            [(p["wnid"], p["label"], p["probability"]) for p in answer["predictions"]]
            for answer in answers
        ]
    return Answer(to_keras_order(np.concatenate(outputs)), lists)


def _output_of(command):
    command = [str(word) for word in command]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
