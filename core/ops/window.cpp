// SPDX-License-Identifier: Apache-2.0
#include "core/ops/window.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "core/graph/attributes.h"

namespace synsight::ops {

namespace {

// Keeps every product and sum below within int64_t.
constexpr int64_t kMaxAttribute = int64_t{1} << 30;

int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

// Gives an axis whose `input` is set its pads and output size.
Status resolve_axis(AutoPad auto_pad, bool ceil_mode, WindowAxis& axis) {
  if (auto_pad == AutoPad::kSameUpper || auto_pad == AutoPad::kSameLower) {
    axis.output = ceil_div(axis.input, axis.stride);
    const int64_t wanted = (axis.output - 1) * axis.stride + axis.extent();
    const int64_t padding = std::max<int64_t>(wanted - axis.input, 0);
    axis.pad_begin = auto_pad == AutoPad::kSameUpper ? padding / 2 : padding - padding / 2;
    axis.pad_end = padding - axis.pad_begin;
    return {};
  }
  if (auto_pad == AutoPad::kValid) axis.pad_begin = axis.pad_end = 0;
  const int64_t padded = axis.input + axis.pad_begin + axis.pad_end;
  const int64_t room = padded - axis.extent();
  if (room < 0 && (!ceil_mode || -room >= axis.stride)) {
    return fail(
        ErrorCode::kShapeMismatch,
        concat({"a window of ", axis.extent(), " does not fit into a padded input of ", padded}));
  }
  axis.output = (ceil_mode ? ceil_div(room, axis.stride) : room / axis.stride) + 1;
  // A last window that would begin in the padding behind the input does not count.
  if (ceil_mode && (axis.output - 1) * axis.stride >= axis.input + axis.pad_begin) --axis.output;
  return {};
}

}  // namespace

Result<AutoPad> parse_auto_pad(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const std::string name, string_attribute(node, "auto_pad", "NOTSET"));
  if (name == "NOTSET") return AutoPad::kNotSet;
  if (name == "SAME_UPPER") return AutoPad::kSameUpper;
  if (name == "SAME_LOWER") return AutoPad::kSameLower;
  if (name == "VALID") return AutoPad::kValid;
  return fail(ErrorCode::kInvalidModel,
              concat({"attribute \"auto_pad\" is \"", name,
                      "\", wanted NOTSET, SAME_UPPER, SAME_LOWER or VALID"}));
}

Result<std::vector<int64_t>> parse_sizes(const Node& node, std::string_view name, size_t count,
                                         int64_t lowest) {
  SYNSIGHT_TRY_ASSIGN(std::vector<int64_t> values, ints_attribute(node, name, {}));
  if (values.empty()) values.assign(count, lowest);
  if (values.size() != count) {
    return fail(ErrorCode::kInvalidModel, concat({"attribute \"", name, "\" has ", values.size(),
                                                  " entries, wanted ", count}));
  }
  for (const int64_t value : values) {
    if (value < lowest || value > kMaxAttribute) {
      return fail(ErrorCode::kInvalidModel, concat({"attribute \"", name, "\" holds ", value,
                                                    ", wanted ", lowest, " to ", kMaxAttribute}));
    }
  }
  return values;
}

Result<Window> parse_window_steps(const Node& node, std::span<const int64_t> kernel) {
  const size_t rank = kernel.size();
  SYNSIGHT_TRY_ASSIGN(const auto strides, parse_sizes(node, "strides", rank, 1));
  SYNSIGHT_TRY_ASSIGN(const auto dilations, parse_sizes(node, "dilations", rank, 1));
  SYNSIGHT_TRY_ASSIGN(const auto pads, parse_sizes(node, "pads", 2 * rank, 0));
  Window window(rank);
  for (size_t i = 0; i < rank; ++i) {
    if (kernel[i] < 1 || kernel[i] > kMaxAttribute) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"the kernel has ", kernel[i], " taps, wanted 1 to ", kMaxAttribute}));
    }
    window[i].kernel = kernel[i];
    window[i].stride = strides[i];
    window[i].dilation = dilations[i];
    window[i].pad_begin = pads[i];
    window[i].pad_end = pads[rank + i];
  }
  return window;
}

Result<Window> parse_window(const Node& node, const Shape& input, std::span<const int64_t> kernel) {
  if (input.rank() < 3 || kernel.size() != input.rank() - 2) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input has shape ", input.to_string(), ", wanted [N,C] and ", kernel.size(),
                        " spatial dimensions, as the kernel has"}));
  }
  SYNSIGHT_TRY_ASSIGN(Window window, parse_window_steps(node, kernel));
  SYNSIGHT_TRY_ASSIGN(const AutoPad auto_pad, parse_auto_pad(node));
  SYNSIGHT_TRY_ASSIGN(const int64_t ceil_mode, int_attribute(node, "ceil_mode", 0));
  for (size_t i = 0; i < window.size(); ++i) {
    window[i].input = input[2 + i];
    SYNSIGHT_TRY(resolve_axis(auto_pad, ceil_mode != 0, window[i]));
  }
  return window;
}

Shape window_output_shape(const Window& window, const Shape& input, int64_t num_channels) {
  Shape shape{input[0], num_channels};
  for (const WindowAxis& axis : window) shape.push_back(axis.output);
  return shape;
}

TapRange tap_range(const WindowAxis& axis, int64_t tap) {
  TapRange range;
  range.shift = tap * axis.dilation - axis.pad_begin;
  range.begin = range.shift < 0 ? ceil_div(-range.shift, axis.stride) : 0;
  const int64_t last = axis.input - 1 - range.shift;
  range.end = last < 0 ? 0 : std::min(axis.output, last / axis.stride + 1);
  return range;
}

RowCounts count_rows(const Window& window) {
  RowCounts counts;
  for (size_t i = 0; i + 1 < window.size(); ++i) {
    counts.inputs *= window[i].input;
    counts.outputs *= window[i].output;
    counts.taps *= window[i].kernel;
  }
  return counts;
}

std::optional<int64_t> input_row(const Window& window, int64_t output, int64_t tap) {
  int64_t row = 0;
  int64_t row_stride = 1;
  for (size_t i = window.size() - 1; i-- > 0;) {
    const WindowAxis& axis = window[i];
    const int64_t position =
        (output % axis.output) * axis.stride - axis.pad_begin + (tap % axis.kernel) * axis.dilation;
    if (position < 0 || position >= axis.input) return std::nullopt;
    row += position * row_stride;
    row_stride *= axis.input;
    output /= axis.output;
    tap /= axis.kernel;
  }
  return row;
}

}  // namespace synsight::ops
