// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/integers.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

using cuda::Reduction;

template <typename T>
int64_t reduce(Reduction reduction, const std::vector<T>& x) {
  const auto length = static_cast<int64_t>(x.size());
  const std::array<cuda::StridedAxis, 1> axes = {{{length, 1}}};
  T y = 77;
  run_each(cuda::ReduceIntegers<T>{x.data(), &y, {}, cuda::StridedMap(axes), length, reduction}, 1);
  return static_cast<int64_t>(y);
}

}  // namespace

TEST_CASE("Integers are reduced exactly, and cut off") {
  const std::vector<int32_t> x = {5, -7, 3, -4};
  CHECK(reduce(Reduction::kSum, x) == -3);
  CHECK(reduce(Reduction::kMean, x) == 0);
  CHECK(reduce(Reduction::kL1, x) == 19);
  CHECK(reduce(Reduction::kL2, x) == 9);  // of 9.9
  CHECK(reduce(Reduction::kSumSquare, x) == 99);
  CHECK(reduce(Reduction::kMax, x) == 5);
  CHECK(reduce(Reduction::kMin, x) == -7);
  CHECK(reduce(Reduction::kProd, x) == 420);
  CHECK(reduce(Reduction::kLogSum, std::vector<int8_t>{20, 1}) == 3);
  CHECK(reduce(Reduction::kSum, std::vector<int64_t>{int64_t{1} << 53, 1}) ==
        (int64_t{1} << 53) + 1);
}

TEST_CASE("The extrema of no integers are the type's own") {
  CHECK(reduce(Reduction::kMax, std::vector<int8_t>()) == -128);
  CHECK(reduce(Reduction::kMin, std::vector<uint8_t>()) == 255);
}

TEST_CASE("ArgMax and ArgMin of integers give the first or the last of equal elements") {
  // [2,3,2]
  const std::vector<int64_t> x = {1, 9, 4, 2, 4, 9, (int64_t{1} << 53) + 1, 0, int64_t{1} << 53,
                                  0, 0, 0};
  const auto run = [&](bool is_max, bool selects_last) {
    std::vector<int64_t> y(4, -7);
    run_each(cuda::ArgReduceIntegers<int64_t>{x.data(), y.data(), 3, cuda::Divider(2), is_max,
                                              selects_last},
             4);
    return y;
  };
  CHECK(run(true, false) == std::vector<int64_t>{1, 0, 0, 0});
  CHECK(run(true, true) == std::vector<int64_t>{2, 2, 0, 2});
  CHECK(run(false, false) == std::vector<int64_t>{0, 1, 2, 0});
  CHECK(run(false, true) == std::vector<int64_t>{0, 1, 2, 2});
}

}  // namespace synsight::test
