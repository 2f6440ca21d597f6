// SPDX-License-Identifier: Apache-2.0
#include "core/labels/top_k.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace synsight::labels {

namespace {

using Indices = std::vector<size_t>;
using Scores = std::vector<float>;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("the largest scores come first") {
  CHECK(top_k(Scores{1, 5, 3, 4}, 2) == Indices{1, 3});
  CHECK(top_k(Scores{1, 5, 3, 4}, 9) == Indices{1, 3, 2, 0});
  CHECK(top_k(Scores{-kInfinity, kInfinity, 0}, 3) == Indices{1, 2, 0});
  CHECK(top_k(Scores{1, 2}, 0).empty());
  CHECK(top_k(Scores{}, 5).empty());
}

TEST_CASE("equal scores rank by index") {
  CHECK(top_k(Scores{2, 7, 2, 7, 7}, 4) == Indices{1, 3, 4, 0});
  CHECK(top_k(Scores{0.0F, -0.0F}, 2) == Indices{0, 1});
}

TEST_CASE("NaN ranks last") {
  CHECK(top_k(Scores{kNan, -kInfinity, kNan, 1}, 4) == Indices{3, 1, 0, 2});
}

TEST_CASE("softmax gives each score's share of the exponentials") {
  const Scores logits = {0.5F, -2, 3, 3, 10.25F, 8};
  const Scores probabilities = softmax(logits);
  long double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<long double>(logit));
  for (size_t i = 0; i < logits.size(); ++i) {
    const double wanted = static_cast<double>(std::exp(static_cast<long double>(logits[i])) / sum);
    CHECK(std::abs(static_cast<double>(probabilities[i]) - wanted) <= 1e-7 * wanted);
  }
}

TEST_CASE("softmax does not overflow") {
  const Scores probabilities = softmax(Scores{3e38F, -3e38F, 3e38F});
  CHECK(probabilities == Scores{0.5F, 0, 0.5F});
  CHECK(softmax(Scores{-7}) == Scores{1});
  CHECK(softmax(Scores{}).empty());
  for (const float probability : softmax(Scores{1, kNan, 2})) CHECK(std::isnan(probability));
}

}  // namespace synsight::labels
