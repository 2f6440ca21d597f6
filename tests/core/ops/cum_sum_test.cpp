// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

CaseInput scalar(int64_t value, DType dtype = DType::kInt64) {
  return constant({{}, {static_cast<double>(value)}, dtype});
}

/// Sums along axis 1 of a tensor of rank 3.
OpCase cum_sum_case(bool is_exclusive, bool is_reverse, DType dtype) {
  const TestTensor x = dtype == DType::kFloat32 ? random_tensor({2, 5, 3}, 1)
                                                : counting_tensor({2, 5, 3}, -7, 1, dtype);
  TestTensor y = generate(x.shape, [&](std::span<const int64_t> index) {
    double sum = 0;
    for (int64_t i = 0; i < 5; ++i) {
      const bool is_before = is_reverse ? i > index[1] : i < index[1];
      const std::vector<int64_t> at = {index[0], i, index[2]};
      if (is_before || (i == index[1] && !is_exclusive)) sum += element_at(x, at);
    }
    return sum;
  });
  y.dtype = dtype;
  return {std::string(is_exclusive ? "exclusive " : "") + (is_reverse ? "reverse" : "forward"),
          {"CumSum",
           14,
           {{"exclusive", is_exclusive ? 1 : 0}, {"reverse", is_reverse ? 1 : 0}},
           {fed(x), scalar(-2)}},
          {y},
          dtype == DType::kFloat32 ? size_t{6} : size_t{0},
          1};
}

}  // namespace

TEST_CASE("CumSum adds up along an axis") {
  std::vector<OpCase> cases;
  for (const DType dtype : {DType::kFloat32, DType::kInt32}) {
    for (const bool is_exclusive : {false, true}) {
      for (const bool is_reverse : {false, true}) {
        cases.push_back(cum_sum_case(is_exclusive, is_reverse, dtype));
      }
    }
  }
  cases.push_back({"a list of one axis",
                   {"CumSum", 11, {}, {fed({{3}, {1, 2, 3}}), constant({{1}, {0}, DType::kInt32})}},
                   {{{3}, {1, 3, 6}}}});
  cases.push_back({"nothing", {"CumSum", 11, {}, {fed({{2, 0}, {}}), scalar(1)}}, {{{2, 0}, {}}}});
  run_op_cases(cases);
}

TEST_CASE("CumSum refuses what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  run_op_error_cases(std::vector<OpErrorCase>{
      {"no such axis", {"CumSum", 14, {}, {fed(x), scalar(2)}}, ErrorCode::kInvalidModel, {"2"}},
      {"two axes",
       {"CumSum", 14, {}, {fed(x), constant({{2}, {0, 1}, DType::kInt64})}},
       ErrorCode::kInvalidModel,
       {"2 elements"}},
      {"a fed axis",
       {"CumSum", 14, {}, {fed(x), fed({{}, {0}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"constant axis"}},
      {"truth values",
       {"CumSum", 14, {}, {fed({{1}, {1}, DType::kBool}), scalar(0)}},
       ErrorCode::kUnsupportedType,
       {"bool"}}});
}

}  // namespace synsight::test
