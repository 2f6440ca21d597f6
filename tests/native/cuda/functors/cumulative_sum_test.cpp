// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/cumulative_sum.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

TEST_CASE("CumulativeSum adds up along the middle axis, both ways, in f32") {
  constexpr int64_t kOuter = 2;
  constexpr int64_t kLength = 6;
  constexpr int64_t kInner = 3;
  constexpr int64_t kCount = kOuter * kLength * kInner;
  for_each_storage([](auto type) {
    using T = decltype(type);
    const auto x = random_elements<T>(kCount, 1);
    for (const bool is_exclusive : {false, true}) {
      for (const bool is_reverse : {false, true}) {
        std::vector<double> wanted;
        for (int64_t i = 0; i < kCount; ++i) {
          const int64_t place = i / kInner % kLength;
          double sum = 0;
          for (int64_t j = 0; j < kLength; ++j) {
            const bool is_before = is_reverse ? j > place : j < place;
            if (is_before || (j == place && !is_exclusive)) sum += at(x, i + (j - place) * kInner);
          }
          wanted.push_back(sum);
        }
        auto y = unwritten_elements<T>(kCount);
        run_each(cuda::CumulativeSum<T>{x.data(), y.data(), kLength, cuda::Divider(kInner),
                                        is_exclusive, is_reverse},
                 kOuter * kInner);
        check_elements(y, wanted, allowed_error<T>(kLength, 4));
      }
    }
  });
}

TEST_CASE("sums of integers are exact and wrap around") {
  const std::vector<int64_t> x = {(int64_t{1} << 53) + 1, std::numeric_limits<int64_t>::max(), 1};
  std::vector<int64_t> y(3);
  run_each(cuda::CumulativeSum<int64_t>{x.data(), y.data(), 3, cuda::Divider(1)}, 1);
  CHECK(y == std::vector<int64_t>{x[0], std::numeric_limits<int64_t>::min() + (int64_t{1} << 53),
                                  std::numeric_limits<int64_t>::min() + (int64_t{1} << 53) + 1});
}

}  // namespace synsight::test
