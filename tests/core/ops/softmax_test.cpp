// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct SoftmaxCase {
  const char* description;
  Shape x;
  int64_t opset;
  std::optional<int64_t> axis;
  size_t first_axis;  // the axes [first_axis, end_axis) are summed over
  size_t end_axis;
  double scale = 3;
  DType dtype = DType::kFloat32;
};

OpCase to_op_case(const SoftmaxCase& c, bool is_log) {
  const TestTensor x = random_tensor(c.x, 1, -c.scale, c.scale, c.dtype);
  OpCase op_case{c.description, {is_log ? "LogSoftmax" : "Softmax", c.opset, {}, {fed(x)}}, {}};
  if (c.axis) op_case.node.attributes.push_back({"axis", *c.axis});
  Shape group = c.x;
  for (size_t i = 0; i < group.rank(); ++i) {
    if (i < c.first_axis || i >= c.end_axis) group[i] = 1;
  }
  op_case.outputs.push_back(generate(c.x, [&](std::span<const int64_t> index) {
    const double own = element_at(x, index);
    // 1 / sum(exp(x_i - x)) needs no maximum and, in doubles, cannot overflow here.
    double sum = 0;
    generate(group, [&](std::span<const int64_t> offset) {
      std::vector<int64_t> other(index.begin(), index.end());
      for (size_t i = c.first_axis; i < c.end_axis; ++i) other[i] = offset[i];
      sum += std::exp(element_at(x, other) - own);
      return 0;
    });
    return is_log ? -std::log(sum) : 1 / sum;
  }));
  op_case.outputs[0].dtype = c.dtype;
  // exp's argument has roundings of the size of the largest input.
  op_case.accumulation_length = 4 + static_cast<size_t>(2 * c.scale);
  return op_case;
}

const SoftmaxCase kCases[] = {
    {"classes", {2, 1000}, 13, {}, 1, 2},
    {"one picture's classes", {1, 10}, 11, {}, 1, 2},
    {"everything behind the axis, before opset 13", {2, 3, 2, 4}, 11, {}, 1, 4},
    {"axis 2 and behind, before opset 13", {2, 3, 2, 4}, 7, 2, 2, 4},
    {"axis 0, before opset 13", {2, 3, 4}, 9, 0, 0, 3},
    {"axis -1, before opset 13", {2, 3, 4}, 11, -1, 2, 3},
    {"a 1x1 image, before opset 13", {2, 5, 1, 1}, 9, 1, 1, 4},
    {"the last axis", {2, 3, 4}, 13, {}, 2, 3},
    {"axis 1 alone", {2, 3, 2, 4}, 13, 1, 1, 2},
    {"axis 0 alone", {4, 3}, 13, 0, 0, 1},
    {"axis -2 alone", {2, 3, 4}, 13, -2, 1, 2},
    {"one dimension", {6}, 13, 0, 0, 1},
    {"one element", {3, 1}, 13, 1, 1, 2},
    {"large inputs do not overflow", {2, 7}, 13, 1, 1, 2, 300},
    {"no batch", {0, 5}, 13, 1, 1, 2},
    {"f64", {2, 3, 4}, 13, 1, 1, 2, 3, DType::kFloat64},
};

}  // namespace

TEST_CASE("Softmax gives exponentials that sum to 1") {
  std::vector<OpCase> cases;
  for (const SoftmaxCase& c : kCases) cases.push_back(to_op_case(c, false));
  cases.push_back({"a column beside a much larger one",
                   {"Softmax", 13, {{"axis", 0}}, {fed({{2, 2}, {0, 500, 0, 400}})}},
                   {{{2, 2}, {0.5, 1, 0.5, 0}}}});
  cases.back().accumulation_length = 1;
  run_op_cases(cases);
}

TEST_CASE("LogSoftmax gives the logarithms of a Softmax") {
  std::vector<OpCase> cases;
  for (const SoftmaxCase& c : kCases) cases.push_back(to_op_case(c, true));
  run_op_cases(cases);
}

TEST_CASE("Softmax refuses an axis outside its input") {
  const OpErrorCase cases[] = {
      {"axis 3 of 3",
       {"Softmax", 13, {{"axis", 3}}, {fed(random_tensor({2, 3, 4}, 1))}},
       ErrorCode::kInvalidModel,
       {"axis 3", "rank 3"}},
      {"axis -4 of 3",
       {"LogSoftmax", 11, {{"axis", -4}}, {fed(random_tensor({2, 3, 4}, 1))}},
       ErrorCode::kInvalidModel,
       {"axis -4", "rank 3"}},
      {"integers",
       {"Softmax", 13, {}, {fed({{2}, {1, 2}, DType::kInt64})}},
       ErrorCode::kUnsupportedType,
       {"int64"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
