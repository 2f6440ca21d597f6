// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

CaseInput scalar(double value, DType dtype) { return constant({{}, {value}, dtype}); }

OpNode range(double start, double limit, double delta, DType dtype) {
  return {"Range", 11, {}, {scalar(start, dtype), scalar(limit, dtype), scalar(delta, dtype)}};
}

CaseInput shape_input(const std::vector<double>& dims) {
  return constant({{static_cast<int64_t>(dims.size())}, dims, DType::kInt64});
}

}  // namespace

TEST_CASE("Constant gives what its one attribute holds") {
  const TestTensor tensor{{2, 2}, {1, 2, 3, 4}, DType::kFloat64};
  const TestTensor halves{{2}, {0.5, 2}, DType::kFloat16};
  run_op_cases(std::vector<OpCase>{
      {"value", {"Constant", 9, {{"value", tensor}}, {}}, {tensor}},
      {"float16", {"Constant", 7, {{"value", halves}}, {}}, {halves}},
      {"value_float", {"Constant", 12, {{"value_float", 2.5}}, {}}, {{{}, {2.5}}}},
      {"value_int", {"Constant", 13, {{"value_int", -3}}, {}}, {{{}, {-3}, DType::kInt64}}},
      {"value_floats",
       {"Constant", 13, {{"value_floats", std::vector<float>{1, 2}}}, {}},
       {{{2}, {1, 2}}}},
      {"value_ints",
       {"Constant", 13, {{"value_ints", {4, 5, 6}}}, {}},
       {{{3}, {4, 5, 6}, DType::kInt64}}},
      {"no elements", {"Constant", 13, {{"value", TestTensor{{0}, {}}}}, {}}, {{{0}, {}}}},
  });
}

TEST_CASE("ConstantOfShape repeats its value, or 0") {
  const TestTensor seven{{1}, {7}, DType::kInt32};
  const TestTensor yes{{1}, {1}, DType::kBool};
  run_op_cases(std::vector<OpCase>{
      {"default", {"ConstantOfShape", 9, {}, {shape_input({2, 2})}}, {{{2, 2}, {0, 0, 0, 0}}}},
      {"int32",
       {"ConstantOfShape", 9, {{"value", seven}}, {shape_input({3})}},
       {{{3}, {7, 7, 7}, DType::kInt32}}},
      {"bool",
       {"ConstantOfShape", 20, {{"value", yes}}, {shape_input({1, 2})}},
       {{{1, 2}, {1, 1}, DType::kBool}}},
      {"a scalar", {"ConstantOfShape", 9, {}, {shape_input({})}}, {{{}, {0}}}},
      {"nothing", {"ConstantOfShape", 9, {}, {shape_input({0, 3})}}, {{{0, 3}, {}}}},
  });
}

TEST_CASE("Range counts up and down, never to its limit") {
  run_op_cases(std::vector<OpCase>{
      {"up", range(3, 10, 3, DType::kInt64), {{{3}, {3, 6, 9}, DType::kInt64}}},
      {"to the limit", range(3, 9, 3, DType::kInt32), {{{2}, {3, 6}, DType::kInt32}}},
      {"down", range(10, 4, -2, DType::kInt64), {{{3}, {10, 8, 6}, DType::kInt64}}},
      {"away", range(10, 4, 2, DType::kInt16), {{{0}, {}, DType::kInt16}}},
      {"halves", range(0, 1.6, 0.5, DType::kFloat32), {{{4}, {0, 0.5, 1, 1.5}}}},
      {"float64",
       range(1, 0, -0.25, DType::kFloat64),
       {{{4}, {1, 0.75, 0.5, 0.25}, DType::kFloat64}}},
  });
}

TEST_CASE("constants refuse absurd sizes and what they cannot hold") {
  const TestTensor two{{2}, {1, 2}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"no attribute", {"Constant", 13, {}, {}}, ErrorCode::kInvalidModel, {"0 attributes"}},
      {"two attributes",
       {"Constant", 13, {{"value_int", 1}, {"value_float", 1.0}}, {}},
       ErrorCode::kInvalidModel,
       {"2 attributes"}},
      {"a string",
       {"Constant", 13, {{"value_string", "no"}}, {}},
       ErrorCode::kUnsupportedOp,
       {"value_string"}},
      {"two values",
       {"ConstantOfShape", 9, {{"value", two}}, {shape_input({1})}},
       ErrorCode::kInvalidModel,
       {"[2]"}},
      {"a negative dimension",
       {"ConstantOfShape", 9, {}, {shape_input({2, -2})}},
       ErrorCode::kShapeMismatch,
       {"[2,?]"}},
      {"an absurd shape",
       {"ConstantOfShape", 9, {}, {shape_input({0x1p20, 0x1p20})}},
       ErrorCode::kShapeMismatch,
       {"[1048576,1048576]"}},
      {"a shape that overflows",
       {"ConstantOfShape", 9, {}, {shape_input({0x1p62, 0x1p62, 0x1p62})}},
       ErrorCode::kShapeMismatch,
       {"too large"}},
      {"a shape that is not constant",
       {"ConstantOfShape", 9, {}, {fed({{1}, {2}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"constant shape"}},
      {"an endless range",
       range(0, 10, 0, DType::kInt64),
       ErrorCode::kShapeMismatch,
       {"delta is 0"}},
      {"an absurd range",
       range(0, 1e12, 2, DType::kInt64),
       ErrorCode::kShapeMismatch,
       {"from 0 to 1e+12 in steps of 2", "at most 2147483648 steps"}},
      {"a range of nothing",
       range(0, 0, 0, DType::kFloat32),
       ErrorCode::kShapeMismatch,
       {"delta is 0"}},
      {"a range of booleans", range(0, 1, 1, DType::kBool), ErrorCode::kUnsupportedType, {"bool"}},
      {"a range that is not constant",
       {"Range",
        11,
        {},
        {fed({{}, {0}, DType::kInt64}), scalar(3, DType::kInt64), scalar(1, DType::kInt64)}},
       ErrorCode::kShapeMismatch,
       {"constant start"}},
  });
}

}  // namespace synsight::test
