// SPDX-License-Identifier: Apache-2.0
#include "core/ops/group_normalization.h"

#include <cmath>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/moments.h"

namespace synsight::ops {

Result<GroupNormalizationParams> parse_group_normalization(const Node& node, const Shape& input) {
  if (input.rank() < 3) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input has shape ", input.to_string(),
                        ", wanted [N,C] and at least one spatial dimension"}));
  }
  GroupNormalizationParams params;
  SYNSIGHT_TRY_ASSIGN(params.epsilon, float_attribute(node, "epsilon", params.epsilon));
  params.num_groups = params.num_scales = input[1];
  if (node.op_type == "InstanceNormalization") return params;
  SYNSIGHT_TRY_ASSIGN(params.num_groups, int_attribute(node, "num_groups", 0));
  if (params.num_groups < 1 || input[1] % params.num_groups != 0) {
    return fail(ErrorCode::kInvalidModel,
                concat({"attribute \"num_groups\" is ", params.num_groups,
                        ", which does not divide the ", input[1], " channels"}));
  }
  if (node.opset < 21) params.num_scales = params.num_groups;
  SYNSIGHT_TRY(check_stash_type(node));
  return params;
}

namespace {

template <typename T>
void normalize_groups(const GroupNormalizationParams& params, const TensorView& input,
                      const TensorView& scale, const TensorView& bias,
                      const MutableTensorView& output) {
  const auto x = input.as<T>();
  const auto y = output.as<T>();
  if (x.empty()) return;
  const auto num_channels = static_cast<size_t>(input.shape[1]);
  const size_t num_all_groups = static_cast<size_t>(input.shape[0] * params.num_groups);
  const size_t group_size = x.size() / num_all_groups;
  const size_t plane_size = x.size() / (static_cast<size_t>(input.shape[0]) * num_channels);
  const size_t channels_per_scale = num_channels / static_cast<size_t>(params.num_scales);
  for (size_t group = 0; group < num_all_groups; ++group) {
    const size_t first = group * group_size;
    const Moments moments = moments_of(x.subspan(first, group_size), params.epsilon);
    for (size_t i = first; i < first + group_size; ++i) {
      const size_t s = i / plane_size % num_channels / channels_per_scale;
      const double normalized = (x[i] - moments.mean) * moments.inverse_deviation;
      y[i] = static_cast<T>(normalized * scale.as<T>()[s] + bias.as<T>()[s]);
    }
  }
}

}  // namespace

/// Y = (X - mean) / sqrt(variance + epsilon) * scale + bias, with the moments of each group of
/// channels. X, Y: [N,C,D1,...]; all f32 or all f64. Source: ONNX GroupNormalization-18, -21,
/// InstanceNormalization-22.
Result<std::vector<ValueInfo>> infer_group_normalization(const Node& node,
                                                         std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_group_normalization(node, inputs[0].shape));
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].shape == Shape{params.num_scales}) continue;
    return fail(ErrorCode::kShapeMismatch,
                concat({"input ", i, " has shape ", inputs[i].shape.to_string(), ", wanted [",
                        params.num_scales, "]"}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_group_normalization(const Node& node, std::span<const TensorView> inputs,
                               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_group_normalization(node, inputs[0].shape));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    normalize_groups<decltype(type)>(params, inputs[0], inputs[1], inputs[2], outputs[0]);
  });
  return {};
}

}  // namespace synsight::ops
