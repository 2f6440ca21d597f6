// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/top_k.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "native/cuda/functors/clamp.h"
#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

constexpr int64_t kOuter = 2;
constexpr int64_t kLength = 9;
constexpr int64_t kInner = 3;

/// Whether both ways find, of [kOuter,kLength,kInner], what sorting does.
template <typename T>
void check_top(const std::vector<T>& x, int64_t k, bool is_largest) {
  CAPTURE(k);
  CAPTURE(is_largest);
  cuda::TopShape<T> shape;
  shape.x = x.data();
  shape.length = kLength;
  shape.k = k;
  shape.inner = cuda::Divider(kInner);
  shape.is_largest = is_largest;
  std::vector<int64_t> wanted(static_cast<size_t>(kOuter * k * kInner));
  for (int64_t line = 0; line < kOuter * kInner; ++line) {
    const int64_t first = line / kInner * kLength * kInner + line % kInner;
    const auto value = [&](int64_t i) { return x[static_cast<size_t>(first + i * kInner)]; };
    std::vector<int64_t> order(kLength);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const auto left = static_cast<float>(value(a));
      const auto right = static_cast<float>(value(b));
      const auto is_less = [](float p, float q) { return p < q || (q != q && p == p); };
      if (is_less(left, right)) return !is_largest;
      return is_less(right, left) ? is_largest : a < b;
    });
    for (int64_t i = 0; i < k; ++i) {
      wanted[static_cast<size_t>((line / kInner * k + i) * kInner + line % kInner)] =
          order[static_cast<size_t>(i)];
    }
  }
  for (const bool is_selected : {true, false}) {
    std::vector<int64_t> indices(wanted.size(), -7);
    std::vector<T> values(wanted.size());
    shape.indices = indices.data();
    shape.values = values.data();
    if (is_selected) {
      run_rows(cuda::SelectTop<T>{shape}, kOuter * kInner);
    } else {
      run_each(cuda::RankTop<T>{shape, cuda::Divider(kLength)}, kOuter * kInner * kLength);
    }
    CHECK(indices == wanted);
    bool are_values = true;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const auto line =
          static_cast<int64_t>(i) / (k * kInner) * kInner + static_cast<int64_t>(i) % kInner;
      const auto given = static_cast<float>(x[static_cast<size_t>(shape.at(line, wanted[i]))]);
      const auto found = static_cast<float>(values[i]);
      are_values = are_values && (found == given || (std::isnan(found) && std::isnan(given)));
    }
    CHECK(are_values);
  }
}

}  // namespace

TEST_CASE("the top of lines is found with equal elements, infinities and NaN") {
  for_each_storage([](auto type) {
    using T = decltype(type);
    auto x = random_elements<T>(kOuter * kLength * kInner, 1);
    const float special[] = {
        0, -0.0F, 0, cuda::kInfinity, -cuda::kInfinity, std::numeric_limits<float>::quiet_NaN()};
    for (size_t i = 0; i < 24; ++i) cuda::from_float(special[i % 6], x[i * 2]);
    for (const int64_t k : {int64_t{0}, int64_t{1}, int64_t{4}, kLength}) {
      check_top(x, k, true);
      check_top(x, k, false);
    }
  });
}

TEST_CASE("the top of integers is exact") {
  constexpr int64_t kLarge = int64_t{1} << 53;
  const std::vector<int64_t> x = {kLarge, kLarge + 1, kLarge + 3, kLarge + 2};
  std::vector<int64_t> indices(4, -7);
  cuda::TopShape<int64_t> shape;
  shape.x = x.data();
  shape.indices = indices.data();
  shape.length = shape.k = 4;
  run_rows(cuda::SelectTop<int64_t>{shape}, 1);
  CHECK(indices == std::vector<int64_t>{2, 3, 1, 0});
  shape.is_largest = false;
  run_each(cuda::RankTop<int64_t>{shape, cuda::Divider(4)}, 4);
  CHECK(indices == std::vector<int64_t>{0, 1, 3, 2});
}

}  // namespace synsight::test
