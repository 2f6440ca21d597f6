// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::test {

using Pass = Status (*)(Graph&);
using BuildGraph = std::function<Graph()>;

/// The graph that `build` gives, after the pass. Checks that it is valid and that on random inputs
/// the reference backend gives the same outputs, of the same names and dtypes, as without the pass;
/// f32 may differ by `accumulation_length` roundings. Unknown dimensions are run as 2.
Graph check_pass(Pass pass, const BuildGraph& build, size_t accumulation_length = 0);

/// The nodes' operators in their order, each with a space behind it: `Conv Relu `.
std::string op_types(const Graph& graph);

/// The node of that name, which must be there.
const Node& node_named(const Graph& graph, std::string_view name);

/// Bytes that the graph's initializers hold.
size_t initializer_bytes(const Graph& graph);

}  // namespace synsight::test
