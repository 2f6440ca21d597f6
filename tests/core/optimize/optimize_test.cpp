// SPDX-License-Identifier: Apache-2.0
#include "core/optimize/optimize.h"

#include <doctest/doctest.h>

#include "core/backend/reference/reference_backend.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

ValueId integers(GraphBuilder& b, std::vector<double> values) {
  const auto count = static_cast<int64_t>(values.size());
  return b.initializer("integers", {{count}, std::move(values), DType::kInt64});
}

/// A small network with everything that the passes look for: x -> Pad -> Conv (8-bit weights) ->
/// BatchNormalization -> Clip -> Identity -> (+ itself through Transposes) -> mean -> MatMul +
/// bias.
Graph network() {
  GraphBuilder b;
  const ValueId x = b.input("x", {-1, 3, 9, 8});
  const ValueId padded = b.node("Pad", {x, integers(b, {0, 0, 0, 0, 0, 0, 1, 1})});
  const ValueId bytes =
      b.initializer("bytes", random_tensor({4, 3, 3, 3}, 1, -128, 128, DType::kInt8));
  const ValueId weight =
      b.node("DequantizeLinear", {bytes, b.initializer("step", {{}, {0.0078125}})});
  const ValueId convolved = b.node("Conv", {padded, weight}, {{"strides", {2, 2}}}, "conv");
  std::vector<ValueId> normalization = {convolved};
  for (uint32_t seed = 2; seed < 6; ++seed) {
    normalization.push_back(b.initializer("constant", random_tensor({4}, seed, 0.5, 2)));
  }
  const ValueId normalized = b.node("BatchNormalization", normalization);
  const ValueId zero = b.node("Constant", {}, {{"value_float", 0.0}});
  const ValueId six = b.node("Constant", {}, {{"value_float", 6.0}});
  const ValueId clipped = b.node("Identity", {b.node("Clip", {normalized, zero, six})});
  const ValueId turned = b.node("Transpose", {clipped}, {{"perm", {0, 2, 3, 1}}});
  const ValueId back = b.node("Transpose", {turned}, {{"perm", {0, 3, 1, 2}}});
  const ValueId sum = b.node("Relu", {b.node("Add", {clipped, back}, {}, "add")});
  const ValueId mean = b.node("ReduceMean", {sum}, {{"axes", {2, 3}}, {"keepdims", 0}}, "mean");
  const ValueId matrix = b.initializer("matrix", random_tensor({4, 5}, 7));
  const ValueId product = b.node("MatMul", {mean, matrix}, {}, "dense");
  const ValueId bias = b.initializer("bias", random_tensor({5}, 8));
  return b.finish({b.node("Add", {bias, product}, {}, "logits")});
}

}  // namespace

TEST_CASE("all passes together leave what computes, under its names") {
  const Graph graph = check_pass(optimize::optimize, network, 256);
  CHECK(op_types(graph) == "Conv Add ReduceMean Gemm ");
  CHECK(graph.nodes[0].name == "conv");
  CHECK(graph.nodes[0].activation.max == 6);
  CHECK(graph.nodes[1].name == "add");
  CHECK(graph.nodes[1].activation.min == 0);
  CHECK(graph.nodes[3].name == "dense");
  CHECK(graph.value(graph.outputs[0]).name == "logits");
  CHECK(initializer_bytes(graph) == (4 * 3 * 3 * 3 + 4 + 4 * 5 + 5) * 4);
}

TEST_CASE("weights of 8 bits with a scale a channel and of 16 bits are weights like any other") {
  // The forms that `python -m models convert --weights` writes.
  const auto unpack = [](GraphBuilder& b, const Shape& shape, int64_t axis, uint32_t seed) {
    const ValueId bytes =
        b.initializer("bytes", random_tensor(shape, seed, -128, 128, DType::kInt8));
    const Shape channels{shape[static_cast<size_t>(axis)]};
    const ValueId scale = b.initializer("scale", random_tensor(channels, seed, 0.001, 0.01));
    return b.node("DequantizeLinear", {bytes, scale}, {{"axis", axis}});
  };
  const auto build = [&] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2, 6, 5, 5});
    const ValueId grouped = unpack(b, {4, 3, 3, 3}, 0, 1);
    std::vector<ValueId> normalization = {b.node("Conv", {x, grouped}, {{"group", 2}})};
    for (uint32_t seed = 2; seed < 6; ++seed) {
      normalization.push_back(b.initializer("constant", random_tensor({4}, seed, 0.5, 2)));
    }
    const ValueId normalized = b.node("BatchNormalization", normalization);
    const ValueId halves =
        b.initializer("halves", random_tensor({4, 1, 3, 3}, 6, -1, 1, DType::kFloat16));
    const ValueId depthwise = b.node("Cast", {halves}, {{"to", 1}});
    const ValueId convolved = b.node("Conv", {normalized, depthwise}, {{"group", 4}});
    const ValueId flat = b.node("Flatten", {convolved});
    const ValueId transposed = unpack(b, {7, 4}, 0, 7);
    const ValueId product = b.node("Gemm", {flat, transposed}, {{"transB", 1}});
    const ValueId last = b.node("Gemm", {product, unpack(b, {7, 5}, 1, 8)});
    return b.finish({b.node("MatMul", {last, unpack(b, {5, 3}, 1, 9)})});
  };
  const Graph graph = check_pass(optimize::optimize, build, 256);
  CHECK(op_types(graph).find("Conv Conv Flatten Gemm Gemm ") == 0);
  CHECK(op_types(graph).find("Cast") == std::string::npos);
  CHECK(op_types(graph).find("Linear") == std::string::npos);
  CHECK(initializer_bytes(graph) == (4 * 3 * 9 + 4 + 4 * 9 + 7 * 4 + 7 * 5 + 5 * 3) * 4);
}

TEST_CASE("optimizing twice changes nothing more") {
  const auto once = [] {
    Graph graph = network();
    expect(optimize::optimize(graph));
    return graph;
  };
  CHECK(op_types(check_pass(optimize::optimize, once)) == op_types(once()));
}

TEST_CASE("a graph of constants alone becomes its constants") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId c = b.initializer("c", random_tensor({2, 2}, 1));
    return b.finish({b.node("MatMul", {c, c})});
  };
  CHECK(check_pass(optimize::optimize, build).nodes.empty());
}

}  // namespace synsight::test
