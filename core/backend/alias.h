// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "core/backend/kernel.h"
#include "core/graph/graph.h"

namespace synsight {

/// Whether an operator gives the elements of its first input in the same plain order.
bool is_alias(std::string_view op_type);

/// A kernel for such a node, with which a program gives its output the input's place; null for
/// other nodes, and where there is more to do.
std::unique_ptr<Kernel> make_alias(const Node& node);

}  // namespace synsight
