// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/unary_integers.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

std::string difference(UnaryFunction function, DType dtype, const std::vector<double>& elements,
                       const std::vector<double>& wanted) {
  const Shape shape{static_cast<int64_t>(elements.size())};
  const Tensor x = test::to_tensor({shape, elements, dtype});
  Tensor y = test::unwritten(dtype, shape);
  const UnaryIntegers functor{function, test::elements_of(y), test::elements_of(x)};
  test::run_each(functor, shape[0]);
  return test::difference(y, {shape, wanted, dtype}, 0);
}

}  // namespace

TEST_CASE("functions of one integer of every type") {
  for (const DType dtype : {DType::kInt8, DType::kInt32, DType::kInt64}) {
    CHECK(difference(UnaryFunction::kAbs, dtype, {-3, 0, 4}, {3, 0, 4}) == "");
    CHECK(difference(UnaryFunction::kNeg, dtype, {-3, 0, 4}, {3, 0, -4}) == "");
    CHECK(difference(UnaryFunction::kRelu, dtype, {-3, 0, 4}, {0, 0, 4}) == "");
    CHECK(difference(UnaryFunction::kSign, dtype, {-3, 0, 4}, {-1, 0, 1}) == "");
    CHECK(difference(UnaryFunction::kClip, dtype, {-3, 0, 4}, {-3, 0, 4}) == "");
  }
  CHECK(difference(UnaryFunction::kAbs, DType::kUInt8, {0, 255}, {0, 255}) == "");
  CHECK(difference(UnaryFunction::kSign, DType::kUInt8, {0, 255}, {0, 1}) == "");
  CHECK(difference(UnaryFunction::kAbs, DType::kInt8, {-128}, {-128}) == "");
}

TEST_CASE("the smallest integer is its own negative") {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  CHECK(apply(UnaryFunction::kNeg, kLowest) == kLowest);
  CHECK(apply(UnaryFunction::kAbs, kLowest) == kLowest);
}

TEST_CASE("only what ONNX defines takes integers") {
  CHECK(takes_integers(UnaryFunction::kSign));
  CHECK(!takes_integers(UnaryFunction::kExp));
}

}  // namespace synsight::cuda
