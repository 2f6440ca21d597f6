// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A chain of clamps over `b.node(op_type, {x})`.
using Chain = ValueId (*)(GraphBuilder& b, ValueId value);

ValueId scalar(GraphBuilder& b, double value) { return b.initializer("bound", {{}, {value}}); }

ValueId relu(GraphBuilder& b, ValueId value) { return b.node("Relu", {value}, {}, "result"); }

ValueId clip(GraphBuilder& b, ValueId value) {
  return b.node("Clip", {value, scalar(b, -1), scalar(b, 0.5)}, {}, "result");
}

ValueId relu_then_clip(GraphBuilder& b, ValueId value) {
  return b.node("Clip", {b.node("Relu", {value}), kNoValue, scalar(b, 0.5)}, {}, "result");
}

ValueId crossed_clip(GraphBuilder& b, ValueId value) {
  return b.node("Clip", {value, scalar(b, 3), scalar(b, 1)}, {}, "result");
}

ValueId relu6(GraphBuilder& b, ValueId value) {
  return b.node("Min", {b.node("Max", {value, scalar(b, 0)}), scalar(b, 6)}, {}, "result");
}

ValueId nan_clip(GraphBuilder& b, ValueId value) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return b.node("Clip", {value, scalar(b, nan)}, {}, "result");
}

ValueId fed_clip(GraphBuilder& b, ValueId value) {
  return b.node("Clip", {value, b.input("min", {})}, {}, "result");
}

ValueId maximum_of_a_list(GraphBuilder& b, ValueId value) {
  return b.node("Max", {value, b.initializer("list", {{2}, {-0.5, 0.5}})}, {}, "result");
}

ValueId leaky_relu(GraphBuilder& b, ValueId value) {
  return b.node("LeakyRelu", {value}, {}, "result");
}

struct ChainCase {
  const char* description;
  Chain chain;
  float min;
  float max;
};

const ChainCase kFused[] = {
    {"Relu", relu, 0, kInfinity},
    {"Clip", clip, -1, 0.5},
    {"Relu, then Clip", relu_then_clip, 0, 0.5},
    {"Clip with min above max", crossed_clip, 1, 1},
    {"Max and Min with scalars", relu6, 0, 6},
};

struct KeptCase {
  const char* description;
  Chain chain;
};

const KeptCase kKept[] = {
    {"a bound of NaN", nan_clip},
    {"a bound that is fed", fed_clip},
    {"a bound for each element", maximum_of_a_list},
    {"another function", leaky_relu},
};

/// x * weight, named "layer", with the chain behind it.
Graph product(Chain chain) {
  GraphBuilder b;
  const ValueId x = b.input("x", {3, 2});
  const ValueId weight = b.initializer("weight", random_tensor({2, 2}, 1));
  return b.finish({chain(b, b.node("MatMul", {x, weight}, {}, "layer"))});
}

ValueId image_node(GraphBuilder& b, const std::string& op_type) {
  const ValueId x = b.input("x", {1, 4, 6, 6});
  const auto constant = [&](const Shape& shape) {
    return b.initializer("constant", random_tensor(shape, 3, 0.5, 2));
  };
  if (op_type == "Conv") return b.node(op_type, {x, constant({2, 4, 3, 3})}, {}, "layer");
  if (op_type == "BatchNormalization") {
    return b.node(op_type, {x, constant({4}), constant({4}), constant({4}), constant({4})}, {},
                  "layer");
  }
  if (op_type == "Add" || op_type == "Mul" || op_type == "Sub" || op_type == "Div") {
    return b.node(op_type, {x, constant({4, 1, 1})}, {}, "layer");
  }
  if (op_type == "AveragePool" || op_type == "MaxPool") {
    return b.node(op_type, {x}, {{"kernel_shape", {2, 2}}}, "layer");
  }
  if (op_type == "Transpose") return b.node(op_type, {x}, {{"perm", {0, 2, 3, 1}}}, "layer");
  if (op_type == "Concat") return b.node(op_type, {x, x}, {{"axis", 1}}, "layer");
  return b.node(op_type, {x}, {}, "layer");
}

}  // namespace

TEST_CASE("clamps become the range of the node before them, which keeps its name") {
  for (const ChainCase& c : kFused) {
    CAPTURE(c.description);
    const Graph graph = check_pass(optimize::fuse_activations, [&] { return product(c.chain); });
    CHECK(op_types(graph) == "MatMul ");
    CHECK(graph.nodes[0].name == "layer");
    CHECK(graph.nodes[0].activation.min == c.min);
    CHECK(graph.nodes[0].activation.max == c.max);
    CHECK(graph.value(graph.outputs[0]).name == "result");
  }
}

TEST_CASE("what is no clamp to constants stays") {
  for (const KeptCase& c : kKept) {
    CAPTURE(c.description);
    const Graph graph = check_pass(optimize::fuse_activations, [&] { return product(c.chain); });
    CHECK(graph.nodes.size() == 2);
    CHECK(graph.nodes[0].activation.is_identity());
  }
}

TEST_CASE("bounds in attributes are fused as well") {
  const auto build = [] {
    GraphBuilder b(10);
    const ValueId x = b.input("x", {4});
    return b.finish({b.node("Clip", {b.node("Add", {x, x})}, {{"min", 0.0}, {"max", 6.0}})});
  };
  const Graph graph = check_pass(optimize::fuse_activations, build);
  CHECK(op_types(graph) == "Add ");
  CHECK(graph.nodes[0].activation.max == 6);
}

TEST_CASE("operators that compute their elements clamp them, those that move them do not") {
  for (const char* op_type :
       {"Conv", "BatchNormalization", "Add", "Mul", "Sub", "Div", "AveragePool", "MaxPool",
        "GlobalAveragePool", "Transpose", "Concat", "Softmax", "Sigmoid"}) {
    CAPTURE(op_type);
    const auto build = [&] {
      GraphBuilder b;
      return b.finish({relu(b, image_node(b, op_type))});
    };
    const std::string name = op_type;
    const bool moves =
        name == "Transpose" || name == "Concat" || name == "Softmax" || name == "Sigmoid";
    CHECK(check_pass(optimize::fuse_activations, build).nodes.size() == (moves ? 2 : 1));
  }
}

TEST_CASE("consecutive clamps that no node can take over become one") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {4});
    return b.finish({b.node("Clip", {b.node("Relu", {x}, {}, "relu"), kNoValue, scalar(b, 1)})});
  };
  const Graph graph = check_pass(optimize::fuse_activations, build);
  CHECK(op_types(graph) == "Relu ");
  CHECK(graph.nodes[0].activation.max == 1);
}

TEST_CASE("clamps that both nodes have already are kept") {
  const auto build = [] {
    Graph graph = product(relu);
    graph.nodes[0].activation = {-kInfinity, 0.5};
    graph.nodes[1].activation = {0.25, kInfinity};
    return graph;
  };
  const Graph graph = check_pass(optimize::fuse_activations, build);
  CHECK(op_types(graph) == "MatMul ");
  CHECK(graph.nodes[0].activation.min == 0.25f);
  CHECK(graph.nodes[0].activation.max == 0.5f);
}

TEST_CASE("a value that something else needs is not clamped") {
  const auto build_returned = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {4});
    const ValueId sum = b.node("Add", {x, x});
    return b.finish({b.node("Relu", {sum}), sum});
  };
  const auto build_read_twice = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {4});
    const ValueId sum = b.node("Add", {x, x});
    return b.finish({b.node("Relu", {sum}), b.node("Neg", {sum})});
  };
  CHECK(check_pass(optimize::fuse_activations, build_returned).nodes.size() == 2);
  CHECK(check_pass(optimize::fuse_activations, build_read_twice).nodes.size() == 3);
}

TEST_CASE("integers, a second output and unknown types are left alone") {
  const auto build_integers = [] {
    GraphBuilder b(14);
    const ValueId x = b.input("x", {4}, DType::kInt64);
    return b.finish({b.node("Relu", {b.node("Add", {x, x})})});
  };
  const auto build_indices = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 1, 4, 4});
    const auto pooled = b.node_with_outputs("MaxPool", {x}, 2, {{"kernel_shape", {2, 2}}});
    return b.finish({b.node("Relu", {pooled[0]}), pooled[1]});
  };
  CHECK(check_pass(optimize::fuse_activations, build_integers).nodes.size() == 2);
  CHECK(check_pass(optimize::fuse_activations, build_indices).nodes.size() == 2);
}

}  // namespace synsight::test
