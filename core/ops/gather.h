// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// The axis of Gather and GatherElements, for data of this rank. Errors: kInvalidModel. Source:
/// ONNX Gather-1.
Result<size_t> parse_gather_axis(const Node& node, size_t rank);

/// GatherND's tuples, each of which names an element or slice of the data behind the first
/// batch_dims axes, which both have.
struct GatherTuples {
  size_t batch_dims = 0;
  size_t length = 0;  // of a tuple
};

/// Errors: kInvalidModel, kShapeMismatch. Source: ONNX GatherND-13.
Result<GatherTuples> parse_gather_tuples(const Node& node, const Shape& data, const Shape& indices);

/// The index at `position` of int32 or int64 indices into an axis of `dim`, counted from the front.
/// Errors: kInvalidArgument outside the axis.
Result<int64_t> index_at(const TensorView& indices, size_t position, int64_t dim);

}  // namespace synsight::ops
