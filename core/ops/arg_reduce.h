// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

struct ArgReduceParams {
  size_t axis = 0;
  bool keep_dims = true;
  bool selects_last = false;  // of equal elements
  bool is_max = true;
};

/// The attributes of ArgMax and ArgMin for an input of that shape. Errors: kInvalidModel. Source:
/// ONNX ArgMax-13.
Result<ArgReduceParams> parse_arg_reduce(const Node& node, const Shape& shape);

}  // namespace synsight::ops
