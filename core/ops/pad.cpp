// SPDX-License-Identifier: Apache-2.0
#include "core/ops/pad.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

constexpr int64_t kFirstInputOpset = 11;

Result<PadMode> parse_mode(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const std::string mode, string_attribute(node, "mode", "constant"));
  if (mode == "constant") return PadMode::kConstant;
  if (mode == "reflect") return PadMode::kReflect;
  if (mode == "edge") return PadMode::kEdge;
  if (mode == "wrap") return PadMode::kWrap;
  return fail(ErrorCode::kUnsupportedOp,
              concat({"mode is \"", mode, "\", wanted constant, reflect, edge or wrap"}));
}

/// The dimension of the output. Errors: kShapeMismatch.
Result<int64_t> padded_dim(int64_t dim, int64_t begin, int64_t end, PadMode mode) {
  const auto partial = checked_add(dim, begin);
  const auto padded = partial ? checked_add(*partial, end) : std::nullopt;
  const bool drops_too_much = begin < -dim || end < -dim;
  const bool lacks_source = mode != PadMode::kConstant && dim == 0;
  if (drops_too_much || !padded || *padded < 0 || (*padded > 0 && lacks_source)) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"cannot pad an axis of ", dim, " by ", begin, " and ", end}));
  }
  return *padded;
}

/// Which index of an axis of `dim` stands at `index`, which may be outside.
int64_t source_index(PadMode mode, int64_t index, int64_t dim) {
  if (mode == PadMode::kEdge) return std::clamp(index, int64_t{0}, dim - 1);
  const int64_t period = mode == PadMode::kWrap ? dim : std::max(2 * (dim - 1), int64_t{1});
  const int64_t phase = (index % period + period) % period;
  return phase < dim ? phase : period - phase;
}

/// Fills the output with `value`, one element, and copies what is left of the input into it.
void pad_constant(const PadParams& params, const TensorView& x, const void* value,
                  const MutableTensorView& y) {
  const size_t element_size = dtype_size(x.dtype);
  const Strides x_strides = row_major_strides(x.shape);
  const Strides y_strides = row_major_strides(y.shape);
  fill_elements(element_size, value, y.data, y.shape.num_elements());
  Shape window;
  int64_t x_offset = 0;
  int64_t y_offset = 0;
  for (size_t axis = 0; axis < x.shape.rank(); ++axis) {
    const int64_t x_start = std::max(-params.begin[axis], int64_t{0});
    const int64_t y_start = std::max(params.begin[axis], int64_t{0});
    const int64_t length = std::min(x.shape[axis] - x_start, y.shape[axis] - y_start);
    window.push_back(length);
    x_offset += x_start * x_strides[axis];
    y_offset += y_start * y_strides[axis];
  }
  const auto size = static_cast<int64_t>(element_size);
  copy_strided(window, element_size, static_cast<const std::byte*>(x.data) + x_offset * size,
               x_strides, static_cast<std::byte*>(y.data) + y_offset * size, y_strides);
}

void pad_from_input(const PadParams& params, const TensorView& x, const MutableTensorView& y) {
  const size_t element_size = dtype_size(x.dtype);
  const Strides strides = row_major_strides(x.shape);
  const size_t num_elements = y.shape.num_elements();
  for (size_t i = 0; i < num_elements; ++i) {
    auto rest = static_cast<int64_t>(i);
    int64_t offset = 0;
    for (size_t axis = y.shape.rank(); axis-- > 0;) {
      const int64_t index = rest % y.shape[axis] - params.begin[axis];
      rest /= y.shape[axis];
      offset += source_index(params.mode, index, x.shape[axis]) * strides[axis];
    }
    std::memcpy(static_cast<std::byte*>(y.data) + i * element_size,
                static_cast<const std::byte*>(x.data) + static_cast<size_t>(offset) * element_size,
                element_size);
  }
}

}  // namespace

Result<PadParams> parse_pad_params(const Node& node, std::span<const TensorView> inputs) {
  PadParams params;
  SYNSIGHT_TRY_ASSIGN(params.mode, parse_mode(node));
  SYNSIGHT_TRY_ASSIGN(const auto pads, ints_argument(node, inputs, "pads", 1, kFirstInputOpset));
  const TensorView axes_input = input_at(inputs, 3);
  std::vector<int64_t> axes(inputs[0].shape.rank());
  std::iota(axes.begin(), axes.end(), 0);
  if (axes_input.exists()) {
    SYNSIGHT_TRY_ASSIGN(axes, constant_ints(axes_input, "axes"));
  }
  SYNSIGHT_TRY_ASSIGN(const auto padded, normalize_axes(axes, inputs[0].shape.rank()));
  if (pads.size() != 2 * padded.size()) {
    return fail(
        ErrorCode::kInvalidModel,
        concat({"has ", pads.size(), " pads, wanted two for each of ", padded.size(), " axes"}));
  }
  for (size_t i = 0; i < padded.size(); ++i) {
    params.begin[padded[i]] = pads[i];
    params.end[padded[i]] = pads[i + padded.size()];
  }
  return params;
}

Result<std::optional<double>> constant_pad_value(const Node& node,
                                                 std::span<const TensorView> inputs) {
  if (node.opset < kFirstInputOpset) return float_attribute(node, "value", 0);
  const TensorView input = input_at(inputs, 2);
  if (!input.exists()) return 0;
  if (input.data == nullptr) return std::nullopt;
  double value = 0;
  visit_numeric_type(
      input.dtype, [&](auto type) { value = static_cast<double>(input.as<decltype(type)>()[0]); });
  return value;
}

Result<std::vector<ValueInfo>> infer_pad(const Node& node, std::span<const ValueInfo> inputs) {
  const std::vector<TensorView> views = views_of(inputs);
  SYNSIGHT_TRY_ASSIGN(const PadParams params, parse_pad_params(node, views));
  if (node.opset < kFirstInputOpset) {
    SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kFloatTypes));
    SYNSIGHT_TRY(float_attribute(node, "value", 0));
  }
  const TensorView value = input_at(views, 2);
  if (value.exists() && (value.dtype != inputs[0].dtype || value.shape.num_elements() != 1)) {
    return fail(ErrorCode::kInvalidModel,
                concat({"constant_value is ", dtype_name(value.dtype), " ", value.shape.to_string(),
                        ", wanted a scalar of ", dtype_name(inputs[0].dtype)}));
  }
  Shape shape = inputs[0].shape;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    SYNSIGHT_TRY_ASSIGN(shape[axis],
                        padded_dim(shape[axis], params.begin[axis], params.end[axis], params.mode));
  }
  SYNSIGHT_TRY(check_asked_shape(shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_pad(const Node& node, std::span<const TensorView> inputs,
               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const PadParams params, parse_pad_params(node, inputs));
  if (params.mode != PadMode::kConstant) {
    pad_from_input(params, inputs[0], outputs[0]);
    return {};
  }
  alignas(8) std::array<std::byte, 8> element{};  // zero in every type
  const TensorView value = input_at(inputs, 2);
  if (value.exists()) {
    std::memcpy(element.data(), value.data, dtype_size(value.dtype));
  } else if (node.opset < kFirstInputOpset) {
    SYNSIGHT_TRY_ASSIGN(const float attribute, float_attribute(node, "value", 0));
    visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
      const decltype(type) converted = attribute;
      std::memcpy(element.data(), &converted, sizeof converted);
    });
  }
  pad_constant(params, inputs[0], element.data(), outputs[0]);
  return {};
}

}  // namespace synsight::ops
