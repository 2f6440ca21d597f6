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

bool uses_batch_statistics(const Node& node) {
  return node.opset >= 14 && int_attribute(node, "training_mode", 0).value_or(0) != 0;
}

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
/// others [C]; all f32 or all f64. With training_mode the mean and population variance are those of
/// X, and two more outputs [C] say where the given ones move to. Source: ONNX BatchNormalization-7,
/// -9, -14, -15.
Result<std::vector<ValueInfo>> infer_batch_normalization(const Node& node,
                                                         std::span<const ValueInfo> inputs) {
  const bool is_training = uses_batch_statistics(node);
  if (!is_training) SYNSIGHT_TRY(parse_batch_normalization(node));
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
  if (is_training && node.outputs.size() > 3) {
    return fail(ErrorCode::kInvalidModel, "training has 3 outputs at most");
  }
  std::vector<ValueInfo> outputs(node.outputs.size());
  if (is_training) outputs.assign(outputs.size(), {inputs[0].dtype, {shape[1]}});
  outputs[0] = {inputs[0].dtype, shape};
  return outputs;
}

namespace {

/// The moments by which a channel is normalised.
struct ChannelMoments {
  double mean = 0;
  double variance = 0;
};

/// Those of the elements of a channel, all pictures together.
template <typename T>
ChannelMoments moments_of_channel(std::span<const T> x, size_t channel, size_t num_channels,
                                  size_t plane_size) {
  ChannelMoments moments;
  const auto for_each = [&](const auto& visit) {
    for (size_t plane = channel; plane * plane_size < x.size(); plane += num_channels) {
      for (const T value : x.subspan(plane * plane_size, plane_size)) visit(value);
    }
  };
  const double count = static_cast<double>(x.size()) / static_cast<double>(num_channels);
  for_each([&](T value) { moments.mean += value / count; });
  for_each([&](T value) {
    moments.variance += (value - moments.mean) * (value - moments.mean) / count;
  });
  return moments;
}

/// Moves the given statistics towards those of the input, where an output asks for them.
template <typename T>
void move_statistics(double momentum, const ChannelMoments& moments, size_t channel,
                     std::span<const TensorView> inputs,
                     std::span<const MutableTensorView> outputs) {
  const double wanted[] = {moments.mean, moments.variance};
  for (size_t i = 0; i + 1 < outputs.size(); ++i) {
    if (!outputs[1 + i].exists()) continue;
    const double given = inputs[3 + i].as<T>()[channel];
    outputs[1 + i].as<T>()[channel] = static_cast<T>(given * momentum + wanted[i] * (1 - momentum));
  }
}

template <typename T>
void normalize(const Node& node, double epsilon, double momentum,
               std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) {
  const auto x = inputs[0].as<T>();
  const auto y = outputs[0].as<T>();
  if (x.empty()) return;
  const auto num_channels = static_cast<size_t>(inputs[0].shape[1]);
  const size_t num_planes = static_cast<size_t>(inputs[0].shape[0]) * num_channels;
  const size_t size = x.size() / num_planes;
  for (size_t c = 0; c < num_channels; ++c) {
    ChannelMoments moments{inputs[3].as<T>()[c], inputs[4].as<T>()[c]};
    if (uses_batch_statistics(node)) {
      moments = moments_of_channel(x, c, num_channels, size);
      move_statistics<T>(momentum, moments, c, inputs, outputs);
    }
    const double bias = inputs[2].as<T>()[c];
    const double scale = inputs[1].as<T>()[c] / std::sqrt(moments.variance + epsilon);
    for (size_t plane = c; plane < num_planes; plane += num_channels) {
      for (size_t i = plane * size; i < (plane + 1) * size; ++i) {
        y[i] = static_cast<T>((x[i] - moments.mean) * scale + bias);
      }
    }
  }
}

}  // namespace

Status run_batch_normalization(const Node& node, std::span<const TensorView> inputs,
                               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const float epsilon,
                      float_attribute(node, "epsilon", BatchNormalizationParams{}.epsilon));
  SYNSIGHT_TRY_ASSIGN(const float momentum, float_attribute(node, "momentum", 0.9f));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    normalize<decltype(type)>(node, epsilon, momentum, inputs, outputs);
  });
  return {};
}

}  // namespace synsight::ops
