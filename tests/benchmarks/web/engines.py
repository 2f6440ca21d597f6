# SPDX-License-Identifier: Apache-2.0
"""The engines that are compared, and the program that measures one in a browser."""

import json
import shutil
from pathlib import Path

from tests.benchmarks import programs

FOLDER = Path(__file__).resolve().parent
ENGINES = {
    "synsight": "Synsight",
    "onnxruntime": "onnxruntime-web",
    "tfjs": "tfjs-wasm",
    "litert": "LiteRT.js",
}
PACKAGES = ["onnxruntime-web", "@tensorflow/tfjs-backend-wasm", "@litertjs/core"]
BROWSERS = {
    "chromium": ["chromium", "chromium-browser", "google-chrome"],
    "firefox": ["firefox-esr", "firefox"],
}


def versions():
    """{package: version} of what is compared, ours too."""
    files = {name: FOLDER / "node_modules" / name / "package.json" for name in PACKAGES}
    files = {"synsight": Path("web/package.json")} | files
    return {name: json.loads(p.read_bytes())["version"] for name, p in files.items()}


def installed_browsers():
    """Those of BROWSERS that are there."""
    return [name for name, found in BROWSERS.items() if any(map(shutil.which, found))]


def bundle():
    """Makes the files that the pages load."""
    programs.run(["node", FOLDER / "bundle.mjs"])


def measure(command, browser, engine, *given):
    """What run.mjs prints for one measurement in a new browser; BenchmarkError."""
    arguments = [json.dumps(part) for part in given]
    script = FOLDER / "run.mjs"
    return programs.run(["node", script, command, browser, engine, *arguments]).json()
