// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/divider.h"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "native/cuda/functors/strided_map.h"

namespace synsight::test {

TEST_CASE("A divider gives what a division gives") {
  std::mt19937_64 random(1);
  const int64_t limit = int64_t{1} << 31;
  for (int i = 0; i < 20000; ++i) {
    const int64_t divisor = 1 + static_cast<int64_t>(random() >> 33) % (limit >> (i % 31));
    const cuda::Divider divider(divisor);
    const auto any = static_cast<int64_t>(random() >> (33 + i % 31));
    const int64_t multiple = limit / divisor * divisor;
    for (const int64_t number : {any, int64_t{0}, divisor - 1, divisor, multiple - 1, multiple,
                                 limit - 1, limit, 5 * limit + any}) {
      REQUIRE(divider.quotient(number) == number / divisor);
    }
  }
}

TEST_CASE("A divider copes with divisors beyond 32 bits") {
  const int64_t divisor = (int64_t{1} << 31) + 7;
  const cuda::Divider divider(divisor);
  CHECK(divider.quotient(divisor - 8) == 0);
  CHECK(divider.quotient(divisor - 1) == 0);
  CHECK(divider.quotient(3 * divisor + 1) == 3);
  int64_t number = 3 * divisor + 1;
  CHECK(divider.split(number) == 1);
  CHECK(number == 3);
}

TEST_CASE("A strided map finds every element, whatever order the axes have in memory") {
  // [2,3,1,4] of a tensor [4,2,3], and a repeated axis.
  const std::array<cuda::StridedAxis, 5> axes = {{{2, 3}, {3, 1}, {1, 99}, {4, 6}, {2, 0}}};
  const cuda::StridedMap map(axes);
  int64_t index = 0;
  for (int64_t a = 0; a < 2; ++a) {
    for (int64_t b = 0; b < 3; ++b) {
      for (int64_t c = 0; c < 4; ++c) {
        for (int64_t d = 0; d < 2; ++d) CHECK(map.offset(index++) == a * 3 + b + c * 6);
      }
    }
  }
  CHECK(cuda::StridedMap().offset(0) == 0);
}

}  // namespace synsight::test
