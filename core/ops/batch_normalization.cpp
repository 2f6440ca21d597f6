// SPDX-License-Identifier: Apache-2.0
#include "core/ops/batch_normalization.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<BatchNormalizationParams> parse_batch_normalization(const Node& node) {
  BatchNormalizationParams params;
  SYNSIGHT_TRY_ASSIGN(params.epsilon, float_attribute(node, "epsilon", params.epsilon));
  SYNSIGHT_TRY_ASSIGN(const int64_t training_mode, int_attribute(node, "training_mode", 0));
  const bool has_statistics = std::any_of(node.outputs.begin() + 1, node.outputs.end(),
                                          [](ValueId id) { return id != kNoValue; });
  if (training_mode != 0 || has_statistics) {
    return fail(ErrorCode::kUnsupportedOp, "training is not supported, only inference");
  }
  SYNSIGHT_TRY_ASSIGN(const int64_t spatial, int_attribute(node, "spatial", 1));
  if (spatial != 1) {
    return fail(ErrorCode::kUnsupportedOp,
                concat({"attribute \"spatial\" is ", spatial, ", supported is 1"}));
  }
  return params;
}

/// Y = (X - mean) / sqrt(var + epsilon) * scale + B, channel by channel. X, Y: [N,C,...], the
/// others [C]; all f32 or all f64. Source: ONNX BatchNormalization-7, -9, -14, -15.
Result<std::vector<ValueInfo>> infer_batch_normalization(const Node& node,
                                                         std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(parse_batch_normalization(node));
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  const Shape& shape = inputs[0].shape;
  if (shape.rank() < 2) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input has shape ", shape.to_string(), ", wanted [N,C,...]"}));
  }
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i].shape == Shape{shape[1]}) continue;
    return fail(ErrorCode::kShapeMismatch,
                concat({"input ", i, " has shape ", inputs[i].shape.to_string(), ", wanted [",
                        shape[1], "]"}));
  }
  std::vector<ValueInfo> outputs(node.outputs.size());
  outputs[0] = {inputs[0].dtype, shape};
  return outputs;
}

Status run_batch_normalization(const Node& node, std::span<const TensorView> inputs,
                               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_batch_normalization(node));
  const auto num_channels = static_cast<size_t>(inputs[0].shape[1]);
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const auto x = inputs[0].as<T>();
    const auto y = outputs[0].as<T>();
    if (x.empty()) return;
    const size_t num_planes = static_cast<size_t>(inputs[0].shape[0]) * num_channels;
    const size_t size = x.size() / num_planes;
    for (size_t plane = 0; plane < num_planes; ++plane) {
      const size_t c = plane % num_channels;
      const double mean = inputs[3].as<T>()[c];
      const double variance = inputs[4].as<T>()[c];
      const double bias = inputs[2].as<T>()[c];
      const double scale = inputs[1].as<T>()[c] / std::sqrt(variance + params.epsilon);
      for (size_t i = plane * size; i < (plane + 1) * size; ++i) {
        y[i] = static_cast<T>((x[i] - mean) * scale + bias);
      }
    }
  });
  return {};
}

}  // namespace synsight::ops
