// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// Whether values are rounded to few steps or are sums of integers, so that a tiny difference may
/// become a whole one.
bool quantizes(const Graph& graph);

/// The input of QuantizeLinear or DequantizeLinear seen as [outer,num_scales,inner]; scale and zero
/// point hold one element for each index of the middle dimension, 1 for a whole tensor.
struct QuantizationParams {
  size_t outer = 1;
  size_t num_scales = 1;
  size_t inner = 1;
  size_t axis = 0;  // of the scales, where there are several
};

/// The axis of QuantizeLinear or DequantizeLinear for the shapes of its input and scale. Errors:
/// kInvalidModel, kShapeMismatch, kUnsupportedOp for scales of blocks. Source: ONNX
/// QuantizeLinear-10, -13, -21.
Result<QuantizationParams> parse_quantization(const Node& node, const Shape& input,
                                              const Shape& scale);

/// Y = saturate(round(X / scale) + zero point), halves to the even number, NaN as the least. X: f32
/// or int32, Y: 8- or 16-bit integers. A quantised network has this between all its layers, so it
/// is written to be vectorised: the sum with 1.5 * 2^23 has no bits for less than 1.
template <typename X, typename Y>
void quantize_run(const X* x, size_t count, float scale, Y zero_point, Y* y) {
  constexpr float kRounds = 0x1.8p23F;
  const int zero = zero_point;
  const auto lowest = static_cast<float>(std::numeric_limits<Y>::min() - zero);
  const auto highest = static_cast<float>(std::numeric_limits<Y>::max() - zero);
  for (size_t i = 0; i < count; ++i) {
    float steps = static_cast<float>(x[i]) / scale;
    steps = steps > lowest ? steps : lowest;
    steps = steps < highest ? steps : highest;
    steps = (steps + kRounds) - kRounds;
    y[i] = static_cast<Y>(static_cast<int>(steps) + zero);
  }
}

}  // namespace synsight::ops
