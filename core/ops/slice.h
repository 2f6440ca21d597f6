// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// What Slice takes along each axis: indices start, start + step, ...; as many as `shape` says.
struct SliceParams {
  std::array<int64_t, Shape::kMaxRank> starts{};
  std::array<int64_t, Shape::kMaxRank> steps{};  // may be negative
  Shape shape;                                   // of the output
};

/// `inputs` are all the node's; what is taken must be known. Errors: kInvalidModel, kShapeMismatch.
/// Source: ONNX Slice-1 (attributes), Slice-10 (inputs).
Result<SliceParams> parse_slice_params(const Node& node, std::span<const TensorView> inputs);

}  // namespace synsight::ops
