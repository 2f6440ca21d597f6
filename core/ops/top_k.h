// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::ops {

struct TopKParams {
  size_t axis = 0;
  int64_t k = 0;
  bool is_largest = true;
};

/// Errors: kInvalidModel, kShapeMismatch, kUnsupportedType. Source: ONNX TopK-11.
Result<TopKParams> parse_top_k(const Node& node, std::span<const TensorView> inputs);

}  // namespace synsight::ops
