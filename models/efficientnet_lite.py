# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite as an ONNX graph, from the weights of `efficientnet-lite-pytorch`.

Source of the layout: tensorflow/tpu, models/official/efficientnet/lite.
"""

import math
from dataclasses import dataclass, replace

from models.errors import ModelsError
from models.graph_builder import GraphBuilder, same_pads

_EPSILON = 1e-3
_NUM_STEM_CHANNELS = 32
_NUM_HEAD_CHANNELS = 1280
_NUM_CLASSES = 1000


@dataclass(frozen=True)
class Stage:
    """Blocks of one output size; only the first of them has the stride."""

    repeats: int
    kernel: int
    stride: int
    expand: int
    channels: int


_LITE0_STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expand=1, channels=16),
    Stage(repeats=2, kernel=3, stride=2, expand=6, channels=24),
    Stage(repeats=2, kernel=5, stride=2, expand=6, channels=40),
    Stage(repeats=3, kernel=3, stride=2, expand=6, channels=80),
    Stage(repeats=3, kernel=5, stride=1, expand=6, channels=112),
    Stage(repeats=4, kernel=5, stride=2, expand=6, channels=192),
    Stage(repeats=1, kernel=3, stride=1, expand=6, channels=320),
)

# How much wider and deeper than Lite0 each network is.
_WIDTH_AND_DEPTH = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite1": (1.0, 1.1),
    "efficientnet-lite2": (1.1, 1.2),
}


def scaled_channels(channels, width):
    """`channels * width` to the nearest multiple of 8, at most a tenth less."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def stages(name):
    """The network's stages. The first and the last have one block in all of them."""
    width, depth = _WIDTH_AND_DEPTH[name]
    ends = (_LITE0_STAGES[0], _LITE0_STAGES[-1])
    return [
        replace(
            stage,
            repeats=stage.repeats
            if stage in ends
            else math.ceil(stage.repeats * depth),
            channels=scaled_channels(stage.channels, width),
        )
        for stage in _LITE0_STAGES
    ]


class _Network:
    """The graph under construction, the weights left, and the last value's form."""

    def __init__(self, name, size, weights):
        self.graph = GraphBuilder(name, size)
        self.weights = dict(weights)
        self.size = size
        self.channels = 3

    def take(self, name, shape):
        """Removes and returns the weight `name`, which has to have `shape`."""
        array = self.weights.pop(name, None)
        if array is None:
            raise ModelsError(f"weight {name!r} is missing")
        if array.shape != shape:
            raise ModelsError(
                f"weight {name!r} has shape {array.shape}, wanted {shape}"
            )
        return array

    def conv_bn(self, name, x, source, channels, kernel=1, stride=1, group=1):
        """Conv and BatchNormalization; `source` names the two layers' weights."""
        conv, norm = source
        shape = (channels, self.channels // group, kernel, kernel)
        weight = self.take(f"{conv}.weight", shape)
        pads = same_pads(self.size, kernel, stride)
        x = self.graph.conv(f"{name}/conv", x, weight, None, stride, pads, group)
        roles = ("weight", "bias", "running_mean", "running_var")
        arrays = [self.take(f"{norm}.{role}", (channels,)) for role in roles]
        self.weights.pop(f"{norm}.num_batches_tracked", None)
        self.size = -(-self.size // stride)
        self.channels = channels
        return self.graph.batch_norm(f"{name}/bn", x, *arrays, epsilon=_EPSILON)

    def block(self, index, x, stage, stride):
        """Expand (1x1), depthwise, project (1x1); adds the input where its form is kept."""
        name, source = f"blocks.{index}", f"_blocks.{index}"
        block_input, input_form = x, (self.size, self.channels)
        if stage.expand != 1:
            layers = (f"{source}._expand_conv", f"{source}._bn0")
            x = self.conv_bn(f"{name}/expand", x, layers, self.channels * stage.expand)
            x = self.graph.relu6(f"{name}/expand/relu6", x)
        layers = (f"{source}._depthwise_conv", f"{source}._bn1")
        form = (self.channels, stage.kernel, stride, self.channels)
        x = self.conv_bn(f"{name}/depthwise", x, layers, *form)
        x = self.graph.relu6(f"{name}/depthwise/relu6", x)
        layers = (f"{source}._project_conv", f"{source}._bn2")
        x = self.conv_bn(f"{name}/project", x, layers, stage.channels)
        if (self.size, self.channels) == input_form:
            x = self.graph.node("Add", f"{name}/add", [x, block_input])
        return x


def build(name, size, weights, metadata):
    """The ONNX file of the network `name` for pictures of `size`, as pieces of bytes.

    `input` [N,3,size,size] -> `logits` [N,1000], f32. `weights` {name: array} as in
    PyTorch's state dictionary; ModelsError where one is missing, superfluous or of
    another shape.
    """
    net = _Network(name, size, weights)
    graph = net.graph
    layers = ("_conv_stem", "_bn0")
    x = net.conv_bn("stem", "input", layers, _NUM_STEM_CHANNELS, kernel=3, stride=2)
    x = graph.relu6("stem/relu6", x)
    index = 0
    for stage in stages(name):
        for repeat in range(stage.repeats):
            x = net.block(index, x, stage, stage.stride if repeat == 0 else 1)
            index += 1
    x = net.conv_bn("head", x, ("_conv_head", "_bn1"), _NUM_HEAD_CHANNELS)
    x = graph.relu6("head/relu6", x)
    x = graph.node("GlobalAveragePool", "head/pool", [x])
    x = graph.node("Flatten", "head/flatten", [x], axis=1)
    weight = net.take("_fc.weight", (_NUM_CLASSES, _NUM_HEAD_CHANNELS))
    graph.dense("classifier", x, weight, net.take("_fc.bias", (_NUM_CLASSES,)))
    if net.weights:
        raise ModelsError(f"weight {min(net.weights)!r} has no place in {name}")
    return graph.serialize(_NUM_CLASSES, metadata)
