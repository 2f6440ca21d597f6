// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr int64_t kChannels = 4;

/// Builds the layer under test, whose output has kChannels channels.
using Layer = ValueId (*)(GraphBuilder& b);

ValueId conv(GraphBuilder& b) {
  const ValueId x = b.input("x", {2, 3, 5, 6});
  const ValueId weight = b.initializer("weight", random_tensor({kChannels, 3, 3, 3}, 1));
  return b.node("Conv", {x, weight}, {}, "layer");
}

ValueId biased_conv(GraphBuilder& b) {
  const ValueId x = b.input("x", {2, 3, 5, 6});
  const ValueId weight = b.initializer("weight", random_tensor({kChannels, 3, 1, 1}, 1));
  const ValueId bias = b.initializer("bias", random_tensor({kChannels}, 2));
  return b.node("Conv", {x, weight, bias}, {}, "layer");
}

ValueId depthwise_conv(GraphBuilder& b) {
  const ValueId x = b.input("x", {1, kChannels, 5, 6});
  const ValueId weight = b.initializer("weight", random_tensor({kChannels, 1, 3, 3}, 1));
  return b.node("Conv", {x, weight}, {{"group", kChannels}}, "layer");
}

ValueId gemm(GraphBuilder& b) {
  const ValueId x = b.input("x", {3, 5});
  const ValueId weight = b.initializer("weight", random_tensor({5, kChannels}, 1));
  const ValueId bias = b.initializer("bias", random_tensor({1, kChannels}, 2));
  return b.node("Gemm", {x, weight, bias}, {}, "layer");
}

ValueId transposed_gemm(GraphBuilder& b) {
  const ValueId x = b.input("x", {3, 5});
  const ValueId weight = b.initializer("weight", random_tensor({kChannels, 5}, 1));
  const ValueId bias = b.initializer("bias", random_tensor({}, 2));
  return b.node("Gemm", {x, weight, bias}, {{"transB", 1}}, "layer");
}

ValueId matmul(GraphBuilder& b) {
  const ValueId x = b.input("x", {-1, 5});
  const ValueId weight = b.initializer("weight", random_tensor({5, kChannels}, 1));
  return b.node("MatMul", {x, weight}, {}, "layer");
}

ValueId batched_matmul(GraphBuilder& b) {
  const ValueId x = b.input("x", {2, 3, 5});
  const ValueId weight = b.initializer("weight", random_tensor({5, kChannels}, 1));
  return b.node("MatMul", {x, weight}, {}, "layer");
}

ValueId scaled_gemm(GraphBuilder& b) {
  const ValueId x = b.input("x", {3, 5});
  const ValueId weight = b.initializer("weight", random_tensor({5, kChannels}, 1));
  return b.node("Gemm", {x, weight}, {{"alpha", 0.5}}, "layer");
}

ValueId fed_conv(GraphBuilder& b) {
  const ValueId x = b.input("x", {1, 3, 5, 6});
  return b.node("Conv", {x, b.input("weight", {kChannels, 3, 3, 3})}, {}, "layer");
}

ValueId fed_bias_conv(GraphBuilder& b) {
  const ValueId x = b.input("x", {1, 3, 5, 6});
  const ValueId weight = b.initializer("weight", random_tensor({kChannels, 3, 3, 3}, 1));
  return b.node("Conv", {x, weight, b.input("bias", {kChannels})}, {}, "layer");
}

ValueId normalization(GraphBuilder& b) {
  const ValueId x = b.input("x", {2, kChannels, 5, -1});
  std::vector<ValueId> inputs = {x};
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    inputs.push_back(b.initializer("constant", random_tensor({kChannels}, seed, 0.25, 2)));
  }
  return b.node("BatchNormalization", inputs, {}, "layer");
}

ValueId training_normalization(GraphBuilder& b) {
  const ValueId x = b.input("x", {2, kChannels, 5, 6});
  std::vector<ValueId> inputs = {x};
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    inputs.push_back(b.initializer("constant", random_tensor({kChannels}, seed, 0.25, 2)));
  }
  return b.node("BatchNormalization", inputs, {{"training_mode", 1}}, "layer");
}

ValueId max_pool(GraphBuilder& b) {
  const ValueId x = b.input("x", {1, kChannels, 5, 6});
  return b.node("MaxPool", {x}, {{"kernel_shape", {2, 2}}}, "layer");
}

ValueId normalized(GraphBuilder& b, ValueId layer, bool in_training = false) {
  const auto constant = [&](const char* name, uint32_t seed, double low) {
    return b.initializer(name, random_tensor({kChannels}, seed, low, 2));
  };
  return b.node("BatchNormalization",
                {layer, constant("scale", 3, -1), constant("shift", 4, -1), constant("mean", 5, -1),
                 constant("variance", 6, 0.1)},
                {{"epsilon", 0.01}, {"training_mode", in_training ? 1 : 0}});
}

struct LayerCase {
  const char* description;
  Layer layer;
  bool folds;
};

const LayerCase kLayerCases[] = {
    {"Conv", conv, true},
    {"Conv with a bias", biased_conv, true},
    {"depthwise Conv", depthwise_conv, true},
    {"Gemm", gemm, true},
    {"Gemm with transB and one bias", transposed_gemm, true},
    {"MatMul", matmul, true},
    {"BatchNormalization", normalization, true},
    {"BatchNormalization in training", training_normalization, false},
    {"Gemm with alpha", scaled_gemm, false},
    {"Conv whose weight is fed", fed_conv, false},
    {"Conv whose bias is fed", fed_bias_conv, false},
    {"MaxPool", max_pool, false},
};

struct ArithmeticCase {
  const char* op_type;
  Layer layer;
  Shape constant;
  bool is_constant_first = false;
  bool folds = true;
};

const ArithmeticCase kArithmeticCases[] = {
    {"Add", conv, {kChannels, 1, 1}},
    {"Add", biased_conv, {1, kChannels, 1, 1}},
    {"Add", conv, {kChannels, 1, 1}, true},
    {"Sub", conv, {kChannels, 1, 1}},
    {"Sub", biased_conv, {kChannels, 1, 1}, true},
    {"Mul", biased_conv, {kChannels, 1, 1}},
    {"Mul", depthwise_conv, {}},
    {"Mul", conv, {1, 1, 1, 1}, true},
    {"Div", biased_conv, {kChannels, 1, 1}},
    {"Add", gemm, {kChannels}},
    {"Mul", transposed_gemm, {1, kChannels}},
    {"Add", matmul, {kChannels}},
    {"Add", matmul, {1, kChannels}, true},
    {"Mul", matmul, {1}},
    {"Mul", normalization, {kChannels, 1, 1}},
    {"Add", normalization, {1, kChannels, 1, 1}},
    {"Div", conv, {kChannels, 1, 1}, true, false},
    {"Add", conv, {kChannels}, false, false},
    {"Add", conv, {1, 1, 1, kChannels}, false, false},
    {"Add", conv, {1, 1, 1, 1, 1}, false, false},
    {"Mul", conv, {2, 1, 1, 1}, false, false},
    {"Add", conv, {1, kChannels, 3, 4}, false, false},
    {"Add", gemm, {3, 1}, false, false},
    {"Add", batched_matmul, {kChannels}, false, false},
    {"Pow", conv, {kChannels, 1, 1}, false, false},
};

Graph build(const ArithmeticCase& c) {
  GraphBuilder b;
  const ValueId layer = c.layer(b);
  const ValueId constant = b.initializer("constant", random_tensor(c.constant, 7, 1, 3));
  const ValueId first = c.is_constant_first ? constant : layer;
  const ValueId second = c.is_constant_first ? layer : constant;
  return b.finish({b.node(c.op_type, {first, second}, {}, "result")});
}

}  // namespace

TEST_CASE("a BatchNormalization by its input's own statistics stays where it is") {
  const auto build = [] {
    GraphBuilder b(14);
    return b.finish({normalized(b, normalization(b), true)});
  };
  CHECK(check_pass(optimize::fold_batch_normalization, build, 64).nodes.size() == 2);
}

TEST_CASE("a BatchNormalization goes into the layer before it where that has constants alone") {
  for (const LayerCase& c : kLayerCases) {
    CAPTURE(c.description);
    const auto build_case = [&] {
      GraphBuilder b(14);
      return b.finish({normalized(b, c.layer(b))});
    };
    const Graph graph = check_pass(optimize::fold_batch_normalization, build_case, 64);
    CHECK(graph.nodes.size() == (c.folds ? 1 : 2));
    CHECK((node_named(graph, "layer").outputs == graph.outputs) == c.folds);
  }
}

TEST_CASE("constants for each channel go into the layer before them") {
  for (const ArithmeticCase& c : kArithmeticCases) {
    CAPTURE(c.op_type);
    CAPTURE(c.constant.to_string());
    CAPTURE(c.is_constant_first);
    const Graph graph =
        check_pass(optimize::fold_batch_normalization, [&] { return build(c); }, 64);
    CHECK(graph.nodes.size() == (c.folds ? 1 : 2));
    if (c.folds) CHECK(graph.nodes[0].name == "layer");
    if (c.folds) CHECK(graph.value(graph.outputs[0]).name == "result");
  }
}

TEST_CASE("a MatMul with a constant added is a Gemm") {
  const ArithmeticCase c{"Add", matmul, {kChannels}};
  CHECK(op_types(check_pass(
            optimize::fold_batch_normalization, [&] { return build(c); }, 64)) == "Gemm ");
}

TEST_CASE("a whole chain goes into one layer and its constants are freed") {
  const auto build_chain = [] {
    GraphBuilder b;
    ValueId value = normalized(b, biased_conv(b));
    value = b.node("Mul", {value, b.initializer("factor", random_tensor({kChannels, 1, 1}, 8))});
    return b.finish({b.node("Add", {value, b.initializer("one", {{}, {1}})})});
  };
  const Graph graph = check_pass(optimize::fold_batch_normalization, build_chain, 64);
  CHECK(op_types(graph) == "Conv ");
  CHECK(initializer_bytes(graph) == (kChannels * 3 + kChannels) * 4);
}

TEST_CASE("a value that something else needs stays as it is") {
  const auto build_returned = [] {
    GraphBuilder b;
    const ValueId layer = conv(b);
    return b.finish({normalized(b, layer), layer});
  };
  const auto build_read_twice = [] {
    GraphBuilder b;
    const ValueId layer = conv(b);
    return b.finish({normalized(b, layer), b.node("Relu", {layer})});
  };
  CHECK(check_pass(optimize::fold_batch_normalization, build_returned).nodes.size() == 2);
  CHECK(check_pass(optimize::fold_batch_normalization, build_read_twice).nodes.size() == 3);
}

TEST_CASE("a node that clamps is not scaled, and a clamp is not lost") {
  const auto build_clamped = [] {
    GraphBuilder b;
    const ValueId layer = conv(b);
    Graph graph = b.finish({normalized(b, layer)});
    graph.nodes[0].activation = {0, 6};
    return graph;
  };
  const auto build_clamped_result = [] {
    GraphBuilder b;
    Graph graph = b.finish({normalized(b, conv(b))});
    graph.nodes[1].activation = {0, 6};
    return graph;
  };
  CHECK(check_pass(optimize::fold_batch_normalization, build_clamped).nodes.size() == 2);
  CHECK(check_pass(optimize::fold_batch_normalization, build_clamped_result).nodes.size() == 2);
}

TEST_CASE("weights that two layers share are scaled for one of them only") {
  const auto build_shared = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 3, 5, 5});
    const ValueId weight = b.initializer("weight", random_tensor({kChannels, 3, 3, 3}, 1));
    const ValueId first = b.node("Conv", {x, weight});
    const ValueId second = b.node("Conv", {x, weight});
    return b.finish({normalized(b, first), second});
  };
  const Graph graph = check_pass(optimize::fold_batch_normalization, build_shared, 64);
  CHECK(op_types(graph) == "Conv Conv ");
  CHECK(graph.nodes[0].inputs[1] != graph.nodes[1].inputs[1]);
}

TEST_CASE("a MatMul whose input may have more dimensions stays one") {
  const auto build_squeezed = [] {
    GraphBuilder b;
    const ValueId x = b.node("Squeeze", {b.input("x", {-1, 3, 5})});
    const ValueId weight = b.initializer("weight", random_tensor({5, kChannels}, 1));
    const ValueId bias = b.initializer("bias", random_tensor({kChannels}, 2));
    return b.finish({b.node("Add", {b.node("MatMul", {x, weight}), bias})});
  };
  CHECK(op_types(check_pass(optimize::fold_batch_normalization, build_squeezed)) ==
        "Squeeze MatMul Add ");
}

TEST_CASE("what is quantised next is rounded as it was") {
  for (const bool is_clamped : {false, true}) {
    const auto build_quantized = [&] {
      GraphBuilder b;
      const ValueId last = normalized(b, conv(b));
      const ValueId scale = b.initializer("scale", {{}, {0.125}});
      return b.finish(
          {b.node("QuantizeLinear", {is_clamped ? b.node("Relu", {last}) : last, scale})});
    };
    CHECK(op_types(check_pass(optimize::fold_batch_normalization, build_quantized)) ==
          (is_clamped ? "Conv BatchNormalization Relu QuantizeLinear "
                      : "Conv BatchNormalization QuantizeLinear "));
  }
}

TEST_CASE("a division by zero is left to the run") {
  const auto build_division = [] {
    GraphBuilder b;
    const ValueId layer = conv(b);
    return b.finish({b.node("Div", {layer, b.initializer("zero", {{}, {0}})})});
  };
  CHECK(check_pass(optimize::fold_batch_normalization, build_division).nodes.size() == 2);
}

}  // namespace synsight::test
