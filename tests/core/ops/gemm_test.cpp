// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <optional>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct GemmCase {
  const char* description;
  Shape a;
  Shape b;
  Shape y;
  std::optional<Shape> c = {};
  bool trans_a = false;
  bool trans_b = false;
  double alpha = 1;
  double beta = 1;
  int64_t opset = 13;
  DType dtype = DType::kFloat32;
};

// A column of one element stands for every row, and the other way round.
double broadcast_element(const TestTensor& c, std::span<const int64_t> index) {
  std::vector<int64_t> c_index(index.end() - static_cast<std::ptrdiff_t>(c.shape.rank()),
                               index.end());
  for (size_t i = 0; i < c_index.size(); ++i) {
    if (c.shape[i] == 1) c_index[i] = 0;
  }
  return element_at(c, c_index);
}

OpCase to_op_case(const GemmCase& g) {
  const TestTensor a = random_tensor(g.a, 1, -1, 1, g.dtype);
  const TestTensor b = random_tensor(g.b, 2, -1, 1, g.dtype);
  OpCase op_case{g.description, {"Gemm", g.opset, {}, {fed(a), constant(b)}}, {}};
  OpNode& node = op_case.node;
  TestTensor c;
  if (g.c) {
    c = random_tensor(*g.c, 3, -1, 1, g.dtype);
    node.inputs.push_back(constant(c));
  }
  if (g.trans_a) node.attributes.push_back({"transA", 1});
  if (g.trans_b) node.attributes.push_back({"transB", 1});
  if (g.alpha != 1) node.attributes.push_back({"alpha", g.alpha});
  if (g.beta != 1) node.attributes.push_back({"beta", g.beta});
  const int64_t k = g.trans_a ? g.a[0] : g.a[1];
  op_case.outputs.push_back(generate(g.y, [&](std::span<const int64_t> index) {
    double sum = 0;
    for (int64_t p = 0; p < k; ++p) {
      const int64_t a_index[] = {g.trans_a ? p : index[0], g.trans_a ? index[0] : p};
      const int64_t b_index[] = {g.trans_b ? index[1] : p, g.trans_b ? p : index[1]};
      sum += element_at(a, a_index) * element_at(b, b_index);
    }
    return g.alpha * sum + (g.c ? g.beta * broadcast_element(c, index) : 0);
  }));
  op_case.outputs[0].dtype = g.dtype;
  op_case.accumulation_length = static_cast<size_t>(k) + 2;
  op_case.magnitude = 1;
  return op_case;
}

const GemmCase kCases[] = {
    {.description = "A * B", .a = {3, 5}, .b = {5, 4}, .y = {3, 4}},
    {.description = "as a fully connected layer",
     .a = {3, 37},
     .b = {19, 37},
     .y = {3, 19},
     .c = Shape{19},
     .trans_b = true,
     .opset = 7},
    {.description = "A transposed",
     .a = {7, 3},
     .b = {7, 4},
     .y = {3, 4},
     .c = Shape{3, 4},
     .trans_a = true,
     .opset = 9},
    {.description = "both transposed",
     .a = {7, 3},
     .b = {4, 7},
     .y = {3, 4},
     .c = Shape{1, 4},
     .trans_a = true,
     .trans_b = true,
     .opset = 11},
    {.description = "alpha and beta",
     .a = {2, 3},
     .b = {3, 4},
     .y = {2, 4},
     .c = Shape{4},
     .alpha = 0.5,
     .beta = -0.25},
    {.description = "alpha alone, transposed",
     .a = {2, 3},
     .b = {4, 3},
     .y = {2, 4},
     .trans_b = true,
     .alpha = 1.5},
    {.description = "beta 0", .a = {2, 3}, .b = {3, 4}, .y = {2, 4}, .c = Shape{4}, .beta = 0},
    {.description = "C is a column", .a = {3, 2}, .b = {2, 4}, .y = {3, 4}, .c = Shape{3, 1}},
    {.description = "C is a scalar", .a = {3, 2}, .b = {2, 4}, .y = {3, 4}, .c = Shape{}},
    {.description = "C is one element", .a = {3, 2}, .b = {2, 4}, .y = {3, 4}, .c = Shape{1}},
    {.description = "one row, one column", .a = {1, 9}, .b = {9, 1}, .y = {1, 1}, .c = Shape{1}},
    {.description = "no rows", .a = {0, 5}, .b = {5, 4}, .y = {0, 4}, .c = Shape{4}},
    {.description = "an empty sum", .a = {2, 0}, .b = {0, 3}, .y = {2, 3}, .c = Shape{3}},
    {.description = "f64",
     .a = {3, 5},
     .b = {4, 5},
     .y = {3, 4},
     .c = Shape{4},
     .trans_b = true,
     .alpha = 0.5,
     .dtype = DType::kFloat64},
};

OpNode gemm_node(Shape a, Shape b, std::optional<Shape> c = {},
                 std::vector<TestAttribute> attributes = {}) {
  OpNode node{
      "Gemm", 13, std::move(attributes), {fed(random_tensor(a, 1)), constant(random_tensor(b, 2))}};
  if (c) node.inputs.push_back(constant(random_tensor(*c, 3)));
  return node;
}

}  // namespace

TEST_CASE("Gemm gives alpha * A * B + beta * C") {
  std::vector<OpCase> cases;
  for (const GemmCase& g : kCases) cases.push_back(to_op_case(g));
  OpCase fed_matrices = to_op_case(kCases[1]);
  fed_matrices.description = "a weight that is fed";
  for (CaseInput& input : fed_matrices.node.inputs) input = fed(input.tensor);
  cases.push_back(std::move(fed_matrices));
  run_op_cases(cases);
}

TEST_CASE("Gemm refuses what does not fit") {
  const OpErrorCase cases[] = {
      {"columns and rows",
       gemm_node({2, 3}, {4, 5}),
       ErrorCode::kShapeMismatch,
       {"[4,5]", "4 rows", "A's 3 columns"}},
      {"transposed columns and rows",
       gemm_node({3, 2}, {5, 4}, {}, {{"transA", 1}, {"transB", 1}}),
       ErrorCode::kShapeMismatch,
       {"[5,4]", "4 rows", "A's 3 columns"}},
      {"ranks",
       gemm_node({2, 3, 1}, {3, 5}),
       ErrorCode::kShapeMismatch,
       {"[2,3,1]", "2 dimensions"}},
      {"C's columns",
       gemm_node({2, 3}, {3, 5}, Shape{4}),
       ErrorCode::kShapeMismatch,
       {"C has shape [4]", "[2,5]"}},
      {"C larger than Y",
       gemm_node({1, 3}, {3, 5}, Shape{2, 5}),
       ErrorCode::kShapeMismatch,
       {"[2,5]", "[1,5]"}},
      {"no C before opset 11",
       {"Gemm", 9, {}, gemm_node({2, 3}, {3, 4}).inputs},
       ErrorCode::kInvalidModel,
       {"2 inputs", "wanted 3"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
