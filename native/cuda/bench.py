# SPDX-License-Identifier: Apache-2.0
"""Time networks on a GPU, beside PyTorch and TensorRT where they are installed.

A run begins with pictures in the host's memory, normalised, in f32, and ends with the
scores there: every engine copies both. Numbers are stored as f16. Each round runs every
engine in a process of its own, by turns.
"""

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
NUM_WARM_UP = 10
MAX_BATCH = 4096


@dataclass(frozen=True)
class Network:
    """The same architecture as an ONNX file and in PyTorch."""

    source: str  # what `python -m models convert` makes it of
    module: str  # the package of PyTorch's
    name: str  # its name there
    note: str = ""


NETWORKS = {
    "resnet50": Network(
        "keras:ResNet50",
        "torchvision",
        "resnet50",
        "Keras has a stage's stride in its first 1x1 convolution, torchvision in the 3x3: "
        "it was moved there",
    ),
    "vgg16": Network("keras:VGG16", "torchvision", "vgg16"),
    "mobilenet_v2": Network(
        "keras:MobileNetV2",
        "torchvision",
        "mobilenet_v2",
        "Keras pads strided convolutions at their ends only",
    ),
    "efficientnet-lite0": Network(
        "efficientnet-lite0", "timm", "tf_efficientnet_lite0"
    ),
}
ENGINES = {
    "synsight": "Synsight",
    "eager": "PyTorch eager",
    "compiled": "PyTorch compiled",
    "tensorrt": "TensorRT",
}


class BenchError(Exception):
    """What ends the whole: a line for people."""


class Skipped(Exception):
    """Why one engine cannot be timed on one network."""


def run(command):
    """The standard output of a process; Skipped with its last line where it fails."""
    command = [str(part) for part in command]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Skipped(f"{command[0]}: {error.strerror}") from error
    if finished.returncode == 0:
        return finished.stdout
    said = (finished.stderr.strip() or finished.stdout.strip()).splitlines()
    last = said[-1] if said else f"exit code {finished.returncode}"
    raise Skipped(f"{Path(command[0]).name}: {last}")


def find_gpu(device):
    """Name and driver of the GPU of that index, as nvidia-smi gives them."""
    query = ["nvidia-smi", f"--id={device}", "--query-gpu=name,driver_version"]
    try:
        name, driver = run([*query, "--format=csv,noheader"]).strip().split(", ")
    except (Skipped, ValueError) as error:
        raise BenchError(f"there is no GPU {device} to measure: {error}") from error
    return {"device": name, "driver": driver}


def network_file(name):
    """The network's ONNX file; it is converted where it is missing, with random weights."""
    network = NETWORKS[name]
    if not network.source.startswith("keras:"):
        path = ROOT / "build" / "models" / f"{network.source}.onnx"
        arguments = [network.source]
    else:
        path = ROOT / "build" / "bench" / "cuda" / f"{name}.onnx"
        arguments = [network.source, "--weights", "none", "-o", path]
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "models", "convert", *map(str, arguments)]
    finished = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        said = finished.stderr.strip().splitlines() or ["it says nothing"]
        raise Skipped(f"converting {network.source}: {said[-1]}")
    return path


def time_synsight(name, batch, options):
    command = [options.synsight, "bench", network_file(name), "--backend", "cuda"]
    command += ["--device", options.device, "--batch", batch, "--tune"]
    command += ["--runs", options.runs, "--warm-up", NUM_WARM_UP, "--format", "json"]
    return json.loads(run(command))["median_ms"]


def time_torch(mode, name, batch, options):
    for module in ("torch", NETWORKS[name].module):
        if importlib.util.find_spec(module) is None:
            raise Skipped(f"{module} is not installed")
    network = NETWORKS[name]
    command = [sys.executable, Path(__file__).with_name("bench_torch.py"), mode]
    command += [network.module, network.name, batch]
    command += [NUM_WARM_UP, options.runs, options.device]
    return json.loads(run(command).splitlines()[-1])["median_ms"]


def time_tensorrt(name, batch, options):
    program = shutil.which("trtexec")
    if program is None:
        raise Skipped("trtexec, TensorRT's own timer, is not on PATH")
    path = network_file(name)
    command = [program, f"--onnx={path}", "--fp16", "--useCudaGraph", "--useSpinWait"]
    command += [f"--shapes={input_shape(path, batch)}", f"--device={options.device}"]
    command += ["--warmUp=1000", f"--iterations={options.runs}"]
    return parse_trtexec(run(command))


def input_shape(path, batch):
    """The input of an ONNX file as trtexec wants it: `input:8x3x224x224`."""
    import onnx

    (value,) = onnx.load(path, load_external_data=False).graph.input
    dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim][1:]
    if 0 in dims:
        raise Skipped(f"{path.name} does not say its pictures' size")
    return f"{value.name}:" + "x".join(map(str, [batch, *dims]))


def parse_trtexec(output):
    """The median latency, with both copies, in milliseconds."""
    found = re.search(r"\bLatency: min = .*?median = ([0-9.]+) ms", output)
    if found is None:
        raise Skipped("trtexec does not say its latency")
    return float(found[1])


def time_engine(engine, name, batch, options):
    if engine == "synsight":
        return time_synsight(name, batch, options)
    if engine == "tensorrt":
        return time_tensorrt(name, batch, options)
    return time_torch(engine, name, batch, options)


def measure(options):
    """The rows, one a network and batch, and {"engine, network": why it was skipped}."""
    cases = [(name, batch) for name in options.networks for batch in options.batches]
    times = {(case, engine): [] for case in cases for engine in ENGINES}
    skipped = {}
    # The rounds are outside: what disturbs the machine for a while hits few of each case.
    for _ in range(options.rounds):
        for name, batch in cases:
            for engine, title in ENGINES.items():
                whole, single = f"{title}, {name}", f"{title}, {name}, {batch}"
                if whole in skipped or single in skipped:
                    continue
                try:
                    ms = time_engine(engine, name, batch, options)
                    times[(name, batch), engine].append(ms)
                except Skipped as reason:
                    # A larger batch may not fit where smaller ones do.
                    key = single if any_measured(times, name, engine) else whole
                    skipped[key] = str(reason)
    return [make_row(case, times) for case in cases], skipped


def any_measured(times, name, engine):
    return any(times[key] for key in times if key[0][0] == name and key[1] == engine)


def make_row(case, times):
    name, batch = case
    row = {"network": name, "batch": batch}
    for engine in ENGINES:
        if times[case, engine]:
            ms = median(times[case, engine])
            row[f"{engine}_ms"] = ms
            row[f"{engine}_images_per_second"] = 1000 * batch / ms
    return row


def format_table(rows):
    """Markdown: of each engine ms a run and pictures a second; `-` where there are none."""
    lines = [["network", "batch"]]
    for title in ENGINES.values():
        lines[0] += [f"{title} ms", "img/s"]
    for row in rows:
        line = [row["network"], str(row["batch"])]
        for engine in ENGINES:
            ms, speed = (
                row.get(f"{engine}_{key}") for key in ("ms", "images_per_second")
            )
            line += ["-", "-"] if ms is None else [f"{ms:.2f}", f"{speed:.0f}"]
        lines.append(line)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines
    )


def positive(text):
    number = int(text)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 1000000")
    return number


def batch_size(text):
    number = int(text)
    if not 1 <= number <= MAX_BATCH:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MAX_BATCH}")
    return number


def parse_arguments(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS)
    )
    parser.add_argument(
        "--batches", nargs="+", type=batch_size, default=[1, 8, 64, 256]
    )
    parser.add_argument("--runs", type=positive, default=50, help="that count, a round")
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument(
        "--device", type=int, choices=range(1024), default=0, metavar="N"
    )
    parser.add_argument(
        "--synsight", type=Path, default=ROOT / "build/cuda/bin/synsight"
    )
    parser.add_argument("--output", type=Path, help="a file for the figures as JSON")
    options = parser.parse_args(arguments)
    if options.output and not options.output.absolute().parent.is_dir():
        parser.error(f"--output: there is no folder {options.output.absolute().parent}")
    return options


def main(arguments=None):
    options = parse_arguments(arguments)
    try:
        result = find_gpu(options.device)
        if not options.synsight.exists():
            raise BenchError(f"there is no {options.synsight}: run `make cuda` first")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    rows, skipped = measure(options)
    result |= {"rounds": options.rounds, "runs": options.runs, "precision": "f16"}
    result |= {"rows": rows, "skipped": skipped}
    if options.output:
        options.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"{result['device']}, driver {result['driver']}, f16, host to host\n")
    print(format_table(rows))
    for name in options.networks:
        if NETWORKS[name].note:
            print(f"{name}: {NETWORKS[name].note}")
    for what, reason in skipped.items():
        print(f"skipped: {what}: {reason}")
    return 0 if any("synsight_ms" in row for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
