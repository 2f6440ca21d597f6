# SPDX-License-Identifier: Apache-2.0
"""The same tensor through both backends and ONNX Runtime: how far apart the logits are."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from models import catalog
from tests.benchmarks import light_networks, networks, programs
from tests.benchmarks.materials import network_file
from tests.benchmarks.table import Column, Table

BACKENDS = ["xnnpack", "reference"]
MOST_DIFFERENCE = 1e-4


def measure(_):
    """The table of the worst differences, a network a row. It takes a minute or two."""
    names = [entry["name"] for entry in catalog.load()]
    names += light_networks.names() + list(networks.NETWORKS)
    rows = [_row(name) for name in names]
    worst = max(row[backend] for row in rows for backend in BACKENDS)
    return Table(
        title="Largest difference from ONNX Runtime's logits, in parts of their range",
        columns=[
            Column("network", "network"),
            Column("range", "range", ".3g"),
            *(Column(backend, backend, ".1e") for backend in BACKENDS),
        ],
        rows=rows,
        how="The same random tensor through `synsight run` and ONNX Runtime. All but the "
        "catalog's networks have random weights.",
        goal=f"at most {MOST_DIFFERENCE:.0e}",
        is_reached=worst <= MOST_DIFFERENCE,
    )


def _row(name):
    print(f"comparing {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        network = _file(name, Path(folder))
        expected, given = _onnxruntime_logits(network, _deviation(name))
        input_file, output_file = Path(folder, "input.npy"), Path(folder, "output.npy")
        np.save(input_file, given)
        row = {"network": name, "range": float(np.ptp(expected))}
        for backend in BACKENDS:
            command = [programs.SYNSIGHT, "run", network, input_file]
            programs.run([*command, "-o", output_file, "--backend", backend])
            row[backend] = _difference(np.load(output_file), expected)
    return row


def _file(name, folder):
    if name not in light_networks.names():
        return network_file(name)
    path = folder / f"{name}.onnx"
    onnx.save(light_networks.load(name), path)
    return path


def _deviation(name):
    """The standard deviation of the input for which the network was made."""
    return 60 if name in light_networks.names() else 1


def _onnxruntime_logits(network, deviation):
    """ONNX Runtime's logits, and the random input that gave them."""
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(network, providers=providers)
    (port,) = session.get_inputs()
    shape = [n if isinstance(n, int) else 1 for n in port.shape]
    given = np.random.default_rng(1).normal(0, deviation, shape).astype(np.float32)
    (logits,) = session.run(None, {port.name: given})
    return logits, given


def _difference(found, expected):
    """The largest difference in parts of the range; infinite for another shape or nan."""
    if found.shape != expected.shape:
        return float("inf")
    worst = np.abs(found - expected).max() / np.ptp(expected)
    return float(worst) if np.isfinite(worst) else float("inf")
