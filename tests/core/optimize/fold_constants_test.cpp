// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {}  // namespace

TEST_CASE("whatever depends on constants alone becomes an initializer") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {2, 3});
    const ValueId two = b.node("Constant", {}, {{"value_float", 2.0}});
    const ValueId weight = b.initializer("weight", random_tensor({3, 2}, 1));
    const ValueId turned = b.node("Transpose", {weight});
    const ValueId scaled = b.node("Mul", {turned, two}, {}, "scaled");
    return b.finish({b.node("Add", {x, b.node("Relu", {scaled}, {}, "relu")})});
  };
  const Graph graph = check_pass(optimize::fold_constants, build);
  CHECK(op_types(graph) == "Add ");
  CHECK(initializer_bytes(graph) == 24);
  const Value& folded = graph.value(graph.nodes[0].inputs[1]);
  CHECK(folded.name == "relu");
  CHECK(folded.is_initializer);
}

TEST_CASE("8-bit constants are unpacked once and their bytes freed") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {600, 800});
    const ValueId bytes =
        b.initializer("bytes", random_tensor({600, 800}, 1, -128, 128, DType::kInt8));
    const ValueId scale = b.initializer("scale", {{}, {0.125}});
    const ValueId zero = b.initializer("zero", {{}, {3}, DType::kInt8});
    const ValueId unpacked = b.node("DequantizeLinear", {bytes, scale, zero});
    return b.finish({b.node("Add", {x, unpacked})});
  };
  const Graph graph = check_pass(optimize::fold_constants, build);
  CHECK(op_types(graph) == "Add ");
  CHECK(initializer_bytes(graph) == 600 * 800 * 4);
}

TEST_CASE("a result that is much larger than its inputs is left to where it is needed") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1000, 1000});
    const ValueId shape = b.initializer("shape", integers({1000, 1000}));
    const ValueId large = b.node("Expand", {b.initializer("one", {{1}, {1}}), shape});
    const ValueId small = b.node(
        "Expand", {b.initializer("two", {{1}, {2}}), b.initializer("small", integers({1000}))});
    return b.finish({b.node("Add", {b.node("Add", {x, large}), small})});
  };
  CHECK(op_types(check_pass(optimize::fold_constants, build)) == "Expand Add Add ");
}

TEST_CASE("a result beyond any sensible size is left alone, even if it is a weight") {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 1});
  const ValueId shape = b.initializer("shape", integers({1, 17 << 20}));
  Graph graph = b.finish({b.node("MatMul", {x, b.node("ConstantOfShape", {shape})})});
  expect(optimize::fold_constants(graph));
  CHECK(op_types(graph) == "ConstantOfShape MatMul ");
}

TEST_CASE("weights are folded where other results of their size are not") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1, 800});
    const ValueId shape = b.initializer("shape", integers({800, 500, 1}));
    const ValueId weight = b.node("ConstantOfShape", {shape}, {{"value", TestTensor{{1}, {0.5}}}});
    const ValueId matrix = b.initializer("matrix", integers({800, 500}));
    return b.finish({b.node("MatMul", {x, b.node("Reshape", {weight, matrix})})});
  };
  const Graph graph = check_pass(optimize::fold_constants, build);
  CHECK(op_types(graph) == "MatMul ");
  CHECK(initializer_bytes(graph) == 800 * 500 * 4);
}

TEST_CASE("a large Constant becomes an initializer all the same") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {1});
    const ValueId large = b.node("Constant", {}, {{"value", random_tensor({600000}, 1)}});
    return b.finish({b.node("Add", {x, large})});
  };
  CHECK(op_types(check_pass(optimize::fold_constants, build)) == "Add ");
}

TEST_CASE("a constant that something else reads stays, and so does one that is returned") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {3});
    const ValueId c = b.initializer("c", random_tensor({3}, 1));
    const ValueId negative = b.node("Neg", {c}, {}, "negative");
    return b.finish({b.node("Add", {x, c}), b.node("Mul", {x, negative}), negative});
  };
  const Graph graph = check_pass(optimize::fold_constants, build);
  CHECK(op_types(graph) == "Add Mul ");
  CHECK(initializer_bytes(graph) == 24);
}

TEST_CASE("what depends on an input stays, and so does an unknown operator") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId x = b.input("x", {3});
    return b.finish({b.node("Add", {b.node("Shape", {x}), b.initializer("c", integers({1}))})});
  };
  CHECK(op_types(check_pass(optimize::fold_constants, build)) == "Shape Add ");
  GraphBuilder b;
  const ValueId c = b.initializer("c", random_tensor({3}, 1));
  Graph graph = b.finish({b.node("NoSuchOperator", {c})});
  expect(optimize::fold_constants(graph));
  CHECK(op_types(graph) == "NoSuchOperator ");
}

TEST_CASE("an error among constants is answered, with the node named") {
  GraphBuilder b;
  const ValueId a = b.initializer("a", integers({1}));
  const ValueId zero = b.initializer("zero", integers({0}));
  Graph graph = b.finish({b.node("Div", {a, zero}, {}, "ratio")});
  const Status status = optimize::fold_constants(graph);
  CHECK(!status.has_value());
  if (status) return;
  CHECK(error_code_name(status.error().code) == "invalid_argument");
  CHECK(status.error().message.find("\"ratio\"") != std::string::npos);
}

}  // namespace synsight::test
