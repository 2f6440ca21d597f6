// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// Y = X / (bias + alpha / size * sum of X^2 over the channels [c - before, c + after])^beta.
struct LrnParams {
  int64_t size = 1;
  float alpha = 1e-4f;
  float beta = 0.75f;
  float bias = 1;

  int64_t before() const { return (size - 1) / 2; }
  int64_t after() const { return size / 2; }
};

/// LRN's attributes. Errors: kInvalidModel. Source: ONNX LRN-13.
Result<LrnParams> parse_lrn(const Node& node);

}  // namespace synsight::ops
