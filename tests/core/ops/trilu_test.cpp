// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <optional>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

OpCase make_case(const Shape& shape, bool is_upper, std::optional<int64_t> k, DType dtype) {
  const TestTensor x = random_tensor(shape, 1, 1, 9, dtype);
  TestTensor y = generate(shape, [&](std::span<const int64_t> index) {
    const auto row = static_cast<double>(index[shape.rank() - 2]);
    const auto column = static_cast<double>(index[shape.rank() - 1]);
    const double behind = column - row - static_cast<double>(k.value_or(0));
    return (is_upper ? behind >= 0 : behind <= 0) ? element_at(x, index) : 0;
  });
  y.dtype = dtype;
  OpCase made{
      is_upper ? "upper" : "lower", {"Trilu", 14, {{"upper", is_upper ? 1 : 0}}, {fed(x)}}, {y}};
  if (k) made.node.inputs.push_back(fed({{}, {static_cast<double>(*k)}, DType::kInt64}));
  return made;
}

}  // namespace

TEST_CASE("Trilu keeps the elements on one side of a diagonal") {
  std::vector<OpCase> cases;
  for (const bool is_upper : {false, true}) {
    for (const int64_t k : {-9, -4, -3, -1, 0, 1, 3, 5, 9}) {
      cases.push_back(make_case({2, 3, 5}, is_upper, k, DType::kFloat32));
    }
    cases.push_back(make_case({3, 3}, is_upper, std::nullopt, DType::kInt64));
    cases.push_back(make_case({2, 2, 4, 1}, is_upper, 0, DType::kUInt8));
    cases.push_back(make_case({3, 0}, is_upper, 1, DType::kFloat32));
  }
  const TestTensor x = random_tensor({2, 3}, 1);
  const TestTensor zeros{{2, 3}, {0, 0, 0, 0, 0, 0}};
  const double most = 0x1p62;
  cases.push_back(
      {"far above", {"Trilu", 14, {}, {fed(x), constant({{}, {most}, DType::kInt64})}}, {zeros}});
  cases.push_back(
      {"far below", {"Trilu", 14, {}, {fed(x), constant({{1}, {-most}, DType::kInt64})}}, {x}});
  run_op_cases(cases);
}

TEST_CASE("Trilu refuses vectors and odd diagonals") {
  const OpErrorCase cases[] = {
      {"a vector",
       {"Trilu", 14, {}, {fed(random_tensor({3}, 1))}},
       ErrorCode::kShapeMismatch,
       {"[3]", "two dimensions"}},
      {"several diagonals",
       {"Trilu", 14, {}, {fed(random_tensor({3, 3}, 1)), constant(integers({1, 2}))}},
       ErrorCode::kShapeMismatch,
       {"int64[2]", "one int64"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
