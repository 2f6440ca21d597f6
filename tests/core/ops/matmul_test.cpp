// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct MatMulCase {
  const char* description;
  Shape a;
  Shape b;
  Shape y;
  DType dtype = DType::kFloat32;
};

// The element of `m` for a batch index that ends with the two positions of the last two dimensions;
// dimensions that `m` lacks are dropped, those of 1 are repeated.
double element(const TestTensor& m, std::span<const int64_t> batch, int64_t row, int64_t column) {
  std::vector<int64_t> index(batch.begin(), batch.end());
  index.push_back(row);
  index.push_back(column);
  index.erase(index.begin(), index.end() - static_cast<std::ptrdiff_t>(m.shape.rank()));
  for (size_t i = 0; i + 2 < index.size(); ++i) {
    if (m.shape[i] == 1) index[i] = 0;
  }
  return element_at(m, index);
}

OpCase to_op_case(const MatMulCase& c) {
  TestTensor a = random_tensor(c.a, 1, -1, 1, c.dtype);
  TestTensor b = random_tensor(c.b, 2, -1, 1, c.dtype);
  OpCase op_case{c.description, {"MatMul", 13, {}, {fed(a), constant(b)}}, {}};
  const bool is_a_vector = c.a.rank() == 1;
  const bool is_b_vector = c.b.rank() == 1;
  if (is_a_vector) a.shape = {1, c.a[0]};
  if (is_b_vector) b.shape = {c.b[0], 1};
  const int64_t k = a.shape[a.shape.rank() - 1];
  op_case.outputs.push_back(generate(c.y, [&](std::span<const int64_t> index) {
    const size_t num_batch = index.size() - (is_a_vector ? 0 : 1) - (is_b_vector ? 0 : 1);
    const int64_t row = is_a_vector ? 0 : index[num_batch];
    const int64_t column = is_b_vector ? 0 : index.back();
    double sum = 0;
    for (int64_t p = 0; p < k; ++p) {
      sum += element(a, index.first(num_batch), row, p) *
             element(b, index.first(num_batch), p, column);
    }
    return sum;
  }));
  op_case.outputs[0].dtype = c.dtype;
  op_case.accumulation_length = static_cast<size_t>(k) + 1;
  op_case.magnitude = 1;
  return op_case;
}

const MatMulCase kCases[] = {
    {"two matrices", {3, 5}, {5, 4}, {3, 4}},
    {"a batch of matrices", {2, 3, 5}, {2, 5, 4}, {2, 3, 4}},
    {"one matrix for a batch", {2, 3, 4, 5}, {5, 6}, {2, 3, 4, 6}},
    {"a batch for one matrix", {4, 5}, {3, 5, 6}, {3, 4, 6}},
    {"batches that broadcast", {2, 1, 3, 4}, {3, 4, 2}, {2, 3, 3, 2}},
    {"two vectors", {7}, {7}, {}},
    {"a matrix and a vector", {3, 7}, {7}, {3}},
    {"a vector and a matrix", {7}, {7, 3}, {3}},
    {"a batch and a vector", {2, 3, 7}, {7}, {2, 3}},
    {"a vector and a batch", {7}, {2, 7, 3}, {2, 3}},
    {"one element", {1, 1}, {1, 1}, {1, 1}},
    {"no rows", {0, 5}, {5, 4}, {0, 4}},
    {"an empty sum", {2, 0}, {0, 3}, {2, 3}},
    {"f64", {2, 3, 5}, {5, 4}, {2, 3, 4}, DType::kFloat64},
};

OpNode matmul_node(Shape a, Shape b) {
  return {"MatMul", 13, {}, {fed(random_tensor(a, 1)), fed(random_tensor(b, 2))}};
}

}  // namespace

TEST_CASE("MatMul multiplies matrices as numpy does") {
  std::vector<OpCase> cases;
  for (const MatMulCase& c : kCases) {
    cases.push_back(to_op_case(c));
    cases.push_back(to_op_case(c));
    cases.back().node.inputs[1].kind = CaseInput::Kind::kFed;
    if (c.dtype == DType::kFloat32) cases.back().description += ", fed";
  }
  run_op_cases(cases);
}

TEST_CASE("MatMul refuses what does not fit") {
  const OpErrorCase cases[] = {
      {"columns and rows",
       matmul_node({2, 3}, {4, 5}),
       ErrorCode::kShapeMismatch,
       {"[2,3]", "[4,5]", "A's 3 columns"}},
      {"vectors", matmul_node({3}, {4}), ErrorCode::kShapeMismatch, {"[3]", "[4]"}},
      {"batches",
       matmul_node({2, 2, 3}, {3, 3, 2}),
       ErrorCode::kShapeMismatch,
       {"[2]", "[3]", "broadcast"}},
      {"a scalar", matmul_node({}, {4}), ErrorCode::kShapeMismatch, {"scalar"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
