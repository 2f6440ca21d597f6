// SPDX-License-Identifier: Apache-2.0
#include "core/ops/conv_transpose.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/conv.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

// Gives an axis whose `output`, the input's size, is set its `input`, the output's size, and its
// pads: from a wanted size (0: none), from auto_pad, or from the pads that are there.
Status resolve_axis(AutoPad auto_pad, int64_t wanted, int64_t output_padding, WindowAxis& axis) {
  if (axis.output > INT32_MAX) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"a dimension of ", axis.output, " is too large"}));
  }
  const bool is_same = auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower;
  if (auto_pad == AutoPad::kValid) axis.pad_begin = axis.pad_end = 0;
  const int64_t full = (axis.output - 1) * axis.stride + axis.extent() + output_padding;
  if (wanted == 0 && !is_same) {
    axis.input = full - axis.pad_begin - axis.pad_end;
  } else {
    axis.input = wanted != 0 ? wanted : axis.output * axis.stride;
    const int64_t padding = std::max<int64_t>(full - axis.input, 0);
    axis.pad_begin = auto_pad == AutoPad::kSameUpper ? padding / 2 : padding - padding / 2;
    axis.pad_end = padding - axis.pad_begin;
  }
  if (axis.input < 0) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"pads of ", axis.pad_begin, " and ", axis.pad_end,
                        " leave nothing of an output of ", full}));
  }
  return {};
}

}  // namespace

Result<ConvTransposeParams> parse_conv_transpose(const Node& node, const Shape& input,
                                                 const Shape& weight) {
  ConvTransposeParams params;
  SYNSIGHT_TRY_ASSIGN(const auto kernel, weight_kernel(node, weight));
  if (input.rank() != weight.rank() || input[1] != weight[0]) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"weight has shape ", weight.to_string(), ", input ", input.to_string(),
                        ", wanted as many dimensions and channels"}));
  }
  SYNSIGHT_TRY_ASSIGN(params.group, int_attribute(node, "group", 1));
  if (params.group < 1 || input[1] % params.group != 0) {
    return fail(ErrorCode::kInvalidModel,
                concat({"attribute \"group\" is ", params.group, ", which does not divide the ",
                        input[1], " input channels"}));
  }
  SYNSIGHT_TRY_ASSIGN(params.window, parse_window_steps(node, kernel));
  SYNSIGHT_TRY_ASSIGN(const AutoPad auto_pad, parse_auto_pad(node));
  const size_t rank = kernel.size();
  SYNSIGHT_TRY_ASSIGN(const auto wanted, parse_sizes(node, "output_shape", rank, 0));
  SYNSIGHT_TRY_ASSIGN(const auto padding, parse_sizes(node, "output_padding", rank, 0));
  for (size_t i = 0; i < rank; ++i) {
    params.window[i].output = input[2 + i];
    SYNSIGHT_TRY(resolve_axis(auto_pad, wanted[i], padding[i], params.window[i]));
  }
  return params;
}

/// Y = ConvTranspose(X, W, B). X: [N,C,D1,...], W: [C,M/group,k1,...], B: [M] or absent, Y:
/// [N,M,O1,...]; all f32 or all f64. Source: ONNX ConvTranspose-22.
Result<std::vector<ValueInfo>> infer_conv_transpose(const Node& node,
                                                    std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const auto params,
                      parse_conv_transpose(node, inputs[0].shape, inputs[1].shape));
  const auto num_outputs = checked_mul(inputs[1].shape[1], params.group);
  if (!num_outputs) return fail(ErrorCode::kShapeMismatch, "the output channels are too many");
  if (inputs.size() > 2 && inputs[2].exists()) {
    SYNSIGHT_TRY(check_bias(inputs[2].shape, *num_outputs));
  }
  Shape output{inputs[0].shape[0], *num_outputs};
  for (const WindowAxis& axis : params.window) output.push_back(axis.input);
  return std::vector<ValueInfo>{{inputs[0].dtype, output}};
}

namespace {

// Adds what one row of one input plane gives to one output plane.
template <typename T>
void add_transposed_row(const Window& window, const RowCounts& rows, int64_t row, const T* x_row,
                        const T* kernel, T* y_plane) {
  const WindowAxis& axis = window.back();
  for (int64_t tap_row = 0; tap_row < rows.taps; ++tap_row) {
    const auto target_row = input_row(window, row, tap_row);
    if (!target_row) continue;
    T* y_row = y_plane + *target_row * axis.input;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const T factor = kernel[tap_row * axis.kernel + tap];
      const TapRange range = tap_range(axis, tap);
      for (int64_t i = range.begin; i < range.end; ++i) {
        y_row[i * axis.stride + range.shift] += factor * x_row[i];
      }
    }
  }
}

template <typename T>
void conv_transpose(const ConvTransposeParams& params, const TensorView& input,
                    const TensorView& weight, const TensorView& bias,
                    const MutableTensorView& output) {
  const WindowAxis& axis = params.window.back();
  const RowCounts rows = count_rows(params.window);
  const int64_t num_inputs = input.shape[1];
  const int64_t outputs_per_group = weight.shape[1];
  const int64_t inputs_per_group = num_inputs / params.group;
  const int64_t num_outputs = output.shape[1];
  const int64_t y_plane_size = rows.inputs * axis.input;
  T* y = output.as<T>().data();
  for (int64_t plane = 0; plane < output.shape[0] * num_outputs; ++plane, y += y_plane_size) {
    const int64_t n = plane / num_outputs;
    const int64_t m = plane % num_outputs;
    const int64_t first_input = m / outputs_per_group * inputs_per_group;
    std::fill_n(y, y_plane_size, bias.exists() ? bias.as<T>()[static_cast<size_t>(m)] : T{0});
    for (int64_t c = first_input; c < first_input + inputs_per_group; ++c) {
      const T* x = input.as<T>().data() + (n * num_inputs + c) * rows.outputs * axis.output;
      const T* kernel = weight.as<T>().data() +
                        (c * outputs_per_group + m % outputs_per_group) * rows.taps * axis.kernel;
      for (int64_t row = 0; row < rows.outputs; ++row, x += axis.output) {
        add_transposed_row(params.window, rows, row, x, kernel, y);
      }
    }
  }
}

}  // namespace

Status run_conv_transpose(const Node& node, std::span<const TensorView> inputs,
                          std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params,
                      parse_conv_transpose(node, inputs[0].shape, inputs[1].shape));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    conv_transpose<decltype(type)>(params, inputs[0], inputs[1], input_at(inputs, 2), outputs[0]);
  });
  return {};
}

}  // namespace synsight::ops
