// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "core/ops/evaluate.h"
#include "core/ops/op.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

Node make_node(std::string op_type, int64_t opset, size_t num_inputs, size_t num_outputs) {
  Node node;
  node.name = "tested";
  node.op_type = std::move(op_type);
  node.opset = opset;
  node.inputs.assign(num_inputs, 0);
  node.outputs.assign(num_outputs, 1);
  return node;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the operator table is sorted, complete and without overlaps") {
  const auto table = ops::op_table();
  CHECK(table.size() > 50);
  for (size_t i = 0; i < table.size(); ++i) {
    const ops::Op& op = table[i];
    CAPTURE(op.name);
    CHECK((op.infer != nullptr));
    CHECK((op.kernel != nullptr));
    CHECK(op.min_opset >= ops::kOldestOpset);
    CHECK(op.min_opset <= op.max_opset);
    CHECK(op.max_opset <= ops::kNewestOpset);
    CHECK(op.min_inputs <= op.max_inputs);
    CHECK(op.max_outputs >= 1);
    if (i == 0) continue;
    const ops::Op& before = table[i - 1];
    CHECK(before.name <= op.name);
    if (before.name == op.name) CHECK(before.max_opset < op.min_opset);
  }
}

TEST_CASE("find_op takes the row of the node's opset") {
  CHECK(expect(ops::find_op(make_node("Dropout", 11, 1, 1)))->max_inputs == 1);
  CHECK(expect(ops::find_op(make_node("Dropout", 12, 3, 2)))->max_inputs == 3);
}

TEST_CASE("find_op refuses what is outside the table, by name") {
  struct Case {
    Node node;
    ErrorCode code;
    std::string_view part;
  };
  Node foreign = make_node("Conv", 1, 2, 1);
  foreign.domain = "com.example";
  Node without_output = make_node("Conv", 13, 2, 1);
  without_output.outputs[0] = kNoValue;
  const Case cases[] = {
      {make_node("GridSample", 16, 2, 1), ErrorCode::kUnsupportedOp,
       "(GridSample): the operator is not supported"},
      {make_node("Conv", 6, 2, 1), ErrorCode::kUnsupportedOp, "not supported in opset 6"},
      {make_node("Conv", ops::kNewestOpset + 1, 2, 1), ErrorCode::kUnsupportedOp, "opset"},
      {std::move(foreign), ErrorCode::kUnsupportedOp, "com.example"},
      {make_node("Conv", 13, 1, 1), ErrorCode::kInvalidModel, "has 1 inputs, wanted 2 to 3"},
      {make_node("Conv", 13, 4, 1), ErrorCode::kInvalidModel, "has 4 inputs, wanted 2 to 3"},
      {make_node("Relu", 13, 2, 1), ErrorCode::kInvalidModel, "has 2 inputs, wanted 1"},
      {make_node("Concat", 13, 0, 1), ErrorCode::kInvalidModel, "has 0 inputs, wanted at least 1"},
      {make_node("Conv", 13, 2, 2), ErrorCode::kInvalidModel, "has 2 outputs, wanted 1"},
      {make_node("Conv", 13, 2, 0), ErrorCode::kInvalidModel, "has 0 outputs, wanted 1"},
      {std::move(without_output), ErrorCode::kInvalidModel, "first output is missing"},
  };
  for (const Case& c : cases) {
    const auto op = ops::find_op(c.node);
    CHECK(!op.has_value());
    if (op) continue;
    CHECK(error_code_name(op.error().code) == error_code_name(c.code));
    CHECK_MESSAGE(contains(op.error().message, c.part), op.error().message);
    CHECK(contains(op.error().message, "node \"tested\""));
  }
}

TEST_CASE("outputs that do not fit in memory are an error that names the node") {
  const Node node = make_node("ConstantOfShape", 13, 1, 1);
  const int64_t dims[] = {int64_t{1} << 31, 1 << 10};
  const ops::ValueInfo input = {DType::kInt64, {2}, dims};
  const ops::ValueInfo output = {DType::kFloat32, {dims[0], dims[1]}};
  const auto tensors = ops::evaluate(node, {&input, 1}, {&output, 1});
  REQUIRE_FALSE(tensors.has_value());
  CHECK(contains(tensors.error().message, "node \"tested\" (ConstantOfShape): "));
}

TEST_CASE("a fused activation clamps the operator's output") {
  Node node = make_node("Gemm", 13, 2, 1);
  node.activation = {.min = 0, .max = 6};
  const float a[] = {1, 2};
  const float b[] = {1, -1, 4, 1, 1, 1};
  float y[] = {-1, -1, -1};
  const TensorView inputs[] = {{DType::kFloat32, {1, 2}, a}, {DType::kFloat32, {2, 3}, b}};
  const MutableTensorView outputs[] = {{DType::kFloat32, {1, 3}, y}};
  expect(ops::run_reference(node, inputs, outputs));
  CHECK(y[0] == 3);
  CHECK(y[1] == 1);
  CHECK(y[2] == 6);
  const float bigger[] = {1, 4};
  const TensorView others[] = {{DType::kFloat32, {1, 2}, bigger}, inputs[1]};
  expect(ops::run_reference(node, others, outputs));
  CHECK(y[0] == 5);
  CHECK(y[1] == 3);
  CHECK(y[2] == 6);
}

}  // namespace synsight::test
