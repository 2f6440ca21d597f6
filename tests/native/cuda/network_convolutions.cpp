// SPDX-License-Identifier: Apache-2.0
#include "tests/native/cuda/network_convolutions.h"

#include <algorithm>
#include <set>

namespace synsight::test {

namespace {

using cuda::ConvActivation;
using cuda::ConvolutionSpec;

enum class Padding { kSame, kValid };

/// Layers one after the other, from a picture of `size` x `size` on.
class Network {
 public:
  Network(std::string name, int64_t size, ConvActivation activation)
      : name_(std::move(name)), activation_(activation), height_(size), width_(size) {}

  int64_t channels() const { return channels_; }
  int64_t height() const { return height_; }

  /// Starts a branch from here; the network goes on from where the branch ended.
  void go_to(int64_t channels, int64_t size) {
    channels_ = channels;
    height_ = size;
    width_ = size;
  }

  ConvolutionSpec& convolve(int64_t filters, int64_t kernel_height, int64_t kernel_width,
                            int64_t stride, Padding padding, int64_t group = 1) {
    ConvolutionSpec spec;
    spec.input = {1, channels_, height_, width_};
    spec.weights = {filters, channels_ / group, kernel_height, kernel_width};
    spec.params.group = group;
    spec.params.window = {axis(height_, kernel_height, stride, padding),
                          axis(width_, kernel_width, stride, padding)};
    spec.has_bias = true;
    spec.activation = activation_;
    height_ = count_outputs(height_, kernel_height, spec.params.window[0]);
    width_ = count_outputs(width_, kernel_width, spec.params.window[1]);
    channels_ = filters;
    convolutions_.push_back({name_, spec});
    return convolutions_.back().spec;
  }
  ConvolutionSpec& pointwise(int64_t filters) {
    return convolve(filters, 1, 1, 1, Padding::kValid);
  }

  std::vector<NamedConvolution> convolutions() && { return std::move(convolutions_); }

 private:
  /// As TensorFlow pads: the odd one at the end.
  static ops::WindowAxis axis(int64_t size, int64_t kernel, int64_t stride, Padding padding) {
    ops::WindowAxis axis;
    axis.stride = stride;
    if (padding == Padding::kValid) return axis;
    const int64_t outputs = (size + stride - 1) / stride;
    const int64_t pads = std::max<int64_t>((outputs - 1) * stride + kernel - size, 0);
    axis.pad_begin = pads / 2;
    axis.pad_end = pads - pads / 2;
    return axis;
  }

  std::string name_;
  ConvActivation activation_;
  int64_t channels_ = 3;
  int64_t height_;
  int64_t width_;
  std::vector<NamedConvolution> convolutions_;
};

/// He et al. 2015; `has_late_stride` as PyTorch has it. Where a block's shortcut has a Conv, too,
/// either one of both does the Add, whichever comes later.
std::vector<NamedConvolution> resnet50(bool has_late_stride) {
  Network network("ResNet50", 224, ConvActivation::kRelu);
  ConvolutionSpec& stem = network.convolve(64, 7, 7, 2, Padding::kSame);
  for (ops::WindowAxis& axis : stem.params.window) axis.pad_begin = axis.pad_end = 3;
  network.go_to(64, 56);
  int64_t width = 64;
  for (const int num_blocks : {3, 4, 6, 3}) {
    for (int block = 0; block < num_blocks; ++block) {
      const int64_t stride = block == 0 && width > 64 ? 2 : 1;
      const int64_t input_channels = network.channels();
      const int64_t input_size = network.height();
      if (block == 0) {
        network.convolve(4 * width, 1, 1, stride, Padding::kValid).activation =
            ConvActivation::kNone;
        network.go_to(input_channels, input_size);
        network.convolve(4 * width, 1, 1, stride, Padding::kValid).has_residual = true;
        network.go_to(input_channels, input_size);
      }
      network.convolve(width, 1, 1, has_late_stride ? 1 : stride, Padding::kValid);
      ConvolutionSpec& middle =
          network.convolve(width, 3, 3, has_late_stride ? stride : 1, Padding::kSame);
      for (ops::WindowAxis& axis : middle.params.window) axis.pad_begin = axis.pad_end = 1;
      const int64_t size = network.height();
      network.pointwise(4 * width).has_residual = true;
      if (block > 0) continue;
      network.go_to(width, size);
      network.pointwise(4 * width).activation = ConvActivation::kNone;
    }
    width *= 2;
  }
  return std::move(network).convolutions();
}

/// Simonyan and Zisserman 2014.
std::vector<NamedConvolution> vgg16() {
  Network network("VGG16", 224, ConvActivation::kRelu);
  int64_t size = 224;
  int64_t filters = 64;
  for (const int num_layers : {2, 2, 3, 3, 3}) {
    for (int i = 0; i < num_layers; ++i) network.convolve(filters, 3, 3, 1, Padding::kSame);
    size /= 2;
    network.go_to(filters, size);
    filters = std::min<int64_t>(2 * filters, 512);
  }
  return std::move(network).convolutions();
}

struct Stage {
  int64_t expansion;
  int64_t channels;
  int num_blocks;
  int64_t stride;
  int64_t kernel;
};

/// Stages of inverted residuals: Sandler et al. 2018.
std::vector<NamedConvolution> inverted_residuals(std::string name,
                                                 const std::vector<Stage>& stages) {
  Network network(std::move(name), 224, ConvActivation::kClamp);
  network.convolve(32, 3, 3, 2, Padding::kSame);
  for (const Stage& stage : stages) {
    for (int block = 0; block < stage.num_blocks; ++block) {
      const int64_t stride = block == 0 ? stage.stride : 1;
      const int64_t wide = network.channels() * stage.expansion;
      if (stage.expansion > 1) network.pointwise(wide);
      network.convolve(wide, stage.kernel, stage.kernel, stride, Padding::kSame, wide);
      ConvolutionSpec& projection = network.pointwise(stage.channels);
      projection.activation = ConvActivation::kNone;
      projection.has_residual = block > 0;
    }
  }
  network.pointwise(1280);
  return std::move(network).convolutions();
}

/// Szegedy et al. 2015.
std::vector<NamedConvolution> inception_v3() {
  constexpr auto kSame = Padding::kSame;
  constexpr auto kValid = Padding::kValid;
  Network network("InceptionV3", 299, ConvActivation::kRelu);
  network.convolve(32, 3, 3, 2, kValid);
  network.convolve(32, 3, 3, 1, kValid);
  network.convolve(64, 3, 3, 1, kSame);
  network.go_to(64, 73);
  network.pointwise(80);
  network.convolve(192, 3, 3, 1, kValid);
  // A branch from `channels` x `size` x `size`: filters with the window of each of its layers.
  struct Layer {
    int64_t filters, height, width, stride = 1;
    Padding padding = kSame;
  };
  const auto branch = [&](int64_t channels, int64_t size, const std::vector<Layer>& layers) {
    network.go_to(channels, size);
    for (const Layer& layer : layers) {
      network.convolve(layer.filters, layer.height, layer.width, layer.stride, layer.padding);
    }
  };
  for (const int64_t channels : {192, 256, 288}) {
    branch(channels, 35, {{64, 1, 1}});
    branch(channels, 35, {{48, 1, 1}, {64, 5, 5}});
    branch(channels, 35, {{64, 1, 1}, {96, 3, 3}, {96, 3, 3}});
    branch(channels, 35, {{channels == 192 ? 32 : 64, 1, 1}});
  }
  branch(288, 35, {{384, 3, 3, 2, kValid}});
  branch(288, 35, {{64, 1, 1}, {96, 3, 3}, {96, 3, 3, 2, kValid}});
  for (const int64_t narrow : {128, 160, 192}) {
    branch(768, 17, {{192, 1, 1}});
    branch(768, 17, {{narrow, 1, 1}, {narrow, 1, 7}, {192, 7, 1}});
    branch(768, 17, {{narrow, 1, 1}, {narrow, 7, 1}, {narrow, 1, 7}, {narrow, 7, 1}, {192, 1, 7}});
  }
  branch(768, 17, {{192, 1, 1}, {320, 3, 3, 2, kValid}});
  branch(768, 17, {{192, 1, 1}, {192, 1, 7}, {192, 7, 1}, {192, 3, 3, 2, kValid}});
  for (const int64_t channels : {1280, 2048}) {
    branch(channels, 8, {{320, 1, 1}});
    branch(channels, 8, {{384, 1, 1}, {384, 1, 3}});
    branch(384, 8, {{384, 3, 1}});
    branch(channels, 8, {{448, 1, 1}, {384, 3, 3}, {384, 1, 3}});
    branch(channels, 8, {{192, 1, 1}});
  }
  return std::move(network).convolutions();
}

}  // namespace

int64_t count_outputs(int64_t size, int64_t kernel, const ops::WindowAxis& axis) {
  int64_t count = 0;
  for (int64_t first = -axis.pad_begin; first + (kernel - 1) * axis.dilation < size + axis.pad_end;
       first += axis.stride) {
    ++count;
  }
  return count;
}

cuda::ConvolutionSpec make_convolution(const Shape& input, const Shape& weights, int64_t stride,
                                       int64_t pad, int64_t dilation) {
  ops::WindowAxis axis;
  axis.stride = stride;
  axis.dilation = dilation;
  axis.pad_begin = axis.pad_end = pad;
  cuda::ConvolutionSpec spec;
  spec.input = input;
  spec.weights = weights;
  spec.params.window = {axis, axis};
  return spec;
}

std::vector<NamedConvolution> network_convolutions() {
  std::vector<NamedConvolution> distinct;
  std::set<std::string> known;
  for (const auto& network : {resnet50(false), resnet50(true), vgg16(),
                              inverted_residuals("MobileNetV2", {{1, 16, 1, 1, 3},
                                                                 {6, 24, 2, 2, 3},
                                                                 {6, 32, 3, 2, 3},
                                                                 {6, 64, 4, 2, 3},
                                                                 {6, 96, 3, 1, 3},
                                                                 {6, 160, 3, 2, 3},
                                                                 {6, 320, 1, 1, 3}}),
                              inverted_residuals("EfficientNet-Lite0", {{1, 16, 1, 1, 3},
                                                                        {6, 24, 2, 2, 3},
                                                                        {6, 40, 2, 2, 5},
                                                                        {6, 80, 3, 2, 3},
                                                                        {6, 112, 3, 1, 5},
                                                                        {6, 192, 4, 2, 5},
                                                                        {6, 320, 1, 1, 3}}),
                              inception_v3()}) {
    for (const NamedConvolution& convolution : network) {
      if (known.insert(to_string(convolution.spec)).second) distinct.push_back(convolution);
    }
  }
  return distinct;
}

}  // namespace synsight::test
