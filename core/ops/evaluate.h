// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/ops/op.h"

namespace synsight::ops {

/// Runs a node's reference kernel on inputs that are all known, into outputs of the dtypes and
/// shapes that `infer` gave. An output that the node leaves out does not exist(). Errors:
/// kOutOfMemory and what the operator answers, naming the node.
Result<std::vector<Tensor>> evaluate(const Node& node, std::span<const ValueInfo> inputs,
                                     std::span<const ValueInfo> outputs);

/// Results above this many bytes are left to the run that needs them, where they share its arena,
/// unless they are moderate all the same.
inline constexpr size_t kMostEvaluatedBytes = size_t{64} << 20;

/// Whether the outputs come to `always_bytes` at most, or to no more above that than f32 unpacked
/// from 8-bit inputs does.
bool is_moderate(std::span<const ValueInfo> inputs, std::span<const ValueInfo> outputs,
                 size_t always_bytes);

}  // namespace synsight::ops
