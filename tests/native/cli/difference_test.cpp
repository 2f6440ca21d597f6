// SPDX-License-Identifier: Apache-2.0
#include "native/cli/difference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace synsight::cli {

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

double difference(const std::vector<float>& expected, const std::vector<float>& actual) {
  const Shape a = {static_cast<int64_t>(expected.size())};
  const Shape b = {static_cast<int64_t>(actual.size())};
  return relative_difference({DType::kFloat32, a, expected.data()},
                             {DType::kFloat32, b, actual.data()})
      .value_or(-1);
}

}  // namespace

TEST_CASE("a difference is a part of the expected range") {
  CHECK(difference({0, 4}, {0, 4}) == 0);
  CHECK(difference({0, 4}, {0, 5}) == 0.25);
  CHECK(difference({-2, 2, 0}, {-3, 2, 2}) == 0.5);
  CHECK(difference({}, {}) == 0);
}

TEST_CASE("elements that are all equal are measured by their magnitude") {
  CHECK(difference({-4, -4}, {-4, -5}) == 0.25);
  CHECK(difference({0, 0}, {0, 0.5}) == 0.5);
}

TEST_CASE("another shape or something that is no number differs infinitely") {
  CHECK(std::isinf(difference({1, 2}, {1, 2, 3})));
  CHECK(std::isinf(difference({1, 2}, {1, kNan})));
  CHECK(std::isinf(difference({1, kNan}, {1, 2})));
  CHECK(std::isinf(difference({1, kInfinity}, {1, -kInfinity})));
  CHECK(difference({1, kNan, kInfinity}, {1, kNan, kInfinity}) == 0);
}

TEST_CASE("integers are compared, too") {
  const std::vector<int64_t> expected = {0, 10};
  const std::vector<int64_t> actual = {0, 15};
  const Shape shape = {2};
  const auto result = relative_difference({DType::kInt64, shape, expected.data()},
                                          {DType::kInt64, shape, actual.data()});
  REQUIRE(result);
  CHECK(*result == 0.5);
}

}  // namespace synsight::cli
