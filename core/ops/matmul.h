// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/tensor/shape.h"

namespace synsight::ops {

/// Y [batch...,m,n] = A [a_batch...,m,k] * B [b_batch...,k,n], where the batches broadcast.
struct MatMulParams {
  Shape a_batch;
  Shape b_batch;
  Shape batch;
  int64_t m = 1;
  int64_t k = 1;
  int64_t n = 1;
  Shape output;  // without m where A has one dimension, without n where B has
};

/// The sizes for the shapes of A and B. A of one dimension is a row, B a column. Errors:
/// kShapeMismatch. Source: ONNX MatMul-13 (numpy.matmul).
Result<MatMulParams> parse_matmul(const Shape& a, const Shape& b);

}  // namespace synsight::ops
