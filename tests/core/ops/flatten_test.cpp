// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

TEST_CASE("Flatten makes a matrix of its input") {
  const TestTensor x = random_tensor({2, 3, 4, 5}, 1);
  const TestTensor integers = counting_tensor({2, 3}, -2, 1, DType::kInt64);
  const auto flatten = [&](std::vector<TestAttribute> attributes, int64_t opset = 13) {
    return OpNode{"Flatten", opset, std::move(attributes), {fed(x)}};
  };
  const OpCase cases[] = {
      {"by default from axis 1", flatten({}), {{{2, 60}, x.values}}},
      {"axis 0", flatten({{"axis", 0}}, 7), {{{1, 120}, x.values}}},
      {"axis 2", flatten({{"axis", 2}}, 9), {{{6, 20}, x.values}}},
      {"axis 4", flatten({{"axis", 4}}), {{{120, 1}, x.values}}},
      {"axis -1", flatten({{"axis", -1}}, 11), {{{24, 5}, x.values}}},
      {"axis -4", flatten({{"axis", -4}}), {{{1, 120}, x.values}}},
      {"integers",
       {"Flatten", 13, {}, {fed(integers)}},
       {{{2, 3}, integers.values, DType::kInt64}}},
      {"a scalar", {"Flatten", 13, {{"axis", 0}}, {fed({{}, {3}})}}, {{{1, 1}, {3}}}},
      {"no batch", {"Flatten", 13, {}, {fed(random_tensor({0, 3, 4}, 1))}}, {{{0, 12}, {}}}},
      {"no rows", {"Flatten", 13, {}, {fed(random_tensor({3, 0, 4}, 1))}}, {{{3, 0}, {}}}},
  };
  run_op_cases(cases);
}

TEST_CASE("Flatten refuses an axis outside its input") {
  const CaseInput x = fed(random_tensor({2, 3, 4}, 1));
  const OpErrorCase cases[] = {
      {"axis 4 of 3",
       {"Flatten", 13, {{"axis", 4}}, {x}},
       ErrorCode::kInvalidModel,
       {"axis 4", "rank 3"}},
      {"axis -4 of 3",
       {"Flatten", 13, {{"axis", -4}}, {x}},
       ErrorCode::kInvalidModel,
       {"axis -4", "rank 3"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
