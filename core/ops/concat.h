// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// The axis along which Concat joins its inputs, all of this rank. Errors: kInvalidModel. Source:
/// ONNX Concat-4.
Result<size_t> parse_concat_axis(const Node& node, size_t rank);

}  // namespace synsight::ops
