// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/shape.h"

namespace synsight::ops {

struct LayerNormalizationParams {
  Shape outer;       // the dimensions before the axis
  Shape normalized;  // those from it on
  float epsilon = 1e-5f;
};

/// LayerNormalization's attributes. Errors: kInvalidModel, kUnsupportedOp. Source: ONNX
/// LayerNormalization-17.
Result<LayerNormalizationParams> parse_layer_normalization(const Node& node, const Shape& input);

}  // namespace synsight::ops
