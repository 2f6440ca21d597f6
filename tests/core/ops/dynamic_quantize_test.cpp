// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

// The scale is the quotient of f32, by which all else is decided.
OpCase make_case(const char* description, const TestTensor& x) {
  double lowest = 0;
  double highest = 0;
  for (const double value : x.values) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const bool is_empty = lowest == highest;
  const double scale = is_empty ? 1 : static_cast<float>((highest - lowest) / 255);
  const double zero = std::nearbyint(-lowest / scale);
  TestTensor y{x.shape, {}, DType::kUInt8};
  for (const double value : x.values) {
    y.values.push_back(std::clamp(std::nearbyint(value / scale) + zero, 0.0, 255.0));
  }
  return {description,
          {"DynamicQuantizeLinear", 11, {}, {fed(x)}},
          {y, {{}, {scale}}, {{}, {zero}, DType::kUInt8}}};
}

}  // namespace

TEST_CASE("DynamicQuantizeLinear finds the scale and the zero point") {
  std::vector<OpCase> cases = {
      make_case("both signs", random_tensor({2, 3, 5}, 1, -3, 5)),
      make_case("only positive", random_tensor({7}, 2, 2, 4)),
      make_case("only negative", random_tensor({2, 4}, 3, -4, -2)),
      make_case("zeros", {{3}, {0, 0, 0}}),
      make_case("nothing", {{0, 3}, {}}),
      make_case("a scalar", {{}, {5}}),
      make_case("halves go to the even number", {{4}, {-127.5, 127.5, 0.5, 1.5}}),
  };
  cases.push_back(cases[0]);
  cases.back().description = "the values alone";
  cases.back().outputs.resize(1);
  cases.push_back(cases[0]);
  cases.back().description = "without the scale";
  cases.back().outputs[1] = {{}, {}, DType::kUndefined};
  run_op_cases(cases);
}

TEST_CASE("DynamicQuantizeLinear takes f32 alone") {
  const OpErrorCase cases[] = {
      {"integers",
       {"DynamicQuantizeLinear", 11, {}, {fed(random_tensor({2}, 1, 0, 9, DType::kInt32))}},
       ErrorCode::kUnsupportedType,
       {"int32", "float32"}}};
  run_op_error_cases(cases);
}

}  // namespace synsight::test
