// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

TestTensor ones(const Shape& shape, DType dtype) {
  return {shape, std::vector<double>(shape.num_elements(), 1), dtype};
}

}  // namespace

TEST_CASE("Dropout changes nothing at inference") {
  const TestTensor x = random_tensor({2, 3, 4}, 1);
  const TestTensor wide = random_tensor({2, 3}, 1, -1, 1, DType::kFloat64);
  const CaseInput ratio = constant({{}, {0.9}});
  const CaseInput no_training = constant({{}, {0}, DType::kBool});
  const OpCase cases[] = {
      {"opset 7", {"Dropout", 7, {{"ratio", 0.9}}, {fed(x)}}, {x}},
      {"a mask of floats, opset 7",
       {"Dropout", 7, {}, {fed(x)}},
       {x, ones(x.shape, DType::kFloat32)}},
      {"a mask, opset 10", {"Dropout", 10, {}, {fed(x)}}, {x, ones(x.shape, DType::kBool)}},
      {"a ratio, opset 12", {"Dropout", 12, {}, {fed(x), ratio}}, {x}},
      {"no training, opset 13",
       {"Dropout", 13, {{"seed", 1}}, {fed(x), absent(), no_training}},
       {x, ones(x.shape, DType::kBool)}},
      {"no elements", {"Dropout", 13, {}, {fed(random_tensor({0, 3}, 1))}}, {{{0, 3}, {}}}},
      {"f64", {"Dropout", 13, {}, {fed(wide)}}, {wide}},
  };
  run_op_cases(cases);
}

TEST_CASE("Dropout refuses to train") {
  const CaseInput x = fed(random_tensor({2, 3}, 1));
  const OpErrorCase cases[] = {
      {"training_mode",
       {"Dropout", 13, {}, {x, absent(), constant({{}, {1}, DType::kBool})}},
       ErrorCode::kUnsupportedOp,
       {"training"}},
      {"a training_mode that only a run knows",
       {"Dropout", 13, {}, {x, absent(), fed({{}, {0}, DType::kBool})}},
       ErrorCode::kUnsupportedOp,
       {"training_mode is not constant false"}},
      {"a ratio as input before opset 12",
       {"Dropout", 11, {}, {x, constant({{}, {0.5}})}},
       ErrorCode::kInvalidModel,
       {"2 inputs", "wanted 1"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
