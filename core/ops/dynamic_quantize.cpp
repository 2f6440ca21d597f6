// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/quantize.h"

namespace synsight::ops {

namespace {

/// What [lowest, highest], which 0 is in, is quantised with to 0 to 255.
struct Quantization {
  float scale = 1;
  uint8_t zero_point = 0;
};

Quantization quantization_of(std::span<const float> x) {
  constexpr size_t kLanes = 16;  // the least and largest of every 16th, for vectors
  float lowest[kLanes] = {};
  float highest[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      lowest[lane] = std::min(lowest[lane], x[i + lane]);
      highest[lane] = std::max(highest[lane], x[i + lane]);
    }
  }
  for (; i < x.size(); ++i) {
    lowest[0] = std::min(lowest[0], x[i]);
    highest[0] = std::max(highest[0], x[i]);
  }
  const float least = *std::min_element(lowest, lowest + kLanes);
  const float most = *std::max_element(highest, highest + kLanes);
  if (least == most) return {};  // as ONNX Runtime; ONNX divides by 0
  const float scale = (most - least) / 255;
  return {scale, narrow<uint8_t>(std::nearbyint(static_cast<double>(-least / scale)))};
}

}  // namespace

/// Y, scale, zero point = DynamicQuantizeLinear(X): Y = saturate(round(X / scale) + zero point),
/// halves to the even number, with the range of X and 0 on that of uint8. X: f32, Y: uint8. Source:
/// ONNX DynamicQuantizeLinear-11.
Result<std::vector<ValueInfo>> infer_dynamic_quantize_linear(const Node& node,
                                                             std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, {DType::kFloat32}));
  std::vector<ValueInfo> outputs = {
      {DType::kUInt8, inputs[0].shape}, {DType::kFloat32, {}}, {DType::kUInt8, {}}};
  outputs.resize(node.outputs.size());
  return outputs;
}

Status run_dynamic_quantize_linear(const Node& /*node*/, std::span<const TensorView> inputs,
                                   std::span<const MutableTensorView> outputs) {
  const auto x = inputs[0].as<float>();
  const auto y = outputs[0].as<uint8_t>();
  const auto [scale, zero_point] = quantization_of(x);
  quantize_run(x.data(), x.size(), scale, zero_point, y.data());
  if (outputs.size() > 1 && outputs[1].exists()) outputs[1].as<float>()[0] = scale;
  if (outputs.size() > 2 && outputs[2].exists()) {
    outputs[2].as<uint8_t>()[0] = zero_point;
  }
  return {};
}

}  // namespace synsight::ops
