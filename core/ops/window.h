// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/shape.h"

namespace synsight::ops {

/// A window of `kernel` taps that slides over one spatial axis: tap t of output o reads the input
/// at o * stride - pad_begin + t * dilation, which lies in the padding where it is outside
/// [0, input). A transposed convolution writes there instead, so its `input` and `output` change
/// places.
struct WindowAxis {
  int64_t input = 0;
  int64_t output = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;

  /// From the first tap to the last one, both included.
  int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

/// The spatial axes D1, D2, ... of a tensor [N,C,D1,D2,...].
using Window = std::vector<WindowAxis>;

enum class AutoPad { kNotSet, kSameUpper, kSameLower, kValid };

/// Errors: kInvalidModel.
Result<AutoPad> parse_auto_pad(const Node& node);

/// A list attribute of `count` numbers from `lowest` to 2^30; all `lowest` where it is absent.
/// Errors: kInvalidModel.
Result<std::vector<int64_t>> parse_sizes(const Node& node, std::string_view name, size_t count,
                                         int64_t lowest);

/// Reads strides, dilations and pads for a window of the given kernel sizes. `input` and `output`
/// stay 0. Errors: kInvalidModel.
Result<Window> parse_window_steps(const Node& node, std::span<const int64_t> kernel);

/// The window over the spatial axes of `input`, with auto_pad resolved into pads, ceil_mode and the
/// output sizes. Errors: kInvalidModel; kShapeMismatch where the window is larger than the padded
/// input. Source: ONNX Conv-22, MaxPool-22.
Result<Window> parse_window(const Node& node, const Shape& input, std::span<const int64_t> kernel);

/// [N,C] of `input` with the window's outputs: [N, num_channels, O1, O2, ...].
Shape window_output_shape(const Window& window, const Shape& input, int64_t num_channels);

/// The outputs [begin, end) of an axis whose tap lies inside the input, at output * stride + shift.
struct TapRange {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t shift = 0;
};
TapRange tap_range(const WindowAxis& axis, int64_t tap);

/// The rows of a plane, its kernel and its output: the product of all axes but the last.
struct RowCounts {
  int64_t inputs = 1;
  int64_t outputs = 1;
  int64_t taps = 1;
};
RowCounts count_rows(const Window& window);

/// The input row that row `tap` of the kernel reads for row `output` of the output, or nothing
/// where it lies in the padding.
std::optional<int64_t> input_row(const Window& window, int64_t output, int64_t tap);

}  // namespace synsight::ops
