// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

/// Nodes between a Neg and an Abs: x has the shape [2,1,3,4], or [?,1,3,4].
using Middle = ValueId (*)(GraphBuilder& b, ValueId value);

ValueId list(GraphBuilder& b, const std::vector<int64_t>& values) {
  return b.initializer("list", integers(values));
}

ValueId transpose(GraphBuilder& b, ValueId value, std::vector<int64_t> perm) {
  return b.node("Transpose", {value}, {{"perm", std::move(perm)}});
}

struct Case {
  const char* description;
  Middle middle;
  bool goes = true;
  bool goes_with_any_batch = true;
};

const Case kCases[] = {
    {"Identity", [](auto& b, auto x) { return b.node("Identity", {x}); }},
    {"Dropout", [](auto& b, auto x) { return b.node("Dropout", {x}); }},
    {"Dropout with an unread mask",
     [](auto& b, auto x) { return b.node_with_outputs("Dropout", {x}, 2)[0]; }},
    {"Dropout that is told not to train",
     [](auto& b, auto x) {
       const ValueId mode = b.initializer("mode", {{}, {0}, DType::kBool});
       return b.node("Dropout", {x, kNoValue, mode});
     }},
    {"Cast to the same type", [](auto& b, auto x) { return b.node("Cast", {x}, {{"to", 1}}); }},
    {"Cast there and back",
     [](auto& b, auto x) {
       return b.node("Cast", {b.node("Cast", {x}, {{"to", 6}})}, {{"to", 1}});
     },
     false, false},
    {"Pad by nothing",
     [](auto& b, auto x) { return b.node("Pad", {x, list(b, {0, 0, 0, 0, 0, 0, 0, 0})}); }},
    {"Pad before",
     [](auto& b, auto x) { return b.node("Pad", {x, list(b, {0, 0, 1, 0, 0, 0, 0, 0})}); }, false,
     false},
    {"Pad behind",
     [](auto& b, auto x) { return b.node("Pad", {x, list(b, {0, 0, 0, 0, 0, 0, 0, 1})}); }, false,
     false},
    {"Pad that shifts",
     [](auto& b, auto x) { return b.node("Pad", {x, list(b, {0, 0, 1, 0, 0, 0, -1, 0})}); }, false,
     false},
    {"Concat of one", [](auto& b, auto x) { return b.node("Concat", {x}, {{"axis", 1}}); }},
    {"Concat of two", [](auto& b, auto x) { return b.node("Concat", {x, x}, {{"axis", 1}}); },
     false, false},
    {"Sum of one", [](auto& b, auto x) { return b.node("Sum", {x}); }},
    {"Slice of everything",
     [](auto& b, auto x) {
       return b.node("Slice", {x, list(b, {0}), list(b, {99}), list(b, {2})});
     },
     true, false},
    {"Slice backwards",
     [](auto& b, auto x) {
       return b.node("Slice", {x, list(b, {-1}), list(b, {-99}), list(b, {2}), list(b, {-1})});
     },
     false, false},
    {"Reshape to the same shape",
     [](auto& b, auto x) { return b.node("Reshape", {x, list(b, {0, -1, 3, 4})}); }, true, false},
    {"Reshape to another shape",
     [](auto& b, auto x) { return b.node("Reshape", {x, list(b, {-1, 1, 4, 3})}); }, false, false},
    {"Reshape to its own shape",
     [](auto& b, auto x) { return b.node("Reshape", {x, b.node("Shape", {x})}); }, true, false},
    {"Expand to the same shape",
     [](auto& b, auto x) { return b.node("Expand", {x, list(b, {1, 1, 3, 1})}); }, true, false},
    {"Expand to more", [](auto& b, auto x) { return b.node("Expand", {x, list(b, {1, 5, 1, 1})}); },
     false, false},
    {"Tile once", [](auto& b, auto x) { return b.node("Tile", {x, list(b, {1, 1, 1, 1})}); }, true,
     false},
    {"Transpose by nothing", [](auto& b, auto x) { return transpose(b, x, {0, 1, 2, 3}); }},
    {"Transpose that turns",
     [](auto& b, auto x) { return transpose(b, transpose(b, x, {0, 1, 3, 2}), {0, 2, 1, 3}); },
     false, false},
    {"Transposes that cancel",
     [](auto& b, auto x) { return transpose(b, transpose(b, x, {0, 2, 3, 1}), {0, 3, 1, 2}); }},
    {"Transposes that cancel twice",
     [](auto& b, auto x) {
       const ValueId turned = transpose(b, transpose(b, x, {0, 2, 3, 1}), {3, 2, 1, 0});
       return transpose(b, transpose(b, turned, {3, 2, 1, 0}), {0, 3, 1, 2});
     }},
    {"the same Transpose twice",
     [](auto& b, auto x) { return transpose(b, transpose(b, x, {0, 2, 3, 1}), {0, 2, 3, 1}); },
     false, false},
    {"Unsqueeze, then Squeeze",
     [](auto& b, auto x) {
       return b.node("Squeeze", {b.node("Unsqueeze", {x, list(b, {0, 5})}), list(b, {-1, 0})});
     }},
    {"Unsqueeze, then Squeeze of another axis",
     [](auto& b, auto x) {
       return b.node("Squeeze", {b.node("Unsqueeze", {x, list(b, {0})}), list(b, {2})});
     },
     false, false},
    {"Squeeze, then Unsqueeze",
     [](auto& b, auto x) {
       return b.node("Unsqueeze", {b.node("Squeeze", {x, list(b, {1})}), list(b, {-3})});
     }},
    {"Flatten, then Reshape back",
     [](auto& b, auto x) {
       return b.node("Reshape", {b.node("Flatten", {x}), list(b, {-1, 1, 3, 4})});
     },
     true, false},
};

Graph build(Middle middle, int64_t batch) {
  GraphBuilder b;
  const ValueId x = b.input("x", {batch, 1, 3, 4});
  return b.finish({b.node("Abs", {middle(b, b.node("Neg", {x}))}, {}, "result")});
}

}  // namespace

TEST_CASE("nodes and pairs of nodes that change nothing go") {
  for (const Case& c : kCases) {
    CAPTURE(c.description);
    for (const int64_t batch : {2, -1}) {
      const Graph graph =
          check_pass(optimize::remove_no_ops, [&] { return build(c.middle, batch); });
      const bool goes = batch == -1 ? c.goes_with_any_batch : c.goes;
      CHECK((op_types(graph) == "Neg Abs ") == goes);
    }
  }
}

TEST_CASE("a Reshape that keeps its input's shape only for some batch stays") {
  const auto build_batch_of_one = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {-1, 6});
    return b.finish({b.node("Reshape", {x, list(b, {1, -1})})});
  };
  CHECK(check_pass(optimize::remove_no_ops, build_batch_of_one).nodes.size() == 1);
}

TEST_CASE("the graph's output keeps its name and moves to the node before") {
  const auto build_last = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {3});
    const ValueId sum = b.node("Add", {x, x}, {}, "sum");
    return b.finish({b.node("Identity", {sum}, {}, "result"), b.node("Relu", {sum})});
  };
  const Graph graph = check_pass(optimize::remove_no_ops, build_last);
  CHECK(op_types(graph) == "Add Relu ");
  CHECK(graph.value(graph.outputs[0]).name == "result");
}

TEST_CASE("what joins an input, a constant or an output to an output stays") {
  const auto build_joins = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {3});
    const ValueId c = b.initializer("c", random_tensor({3}, 1));
    const ValueId sum = b.node("Add", {x, x});
    return b.finish(
        {b.node("Identity", {x}), b.node("Identity", {c}), sum, b.node("Identity", {sum})});
  };
  CHECK(check_pass(optimize::remove_no_ops, build_joins).nodes.size() == 4);
}

TEST_CASE("a Transpose that others read stays when one behind it is undone") {
  const auto build_shared = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 2, 3, 4});
    const ValueId turned = transpose(b, x, {0, 2, 3, 1});
    const ValueId back = transpose(b, turned, {0, 3, 1, 2});
    return b.finish({b.node("Relu", {turned}), b.node("Neg", {back})});
  };
  CHECK(op_types(check_pass(optimize::remove_no_ops, build_shared)) == "Transpose Relu Neg ");
}

TEST_CASE("a Dropout that trains stays") {
  GraphBuilder b;
  const ValueId x = b.input("x", {3});
  const ValueId mode = b.initializer("mode", {{}, {1}, DType::kBool});
  Graph graph = b.finish({b.node("Dropout", {b.node("Neg", {x}), kNoValue, mode})});
  expect(optimize::remove_no_ops(graph));
  CHECK(op_types(graph) == "Neg Dropout ");
}

TEST_CASE("a node that undoes one that clamps is no no-op") {
  const auto build_clamped = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2, 3});
    Graph graph = b.finish({transpose(b, transpose(b, b.node("Neg", {x}), {1, 0}), {1, 0})});
    graph.nodes[1].activation = {0, 1};
    return graph;
  };
  CHECK(check_pass(optimize::remove_no_ops, build_clamped).nodes.size() == 3);
}

TEST_CASE("a node that clamps is no no-op") {
  const auto build_clamped = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {3});
    Graph graph = b.finish({b.node("Abs", {b.node("Identity", {b.node("Neg", {x})})})});
    graph.nodes[1].activation = {0, 1};
    return graph;
  };
  CHECK(check_pass(optimize::remove_no_ops, build_clamped).nodes.size() == 3);
}

TEST_CASE("nothing is taken for a no-op where the inputs' ranks are not known") {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId pads = b.input("pads", {4}, DType::kInt64);
  const ValueId padded = b.node("Pad", {b.node("Neg", {x}), pads});
  const ValueId sliced = b.node("Slice", {padded, list(b, {0}), list(b, {9})});
  Graph graph = b.finish({b.node("Reshape", {sliced, list(b, {2, 3})})});
  expect(optimize::remove_no_ops(graph));
  CHECK(op_types(graph) == "Neg Pad Slice Reshape ");
}

}  // namespace synsight::test
