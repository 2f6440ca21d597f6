// SPDX-License-Identifier: Apache-2.0
#include "core/image/preprocess.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/core/image/fixture.h"
#include "tests/support/expect.h"

namespace synsight::image {

namespace {

using test::expect;
using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

InputSpec spec_of(const Fields& fields) {
  InputSpec spec;
  for (const auto& [key, text] : fields) expect(set_field(spec, key, text));
  return spec;
}

/// A picture whose pixel at x, y is (x, y, 7).
Image ramp(int width, int height) {
  Image image = expect(Image::allocate(width, height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      uint8_t* pixel = image.row(y) + static_cast<ptrdiff_t>(x) * 3;
      pixel[0] = static_cast<uint8_t>(x);
      pixel[1] = static_cast<uint8_t>(y);
      pixel[2] = 7;
    }
  }
  return image;
}

/// The spatial sides of what comes out.
std::pair<int64_t, int64_t> sides(const Image& image, const Fields& fields) {
  const Tensor tensor = expect(preprocess(image, spec_of(fields), TensorLayout::kNchw));
  return {tensor.shape()[3], tensor.shape()[2]};
}

}  // namespace

TEST_CASE("without a recipe the tensor holds the pixels") {
  const Image image = ramp(5, 3);
  const Tensor planar = expect(preprocess(image, {}, TensorLayout::kNchw));
  const Tensor interleaved = expect(preprocess(image, {}, TensorLayout::kNhwc));
  CHECK(planar.shape() == Shape{1, 3, 3, 5});
  CHECK(interleaved.shape() == Shape{1, 3, 5, 3});
  for (size_t y = 0; y < 3; ++y) {
    for (size_t x = 0; x < 5; ++x) {
      const float wanted[] = {static_cast<float>(x), static_cast<float>(y), 7};
      for (size_t c = 0; c < 3; ++c) {
        CHECK(planar.as<float>()[c * 15 + y * 5 + x] == wanted[c]);
        CHECK(interleaved.as<float>()[(y * 5 + x) * 3 + c] == wanted[c]);
      }
    }
  }
}

TEST_CASE("each step is rounded to f32") {
  const InputSpec spec = spec_of({{"scale", "1/255"},
                                  {"mean", "0.485,0.456,0.406"},
                                  {"std", "0.229,0.224,0.225"},
                                  {"color", "BGR"}});
  const Image image = noise_image(16, 16);
  const Tensor tensor = expect(preprocess(image, spec, TensorLayout::kNhwc));
  constexpr double kMean[] = {0.485, 0.456, 0.406};
  constexpr double kStd[] = {0.229, 0.224, 0.225};
  const auto rounded = [](double value) { return static_cast<double>(static_cast<float>(value)); };
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const size_t c = i % 3;
    // One operation in double, rounded, is that operation in f32.
    double value = rounded(image.row(0)[i - c + 2 - c] / 255.0);
    value = rounded(value - rounded(kMean[c]));
    value = rounded(value / rounded(kStd[c]));
    CHECK(static_cast<double>(tensor.as<float>()[i]) == value);
  }
}

TEST_CASE("the shorter side is resized, the longer one truncated") {
  using Sides = std::pair<int64_t, int64_t>;
  const Fields shorter = {{"resize", "shorter 256"}};
  CHECK(sides(noise_image(500, 333), shorter) == Sides{384, 256});  // 384.38
  CHECK(sides(noise_image(333, 500), shorter) == Sides{256, 384});
  CHECK(sides(noise_image(500, 375), shorter) == Sides{341, 256});  // 341.33
  CHECK(sides(noise_image(300, 199), shorter) == Sides{385, 256});  // 385.93
  const Fields rounded = {{"resize", "shorter 256 rounded"}};
  CHECK(sides(noise_image(500, 333), rounded) == Sides{384, 256});
  CHECK(sides(noise_image(300, 199), rounded) == Sides{386, 256});
  CHECK(sides(noise_image(64, 64), shorter) == Sides{256, 256});
  CHECK(sides(noise_image(500, 375), {{"resize", "stretch 33x44"}}) == Sides{33, 44});
}

TEST_CASE("the crop is centred, a half pixel rounded to the even offset") {
  struct Case {
    int side;
    int first;  // what a crop of 10 begins with
  };
  for (const auto& [side, first] : {Case{10, 0}, Case{11, 0}, Case{12, 1}, Case{13, 2}, Case{14, 2},
                                    Case{15, 2}, Case{16, 3}, Case{17, 4}, Case{21, 6}}) {
    const Tensor tensor =
        expect(preprocess(ramp(side, 10), spec_of({{"crop", "10x10"}}), TensorLayout::kNchw));
    CHECK_MESSAGE(tensor.as<float>()[0] == static_cast<float>(first), "side ", side);
    CHECK(tensor.as<float>()[9] == static_cast<float>(first + 9));
  }
}

TEST_CASE("a picture smaller than the crop is surrounded with black") {
  const InputSpec spec = spec_of({{"crop", "8x5"}, {"mean", "1"}, {"std", "2"}});
  Image image = ramp(3, 7);
  for (int y = 0; y < 7; ++y) image.row(y)[0] = 100;
  const Tensor tensor = expect(preprocess(image, spec, TensorLayout::kNchw));
  REQUIRE(tensor.shape() == Shape{1, 3, 5, 8});
  // Two black columns on the left, three on the right; rows 1 to 5 of the picture.
  const float wanted[] = {-0.5F, -0.5F, 49.5F, 0, 0.5F, -0.5F, -0.5F, -0.5F};
  for (size_t x = 0; x < 8; ++x) CHECK(tensor.as<float>()[x] == wanted[x]);
  CHECK(tensor.as<float>()[40 + 3] == 0);
}

TEST_CASE("impossible specs and pictures are errors") {
  const Image image = noise_image(4, 4);
  const auto code = [&](const InputSpec& spec) {
    return preprocess(image, spec, TensorLayout::kNchw).error().code;
  };
  InputSpec spec;
  spec.resize = ResizeMode::kStretch;
  CHECK(code(spec) == ErrorCode::kInvalidArgument);
  spec.resize_width = 10;
  spec.resize_height = kMaxInputSide + 1;
  CHECK(code(spec) == ErrorCode::kInvalidArgument);
  spec.resize_height = 10;
  spec.crop_width = 10;
  CHECK(code(spec) == ErrorCode::kInvalidArgument);
  spec.crop_height = 10;
  CHECK(preprocess(image, spec, TensorLayout::kNchw));

  const auto result =
      preprocess(noise_image(1, 70000), spec_of({{"resize", "shorter 256"}, {"crop", "224x224"}}),
                 TensorLayout::kNchw);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kInvalidImage);
  CHECK(result.error().message ==
        "the picture of 1 x 70000 pixels is too long and thin to resize its shorter side to 256");
}

}  // namespace synsight::image
