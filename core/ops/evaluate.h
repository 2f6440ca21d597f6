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

}  // namespace synsight::ops
