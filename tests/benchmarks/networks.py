# SPDX-License-Identifier: Apache-2.0
"""Makes a classic network with random weights, to measure and to compare with.

    python tests/benchmarks/networks.py NAME [-o FILE]

The layouts and the numbers of parameters are torchvision's, and Keras's for Xception.
The weights are seeded, and scaled so that activations keep their size and different
pictures give clearly different logits, of a standard deviation of about 1: with a
framework's fresh weights all pictures give nearly the same, and bugs hide. The gains
of the last layers were measured on photographs for that.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.errors import ModelsError
from models.files import write_file
from models.graph_builder import same_pads
from tests.benchmarks.random_network import NUM_CLASSES, RandomNetwork


def vgg16(net):
    """Simonyan and Zisserman 2014, configuration D."""
    x = "input"
    stages = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
    for stage, (repeats, channels) in enumerate(stages, 1):
        for index in range(1, repeats + 1):
            x = net.conv(f"conv{stage}_{index}", x, channels, 3, pads=1, bias=True)
            x = net.relu(f"conv{stage}_{index}/relu", x)
        x = net.max_pool(f"pool{stage}", x, 2, 2)
    x = net.flatten("flatten", x, num_pixels=7 * 7)
    x = net.relu("fc1/relu", net.dense("fc1", x, 4096))
    x = net.relu("fc2/relu", net.dense("fc2", x, 4096))
    net.dense("fc3", x, NUM_CLASSES, gain=7.0)


def resnet50(net):
    """He et al. 2015 as "v1.5": the stride of a block is in its 3x3 convolution."""
    x = net.conv("stem/conv", "input", 64, 7, stride=2, pads=3)
    x = net.relu("stem/relu", net.batch_norm("stem/bn", x))
    x = net.max_pool("stem/pool", x, 3, 2, pads=1)
    stages = [(3, 64), (4, 128), (6, 256), (3, 512)]
    for stage, (repeats, channels) in enumerate(stages, 1):
        for index in range(repeats):
            stride = 2 if index == 0 and stage > 1 else 1
            x = _bottleneck(net, f"layer{stage}.{index}", x, channels, stride)
    net.classifier(x, gain=2.0)


def _bottleneck(net, name, x, channels, stride):
    """1x1, 3x3, 1x1 to four times `channels`, added to the input or its projection."""
    y = net.conv(f"{name}/conv1", x, channels)
    y = net.relu(f"{name}/relu1", net.batch_norm(f"{name}/bn1", y))
    y = net.conv(f"{name}/conv2", y, channels, 3, stride, pads=1)
    y = net.relu(f"{name}/relu2", net.batch_norm(f"{name}/bn2", y))
    y = net.conv(f"{name}/conv3", y, channels * 4)
    y = net.batch_norm(f"{name}/bn3", y, gain=0.5)
    if net.num_channels(x) != channels * 4:
        x = net.conv(f"{name}/downsample/conv", x, channels * 4, stride=stride)
        x = net.batch_norm(f"{name}/downsample/bn", x)
    return net.relu(f"{name}/relu3", net.add(f"{name}/add", y, x))


def mobilenet_v2(net):
    """Sandler et al. 2018."""
    x = net.conv("features.0/conv", "input", 32, 3, stride=2, pads=1)
    x = net.relu6("features.0/relu6", net.batch_norm("features.0/bn", x))
    # How often each block stands, its expansion, channels, and the first one's stride.
    stages = [
        (1, 1, 16, 1),
        (2, 6, 24, 2),
        (3, 6, 32, 2),
        (4, 6, 64, 2),
        (3, 6, 96, 1),
        (3, 6, 160, 2),
        (1, 6, 320, 1),
    ]
    index = 1
    for repeats, expand, channels, stride in stages:
        for repeat in range(repeats):
            form = (expand, channels, stride if repeat == 0 else 1)
            x = _inverted_residual(net, f"features.{index}", x, *form)
            index += 1
    x = net.conv("features.18/conv", x, 1280)
    x = net.relu6("features.18/relu6", net.batch_norm("features.18/bn", x))
    net.classifier(x, gain=6.0)


def _inverted_residual(net, name, x, expand, channels, stride):
    """1x1, depthwise 3x3, 1x1, added to the input where its form is kept."""
    y = x
    if expand != 1:
        y = net.conv(f"{name}/expand/conv", y, net.num_channels(x) * expand)
        y = net.batch_norm(f"{name}/expand/bn", y)
        y = net.relu6(f"{name}/expand/relu6", y)
    num = net.num_channels(y)
    y = net.conv(f"{name}/depthwise/conv", y, num, 3, stride, pads=1, group=num)
    y = net.batch_norm(f"{name}/depthwise/bn", y)
    y = net.relu6(f"{name}/depthwise/relu6", y)
    y = net.conv(f"{name}/project/conv", y, channels)
    y = net.batch_norm(f"{name}/project/bn", y)
    if stride != 1 or net.num_channels(x) != channels:
        return y
    return net.add(f"{name}/add", x, y)


def inception_v3(net):
    """Szegedy et al. 2015, without the auxiliary classifier."""
    x = _conv_bn(net, "conv1a", "input", 32, (3, 3), stride=2, pads=0)
    x = _conv_bn(net, "conv2a", x, 32, (3, 3), pads=0)
    x = _conv_bn(net, "conv2b", x, 64, (3, 3))
    x = net.max_pool("pool1", x, 3, 2)
    x = _conv_bn(net, "conv3b", x, 80)
    x = _conv_bn(net, "conv4a", x, 192, (3, 3), pads=0)
    x = net.max_pool("pool2", x, 3, 2)

    square3, square5 = (3, 3), (5, 5)
    row3, column3, row7, column7 = (1, 3), (3, 1), (1, 7), (7, 1)
    for name, pooled in [("mixed5b", 32), ("mixed5c", 64), ("mixed5d", 64)]:
        narrow = [(64, (1, 1)), (96, square3), (96, square3)]
        branches = [[(64, (1, 1))], [(48, (1, 1)), (64, square5)], narrow]
        x = _inception(net, name, x, branches, pooled)
    x = _reduction(net, "mixed6a", x, [[(384, square3)], narrow])
    for name, num in zip("bcde", [128, 160, 160, 192], strict=True):
        once = [(num, (1, 1)), (num, row7), (192, column7)]
        twice = [(num, (1, 1)), (num, column7), (num, row7), (num, column7)]
        branches = [[(192, (1, 1))], once, [*twice, (192, row7)]]
        x = _inception(net, f"mixed6{name}", x, branches, 192)
    first = [(192, (1, 1)), (320, square3)]
    second = [(192, (1, 1)), (192, row7), (192, column7), (192, square3)]
    x = _reduction(net, "mixed7a", x, [first, second])
    for name in ["mixed7b", "mixed7c"]:
        split = [(384, row3)], [(384, column3)]
        first = [(384, (1, 1))]
        second = [(448, (1, 1)), (384, square3)]
        branches = [[(320, (1, 1))], (first, *split), (second, *split)]
        x = _inception(net, name, x, branches, 192)
    net.classifier(x, gain=4.0)


def _conv_bn(net, name, x, channels, kernel=(1, 1), stride=1, pads=None):
    """Conv, BatchNormalization and Relu; keeps the size where `pads` is not given."""
    pads = [kernel[0] // 2, kernel[1] // 2] * 2 if pads is None else pads
    x = net.conv(f"{name}/conv", x, channels, kernel, stride, pads)
    return net.relu(f"{name}/relu", net.batch_norm(f"{name}/bn", x, epsilon=1e-3))


def _chain(net, name, x, layers):
    """Layers (channels, kernel) one after the other."""
    for index, (channels, kernel) in enumerate(layers):
        x = _conv_bn(net, f"{name}.{index}", x, channels, kernel)
    return x


def _inception(net, name, x, branches, pooled):
    """Chains beside each other and an average pool to `pooled` channels, joined.

    A tuple of chains is a branch that splits: the others go on from the first.
    """
    values = []
    for index, branch in enumerate(branches):
        branch_name = f"{name}/branch{index}"
        first, *others = branch if isinstance(branch, tuple) else (branch,)
        y = _chain(net, branch_name, x, first)
        ends = [_chain(net, branch_name + "ab"[i], y, c) for i, c in enumerate(others)]
        values += ends or [y]
    y = net.average_pool(f"{name}/pool", x)
    return net.concat(f"{name}/concat", [*values, _conv_bn(net, name, y, pooled)])


def _reduction(net, name, x, branches):
    """Chains beside each other and a maximum pool, joined; all halve the size."""
    values = []
    for index, (*layers, (channels, kernel)) in enumerate(branches):
        branch_name = f"{name}/branch{index}"
        y = _chain(net, branch_name, x, layers)
        last = f"{branch_name}.{len(layers)}"
        values.append(_conv_bn(net, last, y, channels, kernel, stride=2, pads=0))
    return net.concat(
        f"{name}/concat", [*values, net.max_pool(f"{name}/pool", x, 3, 2)]
    )


def xception(net):
    """Chollet 2016."""
    x = _conv_bn(net, "block1/conv1", "input", 32, (3, 3), stride=2, pads=0)
    x = _conv_bn(net, "block1/conv2", x, 64, (3, 3), pads=0)
    size = 147
    for index, channels in [(2, 128), (3, 256), (4, 728)]:
        x = _halving_block(net, f"block{index}", x, [channels] * 2, size, index > 2)
        size = -(-size // 2)
    for index in range(5, 13):
        y = x
        for layer in range(1, 4):
            y = net.relu(f"block{index}/sepconv{layer}/relu", y)
            y = _separable(net, f"block{index}/sepconv{layer}", y, 728)
        x = net.add(f"block{index}/add", y, x)
    x = _halving_block(net, "block13", x, [728, 1024], size)
    for index, channels in [(1, 1536), (2, 2048)]:
        x = _separable(net, f"block14/sepconv{index}", x, channels)
        x = net.relu(f"block14/sepconv{index}/relu", x)
    net.classifier(x, gain=6.5)


def _separable(net, name, x, channels):
    """Depthwise 3x3, 1x1, BatchNormalization."""
    num = net.num_channels(x)
    x = net.conv(f"{name}/depthwise", x, num, 3, pads=1, group=num)
    x = net.conv(f"{name}/pointwise", x, channels)
    return net.batch_norm(f"{name}/bn", x, gain=0.5, epsilon=1e-3)


def _halving_block(net, name, x, channels, size, first_relu=True):
    """Two separable convolutions and a pool, beside a 1x1 convolution of stride 2."""
    y = net.relu(f"{name}/sepconv1/relu", x) if first_relu else x
    y = _separable(net, f"{name}/sepconv1", y, channels[0])
    y = net.relu(f"{name}/sepconv2/relu", y)
    y = _separable(net, f"{name}/sepconv2", y, channels[1])
    y = net.max_pool(f"{name}/pool", y, 3, 2, pads=same_pads(size, 3, 2))
    x = net.conv(f"{name}/shortcut", x, channels[1], stride=2)
    x = net.batch_norm(f"{name}/shortcut/bn", x, epsilon=1e-3)
    return net.add(f"{name}/add", y, x)


def _torchvision(resize, crop, mean, std):
    return {
        "resize": f"shorter {resize}",
        "filter": "bilinear",
        "crop": f"{crop}x{crop}",
        "color": "RGB",
        "scale": "0.00392156862745098",
        "mean": mean,
        "std": std,
    }


_TORCHVISION_224 = _torchvision(256, 224, "0.485,0.456,0.406", "0.229,0.224,0.225")
# torchvision's network goes from ImageNet's mean and std to these by itself.
_TORCHVISION_299 = _torchvision(342, 299, "0.5", "0.5")
_KERAS_TF_299 = {
    "resize": "stretch 299x299",
    "filter": "nearest",
    "crop": "none",
    "color": "RGB",
    "scale": "1",
    "mean": "127.5",
    "std": "127.5",
}

# Name -> function, input's size, the original's trained parameters, how to feed it.
NETWORKS = {
    "vgg16": (vgg16, 224, 138_357_544, _TORCHVISION_224),
    "resnet50": (resnet50, 224, 25_557_032, _TORCHVISION_224),
    "mobilenet_v2": (mobilenet_v2, 224, 3_504_872, _TORCHVISION_224),
    "inception_v3": (inception_v3, 299, 23_834_568, _TORCHVISION_299),
    "xception": (xception, 299, 22_855_952, _KERAS_TF_299),
}


def build(name):
    """The ONNX file of the network `name`, as pieces of bytes.

    `input` [N,3,size,size] -> `logits` [N,1000], f32.
    """
    add_layers, size, num_parameters, feeding = NETWORKS[name]
    net = RandomNetwork(name, size)
    add_layers(net)
    assert net.graph.num_parameters == num_parameters, net.graph.num_parameters
    about = {
        "classes": "imagenet-1k",
        "source": "random weights of tests/benchmarks/networks.py",
        "licence": "Apache-2.0",
    }
    metadata = {f"synsight.{key}": value for key, value in (feeding | about).items()}
    return net.graph.serialize(NUM_CLASSES, metadata)


def main():
    """Writes one network's file. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = ", ".join(NETWORKS)
    parser.add_argument("name", choices=NETWORKS, metavar="NAME", help=names)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    path = arguments.output or Path(f"build/bench/{arguments.name}.onnx")
    try:
        write_file(path, build(arguments.name))
    except ModelsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{path}: {arguments.name}, {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
