# SPDX-License-Identifier: Apache-2.0
"""Converts a model that lies in memory, and runs what it became."""

import subprocess

import keras
import numpy as np
import onnx
import onnxruntime

from models.keras import convert, load

TOLERANCE = 1e-5


def to_bytes(model, metadata=None):
    """The ONNX file of a model of Keras's."""
    loaded = load.Loaded(model, keras.ops.convert_to_numpy)
    return b"".join(convert.pieces(loaded, metadata or {}))


def to_graph_order(array):
    """Keras's [N,H,W,C] as the graph's [N,C,H,W]; other ranks as they are."""
    if array.ndim != 4:
        return array
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2))


def run_onnxruntime(data, inputs):
    """The outputs, in Keras's order, without ONNX Runtime's graph optimisations."""
    options = onnxruntime.SessionOptions()
    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.graph_optimization_level = level
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, ["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    arrays = map(to_graph_order, inputs)
    outputs = session.run(None, dict(zip(names, arrays, strict=True)))
    return [to_keras_order(output) for output in outputs]


def run_synsight(program, model, inputs, backend, folder, *options):
    """The same by our program; `model` is the file, `folder` is for the tensors."""
    files = []
    for place, array in enumerate(inputs):
        files.append(folder / f"input{place}.npy")
        np.save(files[-1], to_graph_order(array))
    outputs = folder / f"outputs-{backend}"
    command = [program, "run", model, *files, "-o", f"{outputs}/", "--backend", backend]
    finished = subprocess.run(
        [*map(str, command), *options], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    names = [value.name for value in onnx.load(model).graph.output]
    return [
        to_keras_order(np.load(outputs / f"{name.replace('/', '_')}.npy"))
        for name in names
    ]


def to_keras_order(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def difference(array, wanted):
    """The largest difference, as a part of the range of what is wanted."""
    assert array.shape == wanted.shape
    assert np.isfinite(array).all()
    return np.abs(array - wanted).max() / max(np.ptp(wanted), 1e-6)


def set_random_weights(model, random):
    """Numbers that no initializer gives, so that each weight is seen to arrive."""
    for variable in model.weights:
        array = random.normal(0, 0.5, variable.shape)
        if variable.name.endswith("variance"):
            array = np.abs(array) + 0.5
        variable.assign(array.astype(variable.dtype))
    for layer in model.layers:
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()


def check(model, synsight, folder, batch=2, shapes=None, spread=2):
    """Compares the outputs on random input, whoever runs what the model became.

    Returns that as an onnx.ModelProto.
    """
    random = np.random.default_rng(1)
    set_random_weights(model, random)
    shapes = shapes or [tensor.shape[1:] for tensor in model.inputs]
    inputs = [random.normal(0, spread, (batch, *shape)) for shape in shapes]
    inputs = [array.astype(np.float32) for array in inputs]
    wanted = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    data = to_bytes(model)
    onnx.checker.check_model(data, full_check=True)
    file = folder / "model.onnx"
    file.write_bytes(data)
    found = {"ONNX Runtime": run_onnxruntime(data, inputs)}
    for backend in ("xnnpack", "reference"):
        found[backend] = run_synsight(synsight, file, inputs, backend, folder)
    for who, outputs in found.items():
        for output, expected in zip(outputs, wanted, strict=True):
            assert difference(output, expected) < TOLERANCE, who
    return onnx.load_from_string(data)
