// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

namespace {

/// What [lowest, highest], which 0 is in, is quantised with to 0 to 255.
struct Quantization {
  float scale = 1;
  float zero_point = 0;
};

Quantization quantization_of(std::span<const float> x) {
  float lowest = 0;
  float highest = 0;
  for (const float element : x) {
    lowest = std::min(lowest, element);
    highest = std::max(highest, element);
  }
  if (lowest == highest) return {};  // as ONNX Runtime; ONNX divides by 0
  const float scale = (highest - lowest) / 255;
  return {scale, std::nearbyint(std::clamp(-lowest / scale, 0.0F, 255.0F))};
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
  for (size_t i = 0; i < x.size(); ++i) {
    y[i] = narrow<uint8_t>(std::nearbyint(x[i] / scale) + zero_point);
  }
  if (outputs.size() > 1 && outputs[1].exists()) outputs[1].as<float>()[0] = scale;
  if (outputs.size() > 2 && outputs[2].exists()) {
    outputs[2].as<uint8_t>()[0] = narrow<uint8_t>(zero_point);
  }
  return {};
}

}  // namespace synsight::ops
