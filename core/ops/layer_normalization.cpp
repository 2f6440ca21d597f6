// SPDX-License-Identifier: Apache-2.0
#include "core/ops/layer_normalization.h"

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/moments.h"
#include "core/ops/strided.h"

namespace synsight::ops {

Result<LayerNormalizationParams> parse_layer_normalization(const Node& node, const Shape& input) {
  LayerNormalizationParams params;
  SYNSIGHT_TRY_ASSIGN(const int64_t axis_attribute, int_attribute(node, "axis", -1));
  SYNSIGHT_TRY_ASSIGN(const size_t axis, normalize_axis(axis_attribute, input.rank(), "axis"));
  SYNSIGHT_TRY_ASSIGN(params.epsilon, float_attribute(node, "epsilon", params.epsilon));
  SYNSIGHT_TRY(check_stash_type(node));
  for (size_t i = 0; i < input.rank(); ++i) {
    (i < axis ? params.outer : params.normalized).push_back(input[i]);
  }
  return params;
}

namespace {

Status check_broadcasts(const ValueInfo& input, std::string_view what, const Shape& normalized) {
  const auto shape = broadcast_shapes(input.shape, normalized);
  if (shape && *shape == normalized) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({what, " has shape ", input.shape.to_string(),
                      ", which does not broadcast to the normalized ", normalized.to_string()}));
}

template <typename T>
void normalize_layers(const LayerNormalizationParams& params, std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs) {
  const auto x = inputs[0].as<T>();
  const auto y = outputs[0].as<T>();
  const size_t size = params.normalized.num_elements();
  const TensorView scale = inputs[1];
  const TensorView bias = input_at(inputs, 2);
  const std::array strides = {broadcast_strides(scale.shape, params.normalized),
                              broadcast_strides(bias.shape, params.normalized)};
  for (size_t row = 0; row < params.outer.num_elements(); ++row) {
    const Moments moments = moments_of(x.subspan(row * size, size), params.epsilon);
    size_t i = row * size;
    for_each_offset(params.normalized, strides, [&](const auto& offsets) {
      const double normalized = (x[i] - moments.mean) * moments.inverse_deviation;
      const double shift = bias.exists() ? bias.as<T>().data()[offsets[1]] : T{0};
      y[i++] = static_cast<T>(normalized * scale.as<T>().data()[offsets[0]] + shift);
    });
    if (outputs.size() > 1 && outputs[1].exists()) {
      outputs[1].as<float>()[row] = static_cast<float>(moments.mean);
    }
    if (outputs.size() > 2 && outputs[2].exists()) {
      outputs[2].as<float>()[row] = static_cast<float>(moments.inverse_deviation);
    }
  }
}

}  // namespace

/// Y = (X - Mean) * InvStdDev * scale + bias, with the moments of all elements from the axis on. X,
/// Y: f32 or f64; Mean, InvStdDev, which may be absent: f32, with 1 for the dimensions from the
/// axis on. Source: ONNX LayerNormalization-17.
Result<std::vector<ValueInfo>> infer_layer_normalization(const Node& node,
                                                         std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_layer_normalization(node, inputs[0].shape));
  SYNSIGHT_TRY(check_broadcasts(inputs[1], "scale", params.normalized));
  if (inputs.size() > 2 && inputs[2].exists()) {
    SYNSIGHT_TRY(check_broadcasts(inputs[2], "bias", params.normalized));
  }
  Shape statistics = params.outer;
  while (statistics.rank() < inputs[0].shape.rank()) statistics.push_back(1);
  std::vector<ValueInfo> outputs(node.outputs.size(), {DType::kFloat32, statistics});
  outputs[0] = {inputs[0].dtype, inputs[0].shape};
  return outputs;
}

Status run_layer_normalization(const Node& node, std::span<const TensorView> inputs,
                               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_layer_normalization(node, inputs[0].shape));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    normalize_layers<decltype(type)>(params, inputs, outputs);
  });
  return {};
}

}  // namespace synsight::ops
