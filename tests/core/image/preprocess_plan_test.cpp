// SPDX-License-Identifier: Apache-2.0
#include "core/image/preprocess_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/support/expect.h"

namespace synsight::image {

namespace {

using test::expect;
using Passes = std::vector<ResizePass>;

constexpr Filter kFilters[] = {Filter::kNearest, Filter::kBilinear, Filter::kBicubic,
                               Filter::kLanczos};

Passes passes_of(Size image, Size resized, Filter filter) {
  const ResizePlan plan =
      expect(ResizePlan::create(image, resized, filter, {0, 0, resized.width, resized.height}));
  return {plan.passes().begin(), plan.passes().end()};
}

PreprocessPlan plan_of(Size image, std::string_view resize, std::string_view crop) {
  InputSpec spec;
  expect(set_field(spec, "resize", resize));
  expect(set_field(spec, "crop", crop));
  return expect(PreprocessPlan::create(image, spec));
}

/// Whether every tap reads what the weights say that they read, and their sum is 1.
void check_taps(const ResampleWeights& taps, bool has_weights) {
  int first = INT_MAX;
  int last = 0;
  REQUIRE(taps.ranges().size() == static_cast<size_t>(taps.size()));
  REQUIRE(taps.weights().size() == static_cast<size_t>(taps.size() * taps.stride()));
  const int32_t* weights = taps.weights().data();
  for (const TapRange& range : taps.ranges()) {
    first = std::min(first, range.first);
    last = std::max(last, range.first + range.count);
    CHECK(range.count >= 1);
    if (!has_weights) continue;
    REQUIRE(range.count <= taps.stride());
    int32_t sum = 0;
    for (int k = 0; k < range.count; ++k) sum += weights[k];
    CHECK(std::abs(sum - (1 << kWeightBits)) <= range.count);
    CHECK(std::all_of(weights + range.count, weights + taps.stride(),
                      [](int32_t weight) { return weight == 0; }));
    weights += taps.stride();
  }
  CHECK(first == 0);
  CHECK(last == taps.num_inputs());
}

}  // namespace

TEST_CASE("a side that stays has no pass, and much lost height goes first") {
  using enum ResizePass;
  for (const Filter filter : {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
    CHECK(passes_of({40, 30}, {40, 30}, filter) == Passes{});
    CHECK(passes_of({40, 30}, {20, 30}, filter) == Passes{kHorizontal});
    CHECK(passes_of({40, 30}, {40, 60}, filter) == Passes{kVertical});
    CHECK(passes_of({40, 30}, {40, 5}, filter) == Passes{kVertical});
    CHECK(passes_of({40, 30}, {80, 60}, filter) == Passes{kHorizontal, kVertical});
    CHECK(passes_of({40, 30}, {30, 10}, filter) == Passes{kHorizontal, kVertical});
    CHECK(passes_of({40, 30}, {30, 9}, filter) == Passes{kVertical, kHorizontal});
    CHECK(passes_of({40, 30}, {80, 29}, filter) == Passes{kVertical, kHorizontal});
  }
  CHECK(passes_of({40, 30}, {40, 5}, Filter::kNearest) == Passes{kNearest});
  CHECK(passes_of({40, 30}, {40, 30}, Filter::kNearest) == Passes{});
}

TEST_CASE("the passes read the plan's part of the picture, all of it and no more") {
  for (const Filter filter : kFilters) {
    for (const Size resized : {Size{80, 90}, Size{33, 17}, Size{100, 20}}) {
      for (const Window& window : {Window{0, 0, resized.width, resized.height}, Window{3, 2, 9, 5},
                                   Window{30, 16, 1, 1}}) {
        const ResizePlan plan = expect(ResizePlan::create({61, 47}, resized, filter, window));
        check_taps(plan.columns(), filter != Filter::kNearest);
        check_taps(plan.rows(), filter != Filter::kNearest);
        CHECK(plan.input().x >= 0);
        CHECK(plan.input().y >= 0);
        CHECK(plan.input().x + plan.input().width <= 61);
        CHECK(plan.input().y + plan.input().height <= 47);
        CHECK(plan.input().width == plan.columns().num_inputs());
        CHECK(plan.input().height == plan.rows().num_inputs());
        CHECK(plan.size().width == window.width);
        CHECK(plan.size().height == window.height);
      }
    }
  }
}

TEST_CASE("what a crop leaves out is neither read nor computed") {
  const PreprocessPlan plain = plan_of({400, 300}, "none", "41x30");
  CHECK(plain.resize.input().x == 180);  // half of 359, rounded to the even number
  CHECK(plain.resize.input().y == 135);
  CHECK(plain.resize.input().width == 41);
  CHECK(plain.resize.input().height == 30);
  // A fifth of the size: 10 pixels are 50, and 5 to either side for the filter's reach.
  const PreprocessPlan resized = plan_of({400, 300}, "stretch 80x60", "10x12");
  CHECK(resized.resize.input().x >= 170);
  CHECK(resized.resize.input().x + resized.resize.input().width <= 230);
  CHECK(resized.resize.input().y >= 115);
  CHECK(resized.resize.input().y + resized.resize.input().height <= 185);
  CHECK(resized.size.width == 10);
  CHECK(resized.size.height == 12);
}

TEST_CASE("a crop larger than the picture has it in its middle") {
  const PreprocessPlan plan = plan_of({7, 5}, "none", "12x4");
  CHECK(plan.size.width == 12);
  CHECK(plan.size.height == 4);
  CHECK(plan.left == 2);
  CHECK(plan.top == 0);
  CHECK(plan.resize.size().width == 7);
  CHECK(plan.resize.size().height == 4);
}

TEST_CASE("a picture without pixels has no plan") {
  for (const std::string_view resize : {"none", "stretch 4x4", "shorter 4"}) {
    for (const Size image : {Size{0, 5}, Size{5, 0}, Size{0, 0}, Size{-3, 4}}) {
      InputSpec spec;
      expect(set_field(spec, "resize", resize));
      CHECK_FALSE(PreprocessPlan::create(image, spec));
    }
  }
}

}  // namespace synsight::image
