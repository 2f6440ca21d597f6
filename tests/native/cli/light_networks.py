# SPDX-License-Identifier: Apache-2.0
"""The nine whole networks in the onnx package, backend/test/data/light.

Their weights are all the same number, so that all classes get the same score and most
mistakes pass; here they can be had with random weights as well.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NAMES = sorted(path.stem for path in FOLDER.glob("light_*.onnx"))


def load(name):
    """The ModelProto; a Softmax at its end keeps its input as a second output."""
    network = onnx.load(FOLDER / f"{name}.onnx")
    last = network.graph.node[-1]
    if last.op_type == "Softmax":
        logits = helper.make_tensor_value_info(
            last.input[0], onnx.TensorProto.FLOAT, None
        )
        network.graph.output.append(logits)
    return network


def picture_input(network):
    """Name and shape of the input that takes pictures, [1,3,H,W]."""
    constants = {initializer.name for initializer in network.graph.initializer}
    (name, shape), *others = [
        (i.name, [dim.dim_value for dim in i.type.tensor_type.shape.dim])
        for i in network.graph.input
        if i.name not in constants
    ]
    assert not others
    return name, shape


def pictures(shape, count, seed=1):
    """Inputs [1,3,H,W] of large patches, for noise averages out and looks all the same."""
    generator = np.random.default_rng(seed)
    _, channels, height, width = shape
    rows, columns = height // 7 + 1, width // 7 + 1
    for _ in range(count):
        patches = generator.standard_normal((1, channels, 7, 7), np.float32)
        grown = patches.repeat(rows, axis=2).repeat(columns, axis=3)
        yield np.ascontiguousarray(grown[:, :, :height, :width])


def _roles(graph):
    """{value: role} for what nodes read as a parameter: weight, scale, var or shift."""
    roles = {}
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            names = zip(node.input[1:], ("scale", "shift", "shift", "var"), strict=True)
            roles |= dict(names)
        elif node.op_type in ("Conv", "Gemm"):
            named = zip(node.input[1:], ("weight", "shift"), strict=False)
            roles |= {name: role for name, role in named}
    # Densenet and Inception v2 scale and shift by constants that pass an Unsqueeze.
    passed = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Unsqueeze"}
    for node in graph.node:
        if node.op_type in ("Mul", "Add"):
            role = "scale" if node.op_type == "Mul" else "shift"
            roles |= {passed[name]: role for name in node.input if name in passed}
    return roles


def _draw(role, shape, generator):
    if role in ("scale", "var"):
        return generator.uniform(0.75, 1.25, shape)
    deviation = np.sqrt(2 / np.prod(shape[1:])) if role == "weight" else 0.1
    return generator.standard_normal(shape, np.float32) * np.float32(deviation)


def randomize(network, seed=11):
    """Gives every parameter random numbers, those of a layer scaled by its inputs."""
    generator = np.random.default_rng(seed)
    graph = network.graph
    roles = _roles(graph)
    shapes = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    drawn = []
    for node in list(graph.node):
        if node.op_type == "ConstantOfShape" and node.output[0] in roles:
            name, shape = node.output[0], [int(dim) for dim in shapes[node.input[0]]]
            drawn.append((name, _draw(roles[name], shape, generator)))
            graph.node.remove(node)
    for initializer in list(graph.initializer):
        if initializer.name in roles:
            name, shape = initializer.name, list(initializer.dims)
            drawn.append((name, _draw(roles[name], shape, generator)))
            graph.initializer.remove(initializer)
    for name, array in drawn:
        graph.initializer.append(numpy_helper.from_array(np.float32(array), name))
    return network
