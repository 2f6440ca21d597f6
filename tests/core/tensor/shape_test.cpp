// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/shape.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/expect.h"

namespace synsight::test {

namespace {

constexpr int64_t kHuge = int64_t{1} << 62;

template <typename T>
void check_fails(const Result<T>& result, ErrorCode code, std::string_view part) {
  CHECK(!result.has_value());
  if (result) return;
  CHECK(error_code_name(result.error().code) == error_code_name(code));
  CHECK_MESSAGE(result.error().message.find(part) != std::string::npos, result.error().message);
}

struct BroadcastCase {
  Shape a;
  Shape b;
  Shape result;
};

const BroadcastCase kBroadcastCases[] = {
    {{2, 3}, {2, 3}, {2, 3}},       {{2, 3}, {}, {2, 3}},
    {{2, 3}, {3}, {2, 3}},          {{2, 1}, {1, 3}, {2, 3}},
    {{4, 1, 3}, {2, 1}, {4, 2, 3}}, {{1}, {0}, {0}},
    {{2, 0}, {1, 1}, {2, 0}},       {{}, {}, {}},
};

}  // namespace

TEST_CASE("the number of elements is the product of the dimensions") {
  CHECK(Shape{}.num_elements() == 1);
  CHECK(Shape{2, 3, 4}.num_elements() == 24);
  CHECK(Shape{2, 0, 4}.num_elements() == 0);
  CHECK(expect(Shape{2, 3, 4}.checked_num_elements()) == 24);
  CHECK(expect(Shape{}.checked_num_elements()) == 1);
}

TEST_CASE("a shape that does not fit in memory is refused, even where it is empty") {
  check_fails(Shape{kHuge, 2, 2}.checked_num_elements(), ErrorCode::kShapeMismatch, "too large");
  check_fails(Shape{kHuge, 8, 0}.checked_num_elements(), ErrorCode::kShapeMismatch, "too large");
  check_fails(Shape{0, kHuge, 8}.checked_num_elements(), ErrorCode::kShapeMismatch, "too large");
  check_fails(Shape{2, -1}.checked_num_elements(), ErrorCode::kShapeMismatch, "[2,?]");
}

TEST_CASE("more dimensions than supported are refused") {
  CHECK(expect(Shape::from_dims(std::vector<int64_t>(8, 1))).rank() == 8);
  check_fails(Shape::from_dims(std::vector<int64_t>(9, 1)), ErrorCode::kInvalidModel, "9");
}

TEST_CASE("shapes compare by rank and dimensions") {
  CHECK((Shape{2, 3} == Shape{2, 3}));
  CHECK((Shape{2, 3} != Shape{3, 2}));
  CHECK((Shape{2} != Shape{2, 1}));
  CHECK((Shape{} == Shape{}));
}

TEST_CASE("unknown dimensions are shown and told") {
  CHECK(Shape{1, -1, 3}.to_string() == "[1,?,3]");
  CHECK(Shape{}.to_string() == "[]");
  CHECK(!Shape{1, -1}.is_known());
  CHECK(Shape{1, 0}.is_known());
}

TEST_CASE("axes count from either end") {
  CHECK(expect(normalize_axis(0, 3, "axis")) == 0);
  CHECK(expect(normalize_axis(-1, 3, "axis")) == 2);
  CHECK(expect(normalize_axis(-3, 3, "axis")) == 0);
  check_fails(normalize_axis(3, 3, "axis"), ErrorCode::kInvalidModel, "axis 3");
  check_fails(normalize_axis(-4, 3, "axis"), ErrorCode::kInvalidModel, "axis -4");
  check_fails(normalize_axis(0, 0, "axis"), ErrorCode::kInvalidModel, "rank 0");
}

TEST_CASE("shapes broadcast as NumPy's do, either way round") {
  for (const BroadcastCase& c : kBroadcastCases) {
    CHECK(expect(broadcast_shapes(c.a, c.b)).to_string() == c.result.to_string());
    CHECK(expect(broadcast_shapes(c.b, c.a)).to_string() == c.result.to_string());
  }
  check_fails(broadcast_shapes({2, 3}, {2}), ErrorCode::kShapeMismatch, "[2,3]");
  check_fails(broadcast_shapes({0}, {2}), ErrorCode::kShapeMismatch, "[2]");
}

}  // namespace synsight::test
