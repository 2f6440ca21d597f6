// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TestTensor scalar(double value, DType dtype = DType::kFloat32) { return {{}, {value}, dtype}; }

/// Clip of random elements of [-8, 8) to [min, max].
OpCase clip_case(std::string description, int64_t opset, std::vector<TestAttribute> attributes,
                 std::vector<CaseInput> bounds, double min, double max,
                 DType dtype = DType::kFloat32) {
  const TestTensor x = random_tensor({2, 3, 7, 5}, 9, -8, 8, dtype);
  TestTensor y = x;
  for (double& value : y.values) value = std::min(std::max(value, min), max);
  std::vector<CaseInput> inputs = {fed(x)};
  inputs.insert(inputs.end(), bounds.begin(), bounds.end());
  return {std::move(description), {"Clip", opset, std::move(attributes), inputs}, {y}};
}

}  // namespace

TEST_CASE("Clip takes its bounds from attributes before opset 11") {
  run_op_cases(std::vector<OpCase>{
      clip_case("both", 7, {{"min", 0.0}, {"max", 6.0}}, {}, 0, 6),
      clip_case("min", 10, {{"min", -1.5}}, {}, -1.5, kInfinity),
      clip_case("max", 7, {{"max", 2.0}}, {}, -kInfinity, 2),
      clip_case("none", 7, {}, {}, -kInfinity, kInfinity),
      clip_case("float64", 7, {{"min", 0.25}}, {}, 0.25, kInfinity, DType::kFloat64),
  });
}

TEST_CASE("Clip takes its bounds from inputs from opset 11 on, constant or not") {
  const auto integer = [](double value) { return fed(scalar(value, DType::kInt64)); };
  run_op_cases(std::vector<OpCase>{
      clip_case("both", 11, {}, {constant(scalar(0)), constant(scalar(6))}, 0, 6),
      clip_case("both, fed", 13, {}, {fed(scalar(-2)), fed(scalar(3))}, -2, 3),
      clip_case("only max", 13, {}, {absent(), constant(scalar(3))}, -kInfinity, 3),
      clip_case("only min", 13, {}, {constant(scalar(3))}, 3, kInfinity),
      clip_case("none", 13, {}, {}, -kInfinity, kInfinity),
      clip_case("a list of one", 13, {}, {constant({{1}, {0}})}, 0, kInfinity),
      clip_case("int64", 12, {}, {integer(-2), integer(3)}, -2, 3, DType::kInt64),
      clip_case("int8, only max", 12, {}, {absent(), constant(scalar(3, DType::kInt8))}, -128, 3,
                DType::kInt8),
      clip_case("uint8, only min, fed", 12, {}, {fed(scalar(3, DType::kUInt8))}, 3, 255,
                DType::kUInt8),
      clip_case("int32, none", 12, {}, {}, -kInfinity, kInfinity, DType::kInt32),
  });
}

TEST_CASE("Clip gives max where min is above it") {
  run_op_cases(std::vector<OpCase>{
      {"crossed bounds",
       {"Clip", 13, {}, {fed({{3}, {-9, 0, 9}}), constant(scalar(5)), constant(scalar(1))}},
       {{{3}, {1, 1, 1}}}}});
}

TEST_CASE("Clip refuses bounds that are no scalars or of another element type") {
  const TestTensor x{{3}, {1, 2, 3}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"a list",
       {"Clip", 13, {}, {fed(x), constant({{3}, {1, 2, 3}})}},
       ErrorCode::kShapeMismatch,
       {"min", "[3]", "scalar"}},
      {"integers",
       {"Clip", 13, {}, {fed(x), constant(scalar(1, DType::kInt64))}},
       ErrorCode::kInvalidModel,
       {"int64", "float32"}},
      {"bounds as inputs in an old opset",
       {"Clip", 7, {}, {fed(x), constant(scalar(1))}},
       ErrorCode::kInvalidModel,
       {"2 inputs"}},
  });
}

}  // namespace synsight::test
