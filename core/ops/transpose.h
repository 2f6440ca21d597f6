// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// For each axis of Transpose's output, the input's axis; reversed where the node says nothing.
/// Errors: kInvalidModel where `perm` is no permutation of the axes. Source: ONNX Transpose-1.
Result<std::vector<size_t>> parse_permutation(const Node& node, size_t rank);

}  // namespace synsight::ops
