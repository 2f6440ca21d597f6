# SPDX-License-Identifier: Apache-2.0
"""The nine networks in the onnx package, with random weights and without a softmax.

The package has 0.02 for nearly every weight, so that all channels are the same and all
classes get 0.001: most mistakes would not show.
"""

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

FOLDER = Path(onnx.__file__).parent / "backend/test/data/light"
SEED = 20240229


def names():
    """The networks' names: `light_vgg19`, ..."""
    return sorted(path.stem for path in FOLDER.glob("*.onnx"))


def load(name):
    """The onnx.ModelProto of the network `name`; its output is the logits."""
    model = onnx.load(FOLDER / f"{name}.onnx")
    graph = model.graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            shape = constants[node.input[0]]
            constants[node.output[0]] = np.empty(shape, np.float32)
        elif node.op_type != "Softmax":
            nodes.append(node)
    random = np.random.default_rng(SEED)
    # In the order of the nodes, so that the same numbers are drawn each time.
    used = dict.fromkeys(name for node in nodes for name in node.input)
    weights = [
        _draw(random, nodes, value, constants[value])
        for value in used
        if value in constants
    ]
    _replace(graph.node, nodes)
    _replace(graph.initializer, weights)
    _replace(graph.input, [v for v in graph.input if v.name not in constants])
    graph.output[0].name = nodes[-1].output[0]
    model.ir_version = max(model.ir_version, 4)  # from there on constants are no inputs
    return model


def _replace(field, items):
    """Makes `items` the elements of a repeated field of a message."""
    del field[:]
    field.extend(items)


def _draw(random, nodes, name, constant):
    """The initializer `name`: random where `constant` is f32, else the same."""
    if constant.dtype == np.float32:
        constant = _weight(random, _role(nodes, name), constant.shape)
    return numpy_helper.from_array(constant, name)


def _role(nodes, name):
    """(operator, index of its input) of the first node that computes with `name`."""
    node = next(node for node in nodes if name in node.input)
    if node.op_type in ("Reshape", "Unsqueeze"):
        return _role(nodes, node.output[0])
    return node.op_type, list(node.input).index(name)


def _weight(random, role, shape):
    """f32 of `shape`, so that activations keep their size and pictures stay different."""
    match role:
        case ("Conv" | "Gemm", 1):  # [outputs, what an output is the sum of]
            num_outputs = next(n for n in shape if n > 1)
            weight = random.standard_normal(
                (num_outputs, math.prod(shape) // num_outputs)
            )
            weight -= weight.mean(axis=1, keepdims=True)
            weight *= math.sqrt(2 / weight.shape[1])
        case ("BatchNormalization", 1 | 4) | ("Mul", _):  # scales and variances
            weight = random.uniform(0.75, 1.25, shape)
        case _:
            weight = random.normal(0, 0.1, shape)
    return weight.reshape(shape).astype(np.float32)
