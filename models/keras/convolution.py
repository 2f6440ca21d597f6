# SPDX-License-Identifier: Apache-2.0
"""Convolutions, Dense, and how Keras pads a window."""

from models.keras.activation import activate

_TO_OIHW = (3, 2, 0, 1)


def window(call, kernel, strides, dilation=(1, 1)):
    """The attributes of a node with a window over the only input.

    "same" gives ceil(size / stride) rows; an odd pixel goes to the bottom and the right.
    """
    layer = call.layer
    attributes = {"kernel_shape": list(kernel), "strides": list(strides)}
    if tuple(dilation) != (1, 1):
        attributes["dilations"] = list(dilation)
    if layer.padding == "valid":
        return attributes | {"pads": [0, 0, 0, 0]}
    if layer.padding != "same":
        call.refuse(f"its padding is {layer.padding!r}, wanted 'same' or 'valid'")
    begins, ends = [], []
    sizes = call.x.shape[1:3]
    for size, width, stride, step in zip(sizes, kernel, strides, dilation, strict=True):
        if size is None and stride != 1:
            return attributes | {"auto_pad": "SAME_UPPER"}
        reach = (width - 1) * step + 1
        past_last = 0 if stride == 1 else (-(-size // stride) - 1) * stride + 1 - size
        total = max(past_last + reach - 1, 0)
        begins.append(total // 2)
        ends.append(total - total // 2)
    return attributes | {"pads": begins + ends}


def _bias(call):
    layer = call.layer
    return [call.weight(layer.bias)] if layer.use_bias else []


def _kernel(call):
    """The layer's own kernel, of numbers as they are."""
    layer = call.layer
    if getattr(layer, "lora_enabled", False):
        call.refuse("it has a LoRA; merge that first")
    if getattr(layer, "quantization_mode", None):
        call.refuse("it is quantized, wanted floating-point weights")
    return layer._kernel if hasattr(layer, "_kernel") else layer.kernel


def conv2d(call):
    """Conv, then the activation"""
    call.require_channels_last()
    call.require_rank(4)
    layer = call.layer
    kernel = call.weight(_kernel(call), _TO_OIHW)
    attributes = window(call, layer.kernel_size, layer.strides, layer.dilation_rate)
    attributes["group"] = layer.groups
    x = call.node("Conv", [call.x.name, kernel, *_bias(call)], **attributes)
    return activate(call, x)


def _depthwise(call, variable, bias):
    """A filter has the channels of one input channel only: [kH,kW,C,multiplier]."""
    layer = call.layer
    height, width, channels, multiplier = variable.shape
    shape = (channels * multiplier, 1, height, width)
    kernel = call.weight(variable, (2, 3, 0, 1), shape)
    attributes = window(call, layer.kernel_size, layer.strides, layer.dilation_rate)
    inputs = [call.x.name, kernel, *bias]
    return call.node("Conv", inputs, "depthwise", group=channels, **attributes)


def depthwise_conv2d(call):
    """Conv with a group for each channel, then the activation"""
    call.require_channels_last()
    call.require_rank(4)
    return activate(call, _depthwise(call, call.layer.kernel, _bias(call)))


def separable_conv2d(call):
    """Conv with a group for each channel, Conv 1x1, then the activation"""
    call.require_channels_last()
    call.require_rank(4)
    layer = call.layer
    x = _depthwise(call, layer.depthwise_kernel, [])
    kernel = call.weight(layer.pointwise_kernel, _TO_OIHW)
    attributes = {"kernel_shape": [1, 1], "strides": [1, 1], "pads": [0, 0, 0, 0]}
    x = call.node("Conv", [x, kernel, *_bias(call)], "pointwise", **attributes)
    return activate(call, x)


def conv2d_transpose(call):
    """ConvTranspose, then the activation; without dilation and output_padding"""
    call.require_channels_last()
    call.require_rank(4)
    layer = call.layer
    if layer.output_padding is not None or tuple(layer.dilation_rate) != (1, 1):
        call.refuse("only without dilation and output_padding")
    begins, ends, more = [], [], []
    for width, stride in zip(layer.kernel_size, layer.strides, strict=True):
        total = max(width - stride, 0) if layer.padding == "same" else 0
        begins.append(total // 2)
        ends.append(total - total // 2)
        more.append(max(stride - width, 0))
    kernel = call.weight(layer.kernel, _TO_OIHW)  # [kH,kW,out,in] to [in,out,kH,kW]
    x = call.node(
        "ConvTranspose",
        [call.x.name, kernel, *_bias(call)],
        kernel_shape=list(layer.kernel_size),
        strides=list(layer.strides),
        pads=begins + ends,
        output_padding=more,
    )
    return activate(call, x)


def dense(call):
    """Gemm (pictures: Conv 1x1; other ranks: MatMul, Add), then the activation"""
    variable, value = _kernel(call), call.x
    if value.rank == 2:
        x = call.node("Gemm", [value.name, call.weight(variable), *_bias(call)])
    elif value.is_picture:
        shape = (variable.shape[1], variable.shape[0], 1, 1)
        inputs = [value.name, call.weight(variable, (1, 0), shape), *_bias(call)]
        x = call.node("Conv", inputs, kernel_shape=[1, 1])
    else:
        x = call.node("MatMul", [value.name, call.weight(variable)])
        for bias in _bias(call):
            x = call.node("Add", [x, bias])
    return activate(call, x)


LAYERS = {
    "Conv2D": conv2d,
    "Conv2DTranspose": conv2d_transpose,
    "Dense": dense,
    "DepthwiseConv2D": depthwise_conv2d,
    "SeparableConv2D": separable_conv2d,
}
