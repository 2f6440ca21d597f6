# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph whose layers draw their own weights."""

import math

import numpy as np

from models.graph_builder import GraphBuilder

SEED = 20240229
NUM_CLASSES = 1000
_RELU_GAIN = 2**0.5  # He's: a rectifier halves the mean square of what comes in


def _four(pads):
    return [pads] * 4 if isinstance(pads, int) else pads


class RandomNetwork:
    """A network under construction; each method adds a layer and returns its output.

    It keeps the mean and the variance of each value's channels, as estimated from the
    weights for normalised pictures, all elements taken as independent and normally
    distributed. Biases and batch statistics follow them, as training would make them.
    """

    def __init__(self, name, size):
        self.graph = GraphBuilder(name, size)
        self._random = np.random.default_rng(SEED)
        self._moments = {"input": (np.zeros(3), np.ones(3))}

    def num_channels(self, x):
        return len(self._moments[x][0])

    def conv(self, name, x, channels, kernel=1, stride=1, pads=0, group=1, bias=False):
        """Conv; `kernel` is a number or (h, w), `pads` a number or [top,left,...]."""
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        mean, var = self._moments[x]
        weight = self._weight((channels, len(mean) // group, *kernel), _RELU_GAIN)
        sums, squares = weight.sum(axis=(2, 3)), np.square(weight).sum(axis=(2, 3))
        if group == 1:
            mean, var = sums @ mean, squares @ var
        else:  # depthwise: a channel of the output is one of the input
            mean, var = sums[:, 0] * mean, squares[:, 0] * var
        bias = self._small(channels) - mean if bias else None
        self.graph.conv(name, x, weight, bias, stride, _four(pads), group)
        return self._keep(name, mean if bias is None else mean + bias, var)

    def batch_norm(self, name, x, gain=1.0, epsilon=1e-5):
        """BatchNormalization to a standard deviation of `gain`, give or take."""
        mean, var = self._moments[x]
        scale = gain * self._random.uniform(0.75, 1.25, len(mean))
        bias = gain * self._small(len(mean))
        self.graph.batch_norm(name, x, scale, bias, mean, var, epsilon)
        return self._keep(name, bias, scale**2)

    def relu(self, name, x):
        return self._keep_rectified(self.graph.node("Relu", name, [x]), x)

    def relu6(self, name, x):
        return self._keep_rectified(self.graph.relu6(name, x), x)

    def add(self, name, x, y):
        (mean_x, var_x), (mean_y, var_y) = self._moments[x], self._moments[y]
        self.graph.node("Add", name, [x, y])
        return self._keep(name, mean_x + mean_y, var_x + var_y)

    def concat(self, name, values):
        means, variances = zip(*(self._moments[value] for value in values), strict=True)
        self.graph.node("Concat", name, values, axis=1)
        return self._keep(name, np.concatenate(means), np.concatenate(variances))

    def max_pool(self, name, x, kernel, stride, pads=0):
        self.graph.pool("MaxPool", name, x, kernel, stride, _four(pads))
        return self._keep(name, *self._moments[x])

    def average_pool(self, name, x):
        """3x3 around each pixel; outside counts as zeros, as in PyTorch."""
        self.graph.pool("AveragePool", name, x, 3, 1, _four(1), count_include_pad=1)
        return self._keep(name, *self._moments[x])

    def flatten(self, name, x, num_pixels=1):
        """[N,C,H,W] with H * W = num_pixels to [N,C*H*W]."""
        mean, var = self._moments[x]
        self.graph.node("Flatten", name, [x], axis=1)
        return self._keep(name, mean.repeat(num_pixels), var.repeat(num_pixels))

    def dense(self, name, x, num_outputs, gain=_RELU_GAIN):
        """Gemm from [N,K] to [N,num_outputs]."""
        mean, var = self._moments[x]
        weight = self._weight((num_outputs, len(mean)), gain)
        bias = self._small(num_outputs)
        self.graph.dense(name, x, weight, bias - weight @ mean.astype(np.float32))
        return self._keep(name, bias, np.full(num_outputs, gain**2 * var.mean()))

    def classifier(self, x, gain):
        """Pools [N,C,H,W] to [N,C] and makes the logits [N,1000] of it."""
        self.graph.node("GlobalAveragePool", "pool", [x])
        x = self.flatten("flatten", self._keep("pool", *self._moments[x]))
        return self.dense("classifier", x, NUM_CLASSES, gain)

    def _keep(self, name, mean, var):
        self._moments[name] = (mean, var)
        return name

    def _keep_rectified(self, name, x):
        """The moments of max(v, 0) for a normally distributed v."""
        mean, var = self._moments[x]
        z = mean / np.sqrt(var)
        share = np.array([0.5 * math.erfc(-value / 2**0.5) for value in z])
        surplus = np.sqrt(var / (2 * np.pi)) * np.exp(-0.5 * z**2)
        rectified = mean * share + surplus
        mean_square = (mean**2 + var) * share + mean * surplus
        return self._keep(name, rectified, mean_square - rectified**2)

    def _small(self, num):
        return self._random.normal(0, 0.1, num)

    def _weight(self, shape, gain):
        """f32 [M,C,...], normal, with the variance gain^2 / (inputs of an output).

        Where C allows it an output's weights add up to 0, so that what the estimated
        means leave of the mean that all pictures share does not grow with each layer.
        """
        weight = self._random.standard_normal(shape, dtype=np.float32)
        if shape[1] > 3:
            weight -= weight.mean(axis=tuple(range(1, len(shape))), keepdims=True)
        weight *= np.float32(gain / math.prod(shape[1:]) ** 0.5)
        return weight
