// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/cuda/convolution_spec.h"

namespace synsight::test {

struct NamedConvolution {
  std::string network;
  cuda::ConvolutionSpec spec;
};

/// The outputs of one axis, counted one after the other.
int64_t count_outputs(int64_t size, int64_t kernel, const ops::WindowAxis& axis);

/// A convolution of a window with the same stride, dilation and pads on both axes.
cuda::ConvolutionSpec make_convolution(const Shape& input, const Shape& weights, int64_t stride,
                                       int64_t pad, int64_t dilation = 1);

/// Every distinct convolution of ResNet50 (of 2015 and with its stride moved), VGG16, MobileNetV2,
/// EfficientNet-Lite0 and InceptionV3 for one picture, with bias and activation, residuals too, as
/// their papers describe them.
std::vector<NamedConvolution> network_convolutions();

}  // namespace synsight::test
