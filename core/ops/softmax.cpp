// SPDX-License-Identifier: Apache-2.0
#include "core/ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "core/graph/attributes.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<SoftmaxParams> parse_softmax(const Node& node, const Shape& input) {
  const bool is_one_axis = node.opset >= 13;
  SYNSIGHT_TRY_ASSIGN(const int64_t axis_attribute,
                      int_attribute(node, "axis", is_one_axis ? -1 : 1));
  SYNSIGHT_TRY_ASSIGN(const size_t axis, normalize_axis(axis_attribute, input.rank(), "axis"));
  SoftmaxParams params;
  for (size_t i = 0; i < input.rank(); ++i) {
    const auto dim = static_cast<size_t>(input[i]);
    if (i < axis) {
      params.outer *= dim;
    } else if (i == axis || !is_one_axis) {
      params.length *= dim;
    } else {
      params.inner *= dim;
    }
  }
  return params;
}

/// Y = Softmax(X) or LogSoftmax(X): see SoftmaxParams. X, Y: f32 or f64. Source: ONNX Softmax-13,
/// LogSoftmax-13.
Result<std::vector<ValueInfo>> infer_softmax(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(parse_softmax(node, inputs[0].shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

namespace {

// One softmax over `length` elements that lie `step` apart. With the largest element subtracted,
// no exponential overflows and the sum is at least 1.
template <typename T>
void softmax_column(const T* x, T* y, size_t length, size_t step, bool is_log) {
  T largest = x[0];
  for (size_t i = 1; i < length; ++i) largest = std::max(largest, x[i * step]);
  double sum = 0;
  for (size_t i = 0; i < length; ++i) {
    const T exponential = std::exp(x[i * step] - largest);
    sum += exponential;
    y[i * step] = is_log ? x[i * step] - largest : exponential;
  }
  const double log_sum = std::log(sum);
  for (size_t i = 0; i < length; ++i) {
    const T value = y[i * step];
    y[i * step] = static_cast<T>(is_log ? value - log_sum : value / sum);
  }
}

Status run(const Node& node, const TensorView& input, const MutableTensorView& output,
           bool is_log) {
  SYNSIGHT_TRY_ASSIGN(const SoftmaxParams params, parse_softmax(node, input.shape));
  if (params.length == 0) return {};
  visit_element_type<float, double>(input.dtype, [&](auto type) {
    using T = decltype(type);
    for (size_t outer = 0; outer < params.outer; ++outer) {
      const size_t first = outer * params.length * params.inner;
      for (size_t inner = 0; inner < params.inner; ++inner) {
        softmax_column(input.as<T>().data() + first + inner, output.as<T>().data() + first + inner,
                       params.length, params.inner, is_log);
      }
    }
  });
  return {};
}

}  // namespace

Status run_softmax(const Node& node, std::span<const TensorView> inputs,
                   std::span<const MutableTensorView> outputs) {
  return run(node, inputs[0], outputs[0], false);
}

Status run_log_softmax(const Node& node, std::span<const TensorView> inputs,
                       std::span<const MutableTensorView> outputs) {
  return run(node, inputs[0], outputs[0], true);
}

}  // namespace synsight::ops
