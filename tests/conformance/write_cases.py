# SPDX-License-Identifier: Apache-2.0
"""Writes ONNX's own tests, as the onnx package generates or carries them, into FOLDER:

nodes/test_abs/{model.onnx,input_0.pb,output_0.pb}: every node test whose operators are all
supported, which the command LIST_OPERATORS prints, and
networks/densenet121/...: the networks of constant weights with their expected outputs.
"""

import argparse
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "list_operators",
        nargs=argparse.REMAINDER,
        help="a command that prints them, one a line",
    )
    arguments = parser.parse_args()
    listed = subprocess.run(
        arguments.list_operators, check=True, capture_output=True, text=True
    )
    stamp = arguments.folder / "stamp.txt"
    wanted = f"onnx {onnx.__version__}\n{listed.stdout}"
    if stamp.exists() and stamp.read_text() == wanted:
        print("the cases are there already")
        return
    shutil.rmtree(arguments.folder, ignore_errors=True)
    num_nodes = write_node_cases(arguments.folder / "nodes", set(listed.stdout.split()))
    num_networks = write_network_cases(arguments.folder / "networks")
    stamp.write_text(wanted)
    print(f"wrote {num_nodes} node tests and {num_networks} networks")


def write_node_cases(folder, operators):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases divide by zero on purpose
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    num_cases = 0
    for case in cases:
        nodes = case.model.graph.node
        inputs, outputs = case.data_sets[0]
        is_covered = all(
            node.domain in ("", "ai.onnx") and node.op_type in operators
            for node in nodes
        )
        if is_covered and all(is_tensor(value) for value in [*inputs, *outputs]):
            write_case(
                folder / case.name, case.model.SerializeToString(), inputs, outputs
            )
            num_cases += 1
    return num_cases


def write_network_cases(folder):
    networks = sorted(
        (Path(onnx.__file__).parent / "backend/test/data/light").glob("light_*.onnx")
    )
    for path in networks:
        graph = onnx.load(path).graph
        initializers = {initializer.name for initializer in graph.initializer}
        inputs = [
            ramp(value) for value in graph.input if value.name not in initializers
        ]
        output = onnx.load_tensor(path.with_name(f"{path.stem}_output_0.pb"))
        write_case(
            folder / path.stem.removeprefix("light_"),
            path.read_bytes(),
            inputs,
            [output],
        )
    return len(networks)


def ramp(value):
    """The input for which the package's expected outputs were computed: 0 to 1 in equal steps."""
    shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    size = np.prod(shape)
    return (np.arange(size).reshape(shape) / size).astype(np.float32)


def is_tensor(value):
    return isinstance(value, (np.ndarray, np.generic, onnx.TensorProto))


def write_case(folder, model, inputs, outputs):
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model)
    for kind, values in (("input", inputs), ("output", outputs)):
        for index, value in enumerate(values):
            if not isinstance(value, onnx.TensorProto):
                value = numpy_helper.from_array(np.asarray(value))
            (folder / f"{kind}_{index}.pb").write_bytes(value.SerializeToString())


if __name__ == "__main__":
    main()
