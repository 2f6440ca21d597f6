// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

TEST_CASE("nodes and initializers that no output needs go, and their memory with them") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2, 4});
    const ValueId unused = b.initializer("unused", random_tensor({500, 2, 4}, 1));
    b.node("Add", {b.node("Relu", {x}), unused});
    const ValueId used = b.initializer("used", random_tensor({4}, 2));
    return b.finish({b.node("Mul", {x, used})});
  };
  const Graph graph = check_pass(optimize::remove_unused, build);
  CHECK(op_types(graph) == "Mul ");
  CHECK(initializer_bytes(graph) == 16);
}

TEST_CASE("inputs stay, used or not") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2});
    b.input("unused", {3});
    return b.finish({b.node("Relu", {x})});
  };
  CHECK(check_pass(optimize::remove_unused, build).inputs.size() == 2);
}

TEST_CASE("a node stays for its second output, and loses one that nothing reads") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 1, 4, 4});
    const auto pooled = b.node_with_outputs("MaxPool", {x}, 2, {{"kernel_shape", {2, 2}}});
    const auto split = b.node_with_outputs("Split", {x}, 2, {{"axis", 3}});
    return b.finish({pooled[0], split[1]});
  };
  const Graph graph = check_pass(optimize::remove_unused, build);
  CHECK(op_types(graph) == "MaxPool Split ");
  CHECK(graph.nodes[0].outputs == std::vector<ValueId>{graph.outputs[0], kNoValue});
  CHECK(graph.nodes[1].outputs.size() == 2);
}

}  // namespace synsight::test
