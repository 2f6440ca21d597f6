// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// How Split cuts its input.
struct SplitParams {
  size_t axis = 0;
  std::vector<int64_t> sizes;  // of each output along `axis`
};

/// `inputs` are all the node's; the sizes must be known. Errors: kInvalidModel, kShapeMismatch.
/// Source: ONNX Split-2 (attribute), Split-13 (input), Split-18 (num_outputs).
Result<SplitParams> parse_split_params(const Node& node, std::span<const TensorView> inputs);

}  // namespace synsight::ops
