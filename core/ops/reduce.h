// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// What a Reduce operator runs over.
struct ReduceParams {
  std::array<bool, Shape::kMaxRank> is_reduced{};  // by axis of the input
  bool keep_dims = true;                           // reduced dimensions stay, as 1
};

/// `inputs` are all the node's; the axes must be known. Errors: kInvalidModel, kShapeMismatch where
/// the axes are not known. Source: ONNX ReduceSum-1 (attribute), ReduceSum-13 (input), the others
/// -1 and -18.
Result<ReduceParams> parse_reduce_params(const Node& node, std::span<const TensorView> inputs);

}  // namespace synsight::ops
