// SPDX-License-Identifier: Apache-2.0
#include "core/ops/conv.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<std::vector<int64_t>> weight_kernel(const Node& node, const Shape& weight) {
  if (weight.rank() < 3) {
    return fail(ErrorCode::kShapeMismatch, concat({"weight has shape ", weight.to_string(),
                                                   ", wanted at least 3 dimensions"}));
  }
  const auto dims = weight.dims().subspan(2);
  std::vector<int64_t> kernel(dims.begin(), dims.end());
  SYNSIGHT_TRY_ASSIGN(const auto declared, ints_attribute(node, "kernel_shape", kernel));
  if (declared != kernel) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"attribute \"kernel_shape\" is not that of the weight, whose shape is ",
                        weight.to_string()}));
  }
  return kernel;
}

Status check_bias(const Shape& bias, int64_t num_outputs) {
  if (bias == Shape{num_outputs}) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({"bias has shape ", bias.to_string(), ", wanted [", num_outputs, "]"}));
}

Result<ConvParams> parse_conv(const Node& node, const Shape& input, const Shape& weight) {
  ConvParams params;
  SYNSIGHT_TRY_ASSIGN(const auto kernel, weight_kernel(node, weight));
  SYNSIGHT_TRY_ASSIGN(params.window, parse_window(node, input, kernel));
  SYNSIGHT_TRY_ASSIGN(params.group, int_attribute(node, "group", 1));
  if (params.group < 1 || weight[0] % params.group != 0) {
    return fail(ErrorCode::kInvalidModel,
                concat({"attribute \"group\" is ", params.group, ", which does not divide the ",
                        weight[0], " output channels"}));
  }
  if (input[1] % params.group != 0 || weight[1] != input[1] / params.group) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"weight has ", weight[1], " input channels in each of ", params.group,
                        " groups, input has ", input[1], " channels"}));
  }
  return params;
}

/// Y = Conv(X, W, B). X: [N,C,D1,...], W: [M,C/group,k1,...], B: [M] or absent, Y: [N,M,O1,...];
/// all f32 or all f64. Source: ONNX Conv-22.
Result<std::vector<ValueInfo>> infer_conv(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const ConvParams params, parse_conv(node, inputs[0].shape, inputs[1].shape));
  const int64_t num_outputs = inputs[1].shape[0];
  if (inputs.size() > 2 && inputs[2].exists()) {
    SYNSIGHT_TRY(check_bias(inputs[2].shape, num_outputs));
  }
  return std::vector<ValueInfo>{
      {inputs[0].dtype, window_output_shape(params.window, inputs[0].shape, num_outputs)}};
}

namespace {

// Adds what one output row takes from one group's input channels. `x` is the group's first plane,
// `weight` one filter.
template <typename T>
void add_conv_row(const Window& window, const RowCounts& rows, int64_t num_channels, const T* x,
                  const T* weight, int64_t output_row, T* y) {
  const WindowAxis& axis = window.back();
  for (int64_t tap_row = 0; tap_row < rows.taps; ++tap_row) {
    const auto row = input_row(window, output_row, tap_row);
    if (!row) continue;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const TapRange range = tap_range(axis, tap);
      for (int64_t c = 0; c < num_channels; ++c) {
        // In doubles, so that an f32 sum is rounded as a fused one is, but for rare ties.
        const double factor = weight[(c * rows.taps + tap_row) * axis.kernel + tap];
        const T* x_row = x + (c * rows.inputs + *row) * axis.input;
        for (int64_t o = range.begin; o < range.end; ++o) {
          y[o] = static_cast<T>(factor * x_row[o * axis.stride + range.shift] + y[o]);
        }
      }
    }
  }
}

template <typename T>
void conv(const ConvParams& params, const TensorView& input, const TensorView& weight,
          const TensorView& bias, const MutableTensorView& output) {
  const Window& window = params.window;
  const RowCounts rows = count_rows(window);
  const int64_t num_channels = weight.shape[1];
  const int64_t num_outputs = weight.shape[0];
  const int64_t filter_size = num_channels * rows.taps * window.back().kernel;
  const int64_t group_size = num_channels * rows.inputs * window.back().input;
  T* y = output.as<T>().data();
  for (int64_t n = 0; n < input.shape[0]; ++n) {
    for (int64_t m = 0; m < num_outputs; ++m) {
      const int64_t group = m / (num_outputs / params.group);
      const T* x = input.as<T>().data() + (n * params.group + group) * group_size;
      const T* filter = weight.as<T>().data() + m * filter_size;
      const T initial = bias.exists() ? bias.as<T>()[static_cast<size_t>(m)] : T{0};
      for (int64_t row = 0; row < rows.outputs; ++row, y += window.back().output) {
        std::fill_n(y, window.back().output, initial);
        add_conv_row(window, rows, num_channels, x, filter, row, y);
      }
    }
  }
}

}  // namespace

Status run_conv(const Node& node, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const ConvParams params, parse_conv(node, inputs[0].shape, inputs[1].shape));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    conv<decltype(type)>(params, inputs[0], inputs[1], input_at(inputs, 2), outputs[0]);
  });
  return {};
}

}  // namespace synsight::ops
