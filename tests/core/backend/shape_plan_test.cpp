// SPDX-License-Identifier: Apache-2.0
#include "core/backend/shape_plan.h"

#include <doctest/doctest.h>

#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

// x.reshape(x.shape[0], -1) as PyTorch's exporter writes it, then a Gemm.
Graph flattening_network() {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {-1, 3, -1, -1});
  const ValueId shape = builder.node("Shape", {x}, {}, "shape");
  const ValueId zero = builder.initializer("zero", {{}, {0}, DType::kInt64});
  const ValueId batch = builder.node("Gather", {shape, zero}, {{"axis", 0}}, "batch");
  const ValueId axes = builder.initializer("axes", integers({0}));
  const ValueId batch_list = builder.node("Unsqueeze", {batch, axes}, {}, "batch_list");
  const ValueId rest = builder.initializer("rest", integers({-1}));
  const ValueId wanted = builder.node("Concat", {batch_list, rest}, {{"axis", 0}}, "wanted");
  const ValueId relu = builder.node("Relu", {x}, {}, "relu");
  const ValueId flat = builder.node("Reshape", {relu, wanted}, {}, "flat");
  const ValueId weight = builder.initializer("weight", random_tensor({48, 5}, 1));
  return builder.finish({builder.node("Gemm", {flat, weight}, {}, "gemm")});
}

const ops::ValueInfo& value_named(const Graph& graph, const ShapePlan& plan,
                                  std::string_view name) {
  for (size_t id = 0; id < graph.values.size(); ++id) {
    if (graph.values[id].name == name) return plan.values[id];
  }
  FAIL_CHECK("no value ", std::string(name));
  return plan.values[0];
}

void check_refused(const Graph& graph, const std::vector<Shape>& shapes, std::string_view code,
                   const std::vector<std::string>& parts) {
  const auto plan = plan_shapes(graph, shapes);
  CHECK(!plan.has_value());
  if (plan) return;
  CHECK(error_code_name(plan.error().code) == code);
  for (const std::string& part : parts) {
    CHECK_MESSAGE(plan.error().message.find(part) != std::string::npos, plan.error().message);
  }
}

}  // namespace

TEST_CASE("shape arithmetic is evaluated for each batch size") {
  const Graph graph = flattening_network();
  for (const int64_t batch : {1, 3}) {
    const Shape shapes[] = {{batch, 3, 4, 4}};
    const ShapePlan plan = expect(plan_shapes(graph, shapes));
    const ops::ValueInfo& wanted = value_named(graph, plan, "wanted");
    CHECK(wanted.is_known());
    if (wanted.is_known()) {
      CHECK(wanted.view().as<int64_t>()[0] == batch);
      CHECK(wanted.view().as<int64_t>()[1] == -1);
    }
    CHECK(value_named(graph, plan, "flat").shape.to_string() == Shape{batch, 48}.to_string());
    CHECK(value_named(graph, plan, "gemm").shape.to_string() == Shape{batch, 5}.to_string());
    CHECK(!value_named(graph, plan, "flat").is_known());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const std::string& name = graph.nodes[i].name;
      CHECK(plan.is_settled[i] == (name != "relu" && name != "flat" && name != "gemm"));
    }
  }
}

TEST_CASE("an initializer's elements are known and stay where they are") {
  GraphBuilder builder;
  const ValueId a = builder.initializer("a", {{2}, {1, 2}});
  const ValueId b = builder.initializer("b", {{2}, {10, 20}});
  const Graph graph = builder.finish({builder.node("Add", {a, b}, {}, "sum")});
  const ShapePlan plan = expect(plan_shapes(graph, {}));
  CHECK((value_named(graph, plan, "a").data == graph.values[0].initializer.data()));
  const ops::ValueInfo& sum = value_named(graph, plan, "sum");
  CHECK(sum.is_known());
  if (sum.is_known()) CHECK(sum.view().as<float>()[1] == 22);
}

TEST_CASE("what constants give is left to the run where it is very large") {
  GraphBuilder builder;
  const ValueId count = builder.initializer("count", integers({17 << 20}));
  const ValueId large = builder.node("ConstantOfShape", {count}, {}, "large");
  const Graph graph = builder.finish({builder.node("Size", {large}, {}, "size")});
  const ShapePlan plan = expect(plan_shapes(graph, {}));
  CHECK_FALSE(plan.is_settled[0]);
  CHECK(plan.is_settled[1]);
  CHECK(value_named(graph, plan, "size").view().as<int64_t>()[0] == 17 << 20);
}

TEST_CASE("inputs that the model does not allow are refused") {
  const Graph graph = flattening_network();
  check_refused(graph, {}, "invalid_argument", {"got 0 inputs", "has 1"});
  check_refused(graph, {{1, 4, 4, 4}}, "shape_mismatch", {"\"x\"", "[1,4,4,4]", "[?,3,?,?]"});
  check_refused(graph, {{1, 3, 4}}, "shape_mismatch", {"\"x\"", "[1,3,4]"});
  check_refused(graph, {{1, 3, -1, 4}}, "shape_mismatch", {"\"x\""});
  check_refused(graph, {{1, 3, 5, 4}}, "shape_mismatch", {"\"gemm\" (Gemm)", "48", "60"});
  const int64_t huge = int64_t{1} << 40;
  check_refused(graph, {{1, 3, huge, huge}}, "shape_mismatch", {"\"x\"", "too large"});
  check_refused(graph, {{0, 3, huge, huge}}, "shape_mismatch", {"\"x\"", "too large"});
}

TEST_CASE("a shape that only a run knows is refused") {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {2, 3});
  const ValueId wanted = builder.input("wanted", {1}, DType::kInt64);
  const Graph graph = builder.finish({builder.node("Reshape", {x, wanted}, {}, "reshape")});
  check_refused(graph, {{2, 3}, {1}}, "shape_mismatch", {"\"reshape\" (Reshape)", "shape"});
}

TEST_CASE("default shapes have a batch of 1 and the asked size elsewhere") {
  const Graph graph = flattening_network();
  CHECK(expect(default_input_shapes(graph, 7))[0].to_string() == "[1,3,7,7]");
  CHECK(expect(default_input_shapes(graph))[0].to_string() == "[1,3,224,224]");
}

TEST_CASE("open channels are three where they come first") {
  struct Case {
    Shape declared;
    const char* wanted;
  };
  for (const Case& c : {Case{{-1, -1, -1, -1}, "[1,3,7,7]"}, Case{{-1, -1, 9, 9}, "[1,3,9,9]"},
                        Case{{-1, -1, -1, 3}, "[1,7,7,3]"}, Case{{-1, -1, -1, 1}, "[1,7,7,1]"},
                        Case{{-1, -1}, "[1,7]"}, Case{{-1, 1, -1, -1}, "[1,1,7,7]"}}) {
    GraphBuilder builder;
    const ValueId x = builder.input("x", c.declared);
    const Graph graph = builder.finish({builder.node("Relu", {x})});
    CHECK(expect(default_input_shapes(graph, 7))[0].to_string() == c.wanted);
  }
}

TEST_CASE("an input of unknown rank has no default shape") {
  Graph graph = flattening_network();
  graph.value(graph.inputs[0]).has_shape = false;
  const auto shapes = default_input_shapes(graph);
  CHECK(!shapes.has_value());
  if (!shapes) CHECK(shapes.error().message.find("\"x\"") != std::string::npos);
}

}  // namespace synsight::test
