// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// The input seen as [outer,length,inner]; the softmax goes over `length`.
struct SoftmaxParams {
  size_t outer = 1;
  size_t length = 1;
  size_t inner = 1;
};

/// Softmax's and LogSoftmax's axis: that axis alone since opset 13, it and all behind it before.
/// Errors: kInvalidModel. Source: ONNX Softmax-11, Softmax-13.
Result<SoftmaxParams> parse_softmax(const Node& node, const Shape& input);

}  // namespace synsight::ops
