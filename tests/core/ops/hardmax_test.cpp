// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct HardmaxCase {
  const char* description;
  Shape x;
  int64_t opset;
  int64_t axis;
  size_t first_axis;  // the axes [first_axis, end_axis) are compared
  size_t end_axis;
  DType dtype = DType::kFloat32;
};

const HardmaxCase kCases[] = {
    {"the last axis", {2, 3, 4}, 13, -1, 2, 3},
    {"an axis between", {2, 3, 4}, 13, 1, 1, 2},
    {"everything behind the axis, before opset 13", {2, 3, 4}, 11, 1, 1, 3},
    {"one element", {3, 1}, 13, 1, 1, 2},
    {"no batch", {0, 5}, 13, 1, 1, 2},
    {"f64", {2, 7}, 13, 1, 1, 2, DType::kFloat64},
};

// 1 where nothing is larger, and nothing before is as large.
OpCase to_op_case(const HardmaxCase& c) {
  // Whole numbers, of which some are equal.
  TestTensor x = random_tensor(c.x, 1, -3, 4, DType::kInt32);
  x.dtype = c.dtype;
  TestTensor y = generate(c.x, [&](std::span<const int64_t> index) {
    bool is_first = true;
    generate(c.x, [&](std::span<const int64_t> other) {
      bool is_compared = true;
      for (size_t i = 0; i < c.x.rank(); ++i) {
        const bool is_along = i >= c.first_axis && i < c.end_axis;
        is_compared = is_compared && (is_along || other[i] == index[i]);
      }
      const double difference = element_at(x, other) - element_at(x, index);
      const bool is_before = flat_index(c.x, other) < flat_index(c.x, index);
      if (is_compared && (difference > 0 || (difference == 0 && is_before))) is_first = false;
      return 0;
    });
    return is_first ? 1 : 0;
  });
  y.dtype = c.dtype;
  return {c.description, {"Hardmax", c.opset, {{"axis", c.axis}}, {fed(x)}}, {y}};
}

}  // namespace

TEST_CASE("Hardmax is 1 for the first of the largest") {
  std::vector<OpCase> cases;
  for (const HardmaxCase& c : kCases) cases.push_back(to_op_case(c));
  run_op_cases(cases);
}

}  // namespace synsight::test
