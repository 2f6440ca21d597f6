// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/moments.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace synsight::test {

TEST_CASE("Small differences between large numbers are normalized like those between small ones") {
  // Differences of -2, -1, 0, 1, 2 in turn, of whose mean square 2 the root is taken.
  std::vector<float> x;
  for (int i = 0; i < 335; ++i) x.push_back(1e6f + static_cast<float>(i % 5 - 2));
  const ops::Moments moments = xnnpack::compute_moments(x.size(), x.data(), 0);
  CHECK(std::abs(moments.mean - 1e6) < 1e-8);
  CHECK(std::abs(moments.inverse_deviation - 1 / std::sqrt(2.0)) < 1e-12);
  std::vector<float> y(x.size());
  xnnpack::normalize(x.size(), x.data(), moments, 3.0f, 0.5f, y.data());
  for (size_t i = 0; i < y.size(); ++i) {
    const double wanted = (static_cast<double>(i % 5) - 2) / std::sqrt(2.0) * 3 + 0.5;
    CHECK(std::abs(static_cast<double>(y[i]) - wanted) < 1e-6);
  }
}

}  // namespace synsight::test
