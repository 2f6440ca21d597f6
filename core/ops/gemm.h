// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// Y = alpha * A' * B' + beta * C, with A' [m,k] and B' [k,n]; A and B are stored transposed where
/// it is said.
struct GemmParams {
  float alpha = 1;
  float beta = 1;
  bool is_a_transposed = false;
  bool is_b_transposed = false;
  int64_t m = 0;
  int64_t k = 0;
  int64_t n = 0;
};

/// Gemm's attributes and sizes for the shapes of A and B. Errors: kInvalidModel, kShapeMismatch.
/// Source: ONNX Gemm-13.
Result<GemmParams> parse_gemm(const Node& node, const Shape& a, const Shape& b);

}  // namespace synsight::ops
