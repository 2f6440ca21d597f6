// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

TestTensor as(DType dtype, TestTensor tensor) {
  tensor.dtype = dtype;
  return tensor;
}

/// relu(x * weight + constant), all of it declared as `dtype`.
Graph scaled(DType dtype) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3}, dtype);
  const ValueId weight = b.initializer("weight", as(dtype, {{3}, {0.5, -2, 4}}));
  const ValueId one = b.node("Constant", {}, {{"value", as(dtype, {{1}, {0.25}})}});
  const ValueId product = b.node("Mul", {x, weight}, {}, "product");
  Graph graph = b.finish({b.node("Relu", {b.node("Add", {product, one})}, {}, "y")});
  graph.value(graph.outputs[0]).dtype = dtype;
  return graph;
}

int64_t cast_target(const Node& node) { return std::get<int64_t>(node.attributes[0].value); }

}  // namespace

TEST_CASE("a model of another float type computes in float32 between casts") {
  const TestTensor x{{2, 3}, {1, 2, 3, -1, -2, -3}};
  const TestTensor y{{2, 3}, {0.75, 0, 12.25, 0, 4.25, 0}};
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat64}) {
    Graph graph = scaled(dtype);
    expect(optimize::compute_in_float32(graph));
    expect(validate(graph));
    CHECK(op_types(graph) == "Cast Constant Mul Add Relu Cast ");
    CHECK(graph.value(graph.inputs[0]).name == "x");
    CHECK((graph.value(graph.inputs[0]).dtype == dtype));
    CHECK(graph.value(graph.outputs[0]).name == "y");
    CHECK(node_named(graph, "y").op_type == "Relu");
    CHECK(initializer_bytes(graph) == 12);
    const Tensor input = to_tensor(as(dtype, x));
    const TensorView views[] = {input.view()};
    const auto outputs = expect(run_graph(ReferenceBackend(), std::move(graph), views));
    CHECK(mismatch(outputs[0].view(), as(dtype, y), 0) == "");
  }
}

TEST_CASE("float32 and integers are left alone") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2, 3});
    const ValueId i = b.input("i", {2}, DType::kInt64);
    return b.finish({b.node("Cast", {x}, {{"to", 6}}), b.node("Add", {i, i})});
  };
  CHECK(op_types(check_pass(optimize::compute_in_float32, build)) == "Cast Add ");
}

TEST_CASE("attributes that name another float type name float32") {
  GraphBuilder b;
  const ValueId x = b.input("x", {2}, DType::kInt32);
  const ValueId shape = b.initializer("shape", {{1}, {2}, DType::kInt64});
  const ValueId halves = b.node("Cast", {x}, {{"to", 10}});
  const TestTensor one{{1}, {1}, DType::kFloat16};
  const ValueId ones = b.node("ConstantOfShape", {shape}, {{"value", one}});
  const ValueId like = b.node("CastLike", {x, b.initializer("type", as(DType::kBFloat16, one))});
  const ValueId integers = b.node("Cast", {b.node("Sum", {halves, ones, like})}, {{"to", 6}});
  Graph graph = b.finish({integers});
  for (Node& node : graph.nodes) node.opset = 15;
  expect(optimize::compute_in_float32(graph));
  CHECK(cast_target(graph.nodes.back()) == 6);
  const Tensor input = to_tensor({{2}, {3, -5}, DType::kInt32});
  const TensorView views[] = {input.view()};
  const auto outputs = expect(run_graph(ReferenceBackend(), std::move(graph), views));
  CHECK(mismatch(outputs[0].view(), {{2}, {7, -9}, DType::kInt32}, 0) == "");
}

TEST_CASE("a Cast to half precision in the model rounds") {
  struct Case {
    DType dtype;
    int64_t number;
    std::vector<double> wanted;
  };
  // 2049 lies between two f16 and 257 between two bf16; halves go to the even number.
  const TestTensor x{{4}, {2049, 257, 1.0 / 3, 65520}};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Case& c : {Case{DType::kFloat16, 10, {2048, 257, 0.333251953125, kInfinity}},
                        Case{DType::kBFloat16, 16, {2048, 256, 0.333984375, 65536}}}) {
    CAPTURE(dtype_name(c.dtype));
    const Tensor input = to_tensor(x);
    const TensorView views[] = {input.view()};
    for (const Backend* backend : all_backends()) {
      CAPTURE(backend->name());
      GraphBuilder b;
      const ValueId half = b.node("Cast", {b.input("x", {4})}, {{"to", c.number}}, "half");
      const ValueId back = b.node("Cast", {half}, {{"to", 1}}, "back");
      Graph graph = b.finish({b.node("Mul", {back, b.initializer("one", {{1}, {1}})}, {}, "y")});
      expect(optimize::optimize(graph));
      const auto outputs = expect(run_graph(*backend, std::move(graph), views));
      CHECK(mismatch(outputs[0].view(), {{4}, c.wanted}, 0) == "");
    }
  }
}

TEST_CASE("an input or constant that is returned keeps its type") {
  GraphBuilder b;
  const ValueId x = b.input("x", {2}, DType::kFloat16);
  const ValueId c = b.initializer("c", {{2}, {1, 2}, DType::kFloat16});
  Graph graph = b.finish({x, c, b.node("Add", {x, c}, {}, "sum")});
  graph.value(graph.outputs[2]).dtype = DType::kFloat16;
  expect(optimize::compute_in_float32(graph));
  expect(validate(graph));
  const Tensor input = to_tensor({{2}, {3, -5}, DType::kFloat16});
  const TensorView views[] = {input.view()};
  const auto outputs = expect(run_graph(ReferenceBackend(), std::move(graph), views));
  CHECK(mismatch(outputs[0].view(), {{2}, {3, -5}, DType::kFloat16}, 0) == "");
  CHECK(mismatch(outputs[1].view(), {{2}, {1, 2}, DType::kFloat16}, 0) == "");
  CHECK(mismatch(outputs[2].view(), {{2}, {4, -3}, DType::kFloat16}, 0) == "");
}

}  // namespace synsight::test
