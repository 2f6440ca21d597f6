// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::ops {

struct CumSumParams {
  size_t axis = 0;
  bool is_exclusive = false;  // an element is not in its own sum
  bool is_reverse = false;    // from the end
};

/// Errors: kInvalidModel, kShapeMismatch, kUnsupportedType. Source: ONNX CumSum-14.
Result<CumSumParams> parse_cum_sum(const Node& node, std::span<const TensorView> inputs);

}  // namespace synsight::ops
