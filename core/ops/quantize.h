// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

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

}  // namespace synsight::ops
