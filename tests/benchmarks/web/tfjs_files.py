# SPDX-License-Identifier: Apache-2.0
"""Layers as the two files that engines/tfjs.js reads: a description and weights."""

import json

import numpy as np

# ONNX's axes in the order of TensorFlow's: [kH,kW,C,M], [kH,kW,C,1], [K,M].
_AXES = {"conv": (2, 3, 1, 0), "depthwise": (2, 3, 0, 1), "dense": (1, 0)}


def serialize(layers):
    """The bytes of the json file, and the arrays of the other, one after the other."""
    last_reader = {x: layer.name for layer in layers for x in layer.inputs}
    descriptions, arrays, offset = [], [], 0
    for layer in layers:
        description = {
            "op": layer.op,
            "name": layer.name,
            "inputs": layer.inputs,
            "shape": layer.shape,
            "kernel": layer.kernel,
            "stride": layer.stride,
            "pads": layer.pads,
            "activation": layer.activation,
            # What no later layer reads; the input is the caller's.
            "releases": [x for x in layer.inputs if last_reader[x] == layer.name],
        }
        if layer.weight is not None:
            weight = np.ascontiguousarray(layer.weight.transpose(_AXES[layer.op]))
            for role, array in [("weight", weight), ("bias", layer.bias)]:
                description[role] = {"offset": offset, "shape": array.shape}
                arrays.append(array)
                offset += array.nbytes
        descriptions.append(description)
    return json.dumps(descriptions).encode(), arrays
