// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/binary_integers.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

/// f of [2,3] and [3], which broadcasts.
std::string difference(BinaryFunction function, DType dtype, DType result,
                       const std::vector<double>& wanted) {
  const Tensor a = test::to_tensor({{2, 3}, {7, 5, 9, 3, 120, 6}, dtype});
  const Tensor b = test::to_tensor({{3}, {3, 5, 0}, dtype});
  Tensor y = test::unwritten(result, {2, 3});
  BinaryIntegers functor{.function = function};
  functor.space = plan_index_space<3>({2, 3}, {ops::Strides{3, 1}, {3, 1}, {0, 1}});
  functor.y = test::elements_of(y);
  functor.a = test::elements_of(a);
  functor.b = test::elements_of(b);
  test::run_each(functor, 6);
  return test::difference(y, {{2, 3}, wanted, result}, 0);
}

}  // namespace

TEST_CASE("two integers of every type give one, with broadcasting") {
  for (const DType dtype : {DType::kInt8, DType::kUInt8, DType::kInt32, DType::kInt64}) {
    CHECK(difference(BinaryFunction::kAdd, dtype, dtype, {10, 10, 9, 6, 125, 6}) == "");
    CHECK(difference(BinaryFunction::kDiv, dtype, dtype, {2, 1, 0, 1, 24, 0}) == "");
    CHECK(difference(BinaryFunction::kMax, dtype, dtype, {7, 5, 9, 3, 120, 6}) == "");
    CHECK(difference(BinaryFunction::kMin, dtype, dtype, {3, 5, 0, 3, 5, 0}) == "");
    CHECK(difference(BinaryFunction::kMod, dtype, dtype, {1, 0, 0, 0, 0, 0}) == "");
    CHECK(difference(BinaryFunction::kLess, dtype, DType::kBool, {0, 0, 0, 0, 0, 0}) == "");
    CHECK(difference(BinaryFunction::kEqual, dtype, DType::kBool, {0, 1, 0, 1, 0, 0}) == "");
    CHECK(difference(BinaryFunction::kGreaterOrEqual, dtype, DType::kBool, {1, 1, 1, 1, 1, 1}) ==
          "");
  }
  CHECK(difference(BinaryFunction::kMul, DType::kInt8, DType::kInt8, {21, 25, 0, 9, 88, 0}) == "");
  CHECK(difference(BinaryFunction::kSub, DType::kUInt8, DType::kUInt8, {4, 0, 9, 0, 115, 6}) == "");
}

TEST_CASE("integers wrap around, and no division is undefined") {
  CHECK(apply(BinaryFunction::kAdd, kHighest, 1) == kLowest);
  CHECK(apply(BinaryFunction::kSub, kLowest, 1) == kHighest);
  CHECK(apply(BinaryFunction::kMul, kLowest, -1) == kLowest);
  CHECK(apply(BinaryFunction::kPRelu, kLowest, -1) == kLowest);
  CHECK(apply(BinaryFunction::kDiv, kLowest, -1) == kLowest);
  CHECK(apply(BinaryFunction::kDiv, -7, 2) == -3);
  for (const BinaryFunction function :
       {BinaryFunction::kDiv, BinaryFunction::kMod, BinaryFunction::kFmod}) {
    CHECK(apply(function, kLowest, 0) == 0);
  }
  CHECK(apply(BinaryFunction::kMod, kLowest, -1) == 0);
  CHECK(apply(BinaryFunction::kMod, -7, 3) == 2);
  CHECK(apply(BinaryFunction::kMod, 7, -3) == -2);
  CHECK(apply(BinaryFunction::kFmod, -7, 3) == -1);
}

}  // namespace synsight::cuda
