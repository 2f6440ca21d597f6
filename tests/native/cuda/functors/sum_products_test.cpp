// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/sum_products.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

// "bij,kj->bik" with B or without, by index and by row.
TEST_CASE("SumProducts sums over both operands' axes") {
  constexpr int64_t kBatch = 2;
  constexpr int64_t kRows = 3;
  constexpr int64_t kColumns = 4;
  constexpr int64_t kLength = 37;
  using Axes = std::vector<cuda::StridedAxis>;
  for_each_storage([](auto type) {
    using T = decltype(type);
    const auto a = random_elements<T>(kBatch * kRows * kLength, 1);
    const auto b = random_elements<T>(kColumns * kLength, 2);
    for (const bool has_b : {true, false}) {
      cuda::SumProducts<T> functor;
      functor.a = a.data();
      functor.b = has_b ? b.data() : nullptr;
      functor.a_outputs =
          cuda::StridedMap(Axes{{kBatch, kRows * kLength}, {kRows, kLength}, {kColumns, 0}});
      functor.b_outputs = cuda::StridedMap(Axes{{kBatch, 0}, {kRows, 0}, {kColumns, kLength}});
      functor.a_summed = functor.b_summed = cuda::StridedMap(Axes{{kLength, 1}});
      functor.length = kLength;
      functor.clamp = {-1.5F, 1.5F};
      constexpr int64_t kCount = kBatch * kRows * kColumns;
      std::vector<double> wanted;
      for (int64_t i = 0; i < kCount; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < kLength; ++j) {
          sum +=
              at(a, i / kColumns * kLength + j) * (has_b ? at(b, i % kColumns * kLength + j) : 1.0);
        }
        wanted.push_back(std::clamp(sum, -1.5, 1.5));
      }
      auto y = unwritten_elements<T>(kCount);
      functor.y = y.data();
      run_each(functor, kCount);
      check_elements(y, wanted, allowed_error<T>(kLength, 8));
      y = unwritten_elements<T>(kCount);
      functor.y = y.data();
      run_rows(functor, kCount);
      check_elements(y, wanted, allowed_error<T>(kLength, 8));
    }
  });
}

TEST_CASE("a sum of nothing is 0") {
  const float a = 3;
  float y = 77;
  cuda::SumProducts<float> functor;
  functor.a = &a;
  functor.y = &y;
  functor.length = 0;
  run_each(functor, 1);
  CHECK(y == 0);
}

}  // namespace synsight::test
