// SPDX-License-Identifier: Apache-2.0
#include "tests/support/compare.h"

#include <doctest/doctest.h>

#include <limits>

namespace synsight::test {

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a mismatch names the worst index and both values") {
  const TestTensor wanted{{2, 3}, {1, 2, 3, 4, 5, 6}};
  const Tensor found = to_tensor({{2, 3}, {1, 2.5, 3, 4, 5, 9}});
  CHECK(mismatch(found.view(), wanted, 3).empty());
  const std::string difference = mismatch(found.view(), wanted, 0.25);
  CHECK(has(difference, "worst at [1,2]: found 9, wanted 6, off by 3, allowed 0.25"));
  CHECK(has(difference, "2 of 6 elements are off"));
}

TEST_CASE("NaN and infinities match only themselves") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const TestTensor wanted{{3}, {nan, infinity, 1}};
  CHECK(mismatch(to_tensor(wanted).view(), wanted, 0).empty());
  CHECK(!mismatch(to_tensor({{3}, {0, infinity, 1}}).view(), wanted, 1e30).empty());
  CHECK(!mismatch(to_tensor({{3}, {nan, -infinity, 1}}).view(), wanted, 1e30).empty());
  CHECK(!mismatch(to_tensor({{3}, {nan, 1, 1}}).view(), wanted, 1e30).empty());
  CHECK(!mismatch(to_tensor({{3}, {nan, infinity, nan}}).view(), wanted, 1e30).empty());
}

TEST_CASE("another shape or element type is a mismatch") {
  const TestTensor wanted{{2}, {1, 2}};
  CHECK(has(mismatch(to_tensor({{1, 2}, {1, 2}}).view(), wanted, 1), "found shape [1,2]"));
  CHECK(has(mismatch(to_tensor({{2}, {1, 2}, DType::kInt32}).view(), wanted, 1), "type int32"));
}

TEST_CASE("a tolerance grows with the accumulation's length and size") {
  CHECK(tolerance(0, DType::kFloat32, 100) == 0);
  CHECK(tolerance(5, DType::kInt32, 100) == 0);
  CHECK(tolerance(3, DType::kFloat32, 2) == 6 * 0x1p-23);
  CHECK(tolerance(3, DType::kFloat64, 2) == 6 * 0x1p-52);
}

}  // namespace synsight::test
