// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/clip.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

/// Integers between the bounds, of which an empty list is none.
std::string difference(DType dtype, const std::vector<double>& min, const std::vector<double>& max,
                       const std::vector<double>& wanted) {
  const Tensor x = test::to_tensor({{4}, {0, 5, 9, 100}, dtype});
  const Tensor low = test::to_tensor({{static_cast<int64_t>(min.size())}, min, dtype});
  const Tensor high = test::to_tensor({{static_cast<int64_t>(max.size())}, max, dtype});
  Tensor y = test::unwritten(dtype, {4});
  ClipIntegers functor{.y = test::elements_of(y), .x = test::elements_of(x)};
  if (!min.empty()) functor.min = test::elements_of(low);
  if (!max.empty()) functor.max = test::elements_of(high);
  test::run_each(functor, 4);
  return test::difference(y, {{4}, wanted, dtype}, 0);
}

}  // namespace

TEST_CASE("floats are clipped to bounds that a run gives, and to a fused activation's") {
  const Tensor min = test::to_tensor({{}, {-1.25}});
  const Tensor max = test::to_tensor({{}, {2.5}});
  for (const DType dtype : test::kStorages) {
    for (const int64_t size : test::kSizes) {
      const test::TestTensor x = test::stored_tensor({size}, dtype, 3);
      const Tensor elements = test::to_tensor(x);
      Tensor y = test::fenced(dtype, size);
      ClipFloats functor{.clamp = {-1, 2}, .num_elements = size};
      functor.y = test::elements_of(y);
      functor.x = test::elements_of(elements);
      functor.min = test::elements_of(min);
      functor.max = test::elements_of(max);
      test::run_each(functor, functor.num_packs());
      CHECK(test::is_fence_whole(y, size));
      for (int64_t i = 0; i < size; ++i) {
        const auto value = static_cast<float>(x.values[static_cast<size_t>(i)]);
        CHECK(load(y.data(), dtype, i) == std::clamp(value, -1.0F, 2.0F));
      }
    }
  }
}

TEST_CASE("a bound may be missing, NaN stays NaN, and the upper one wins") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const float low = 5;
  const float high = 1;
  const float x[] = {-9, 0, 9, kNan};
  float y[] = {0, 0, 0, 0};
  ClipFloats functor{.num_elements = 4,
                     .y = {y, DType::kFloat32},
                     .x = {x, DType::kFloat32},
                     .min = {&low, DType::kFloat32}};
  test::run_each(functor, functor.num_packs());
  CHECK(y[0] == 5);
  CHECK(y[2] == 9);
  CHECK(std::isnan(y[3]));
  functor.max = {&high, DType::kFloat32};
  test::run_each(functor, functor.num_packs());
  CHECK(y[0] == 1);
  CHECK(y[2] == 1);
  CHECK(std::isnan(y[3]));
}

TEST_CASE("integers of every type are clipped") {
  for (const DType dtype : {DType::kInt8, DType::kUInt8, DType::kInt32, DType::kInt64}) {
    CHECK(difference(dtype, {3}, {50}, {3, 5, 9, 50}) == "");
    CHECK(difference(dtype, {7}, {}, {7, 7, 9, 100}) == "");
    CHECK(difference(dtype, {}, {7}, {0, 5, 7, 7}) == "");
    CHECK(difference(dtype, {}, {}, {0, 5, 9, 100}) == "");
    CHECK(difference(dtype, {8}, {2}, {2, 2, 2, 2}) == "");
  }
}

}  // namespace synsight::cuda
