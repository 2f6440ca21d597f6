// SPDX-License-Identifier: Apache-2.0
#include "core/ops/clip.h"

#include <limits>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

namespace {

constexpr int64_t kFirstInputOpset = 11;

Status check_bound(const ValueInfo& bound, std::string_view what) {
  if (!bound.exists() || bound.shape.num_elements() == 1) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({what, " has shape ", bound.shape.to_string(), ", wanted a scalar"}));
}

/// Y = min(max, max(min, X)); NaN stays NaN.
template <typename T>
void clip(std::span<const T> x, T min, T max, std::span<T> y) {
  for (size_t i = 0; i < x.size(); ++i) y[i] = std::min(std::max(x[i], min), max);
}

}  // namespace

Result<std::optional<ActivationRange>> constant_clip_range(const Node& node,
                                                           std::span<const TensorView> inputs) {
  ActivationRange range;
  if (node.opset < kFirstInputOpset) {
    SYNSIGHT_TRY_ASSIGN(range.min, float_attribute(node, "min", range.min));
    SYNSIGHT_TRY_ASSIGN(range.max, float_attribute(node, "max", range.max));
    return range;
  }
  const TensorView min = input_at(inputs, 1);
  const TensorView max = input_at(inputs, 2);
  const auto is_usable = [](const TensorView& bound) {
    return !bound.exists() || (bound.dtype == DType::kFloat32 && bound.data != nullptr &&
                               bound.shape.num_elements() == 1);
  };
  if (!is_usable(min) || !is_usable(max)) return std::nullopt;
  if (min.exists()) range.min = min.as<float>()[0];
  if (max.exists()) range.max = max.as<float>()[0];
  return range;
}

Result<std::vector<ValueInfo>> infer_clip(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype,
                           node.opset < kFirstInputOpset ? kFloatTypes : kNumericTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  if (inputs.size() > 1) SYNSIGHT_TRY(check_bound(inputs[1], "min"));
  if (inputs.size() > 2) SYNSIGHT_TRY(check_bound(inputs[2], "max"));
  SYNSIGHT_TRY(float_attribute(node, "min", 0));
  SYNSIGHT_TRY(float_attribute(node, "max", 0));
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_clip(const Node& node, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const float min_attribute,
                      float_attribute(node, "min", -std::numeric_limits<float>::infinity()));
  SYNSIGHT_TRY_ASSIGN(const float max_attribute,
                      float_attribute(node, "max", std::numeric_limits<float>::infinity()));
  const TensorView min_input = input_at(inputs, 1);
  const TensorView max_input = input_at(inputs, 2);
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T min = min_input.exists() ? min_input.as<T>()[0] : narrow<T>(min_attribute);
    const T max = max_input.exists() ? max_input.as<T>()[0] : narrow<T>(max_attribute);
    clip<T>(inputs[0].as<T>(), min, max, outputs[0].as<T>());
  });
  return {};
}

}  // namespace synsight::ops
