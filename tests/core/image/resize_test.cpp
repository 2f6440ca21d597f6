// SPDX-License-Identifier: Apache-2.0
#include "core/image/resize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "tests/core/image/fixture.h"
#include "tests/core/image/fixtures/expected.h"
#include "tests/support/expect.h"

namespace synsight::image {

namespace {

using test::expect;

constexpr Filter kFilters[] = {Filter::kNearest, Filter::kBilinear, Filter::kBicubic,
                               Filter::kLanczos};

// The oracle: the textbook's sums in double precision, with the C library's sine.

double filter_value(Filter filter, double x) {
  const double d = std::abs(x);
  if (filter == Filter::kBilinear) return std::max(0.0, 1 - d);
  if (filter == Filter::kBicubic) {
    if (d < 1) return 1.5 * d * d * d - 2.5 * d * d + 1;
    return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
  }
  if (d >= 3) return 0;
  const double angle = std::numbers::pi * d;
  return d == 0 ? 1 : 3 * std::sin(angle) * std::sin(angle / 3) / (angle * angle);
}

/// One line of samples resized, rounded and clipped.
std::vector<double> resize_line(const std::vector<double>& line, int new_size, Filter filter) {
  const double scale = static_cast<double>(line.size()) / new_size;
  const double stretch = std::max(scale, 1.0);
  const double reach = stretch * (filter == Filter::kBilinear  ? 1
                                  : filter == Filter::kBicubic ? 2
                                                               : 3);
  std::vector<double> result;
  for (int i = 0; i < new_size; ++i) {
    const double center = (i + 0.5) * scale;
    const double first = std::max(0.0, std::floor(center - reach + 0.5));
    const double last =
        std::min(static_cast<double>(line.size()), std::floor(center + reach + 0.5));
    double sum = 0;
    double weights = 0;
    for (double x = first; x < last; ++x) {
      const double weight = filter_value(filter, (x + 0.5 - center) / stretch);
      sum += weight * line[static_cast<size_t>(x)];
      weights += weight;
    }
    result.push_back(std::clamp(std::floor(sum / weights + 0.5), 0.0, 255.0));
  }
  return result;
}

/// One channel as rows of samples.
using Plane = std::vector<std::vector<double>>;

Plane transposed(const Plane& plane) {
  Plane result(plane[0].size(), std::vector<double>(plane.size()));
  for (size_t y = 0; y < plane.size(); ++y) {
    for (size_t x = 0; x < plane[0].size(); ++x) result[x][y] = plane[y][x];
  }
  return result;
}

Plane resize_columns(Plane plane, int new_width, Filter filter) {
  if (static_cast<size_t>(new_width) == plane[0].size()) return plane;
  for (std::vector<double>& row : plane) row = resize_line(row, new_width, filter);
  return plane;
}

Plane resize_rows(const Plane& plane, int new_height, Filter filter) {
  return transposed(resize_columns(transposed(plane), new_height, filter));
}

Plane resize_plane(const Plane& plane, int new_width, int new_height, Filter filter) {
  const int lost_height = static_cast<int>(plane.size()) - new_height;
  const int lost_width = static_cast<int>(plane[0].size()) - new_width;
  if (lost_height > 0 && lost_height > 2 * lost_width) {
    return resize_columns(resize_rows(plane, new_height, filter), new_width, filter);
  }
  return resize_rows(resize_columns(plane, new_width, filter), new_height, filter);
}

Plane channel(const Image& image, int index) {
  Plane plane(static_cast<size_t>(image.height));
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      plane[static_cast<size_t>(y)].push_back(image.row(y)[3 * x + index]);
    }
  }
  return plane;
}

std::string sizes_text(const Image& image, int width, int height, Filter filter) {
  return concat({image.width, "x", image.height, " to ", width, "x", height, ", filter ",
                 static_cast<int>(filter)});
}

/// The share of samples that differ, none by more than a level: fixed-point weights of 22 bits move
/// only what lies next to a half, where enlarged pictures have many.
double share_off_by_one(const Image& image, int width, int height, Filter filter) {
  const Image found = expect(resize(image, width, height, filter));
  int num_off = 0;
  for (int c = 0; c < 3; ++c) {
    const Plane wanted = resize_plane(channel(image, c), width, height, filter);
    const Plane plane = channel(found, c);
    for (size_t y = 0; y < plane.size(); ++y) {
      for (size_t x = 0; x < plane[0].size(); ++x) {
        const double difference = std::abs(plane[y][x] - wanted[y][x]);
        if (difference == 0) continue;
        ++num_off;
        CHECK_MESSAGE(difference <= 1, sizes_text(image, width, height, filter), " at ", x, ", ", y,
                      ": found ", plane[y][x], ", wanted ", wanted[y][x]);
      }
    }
  }
  return num_off / (3.0 * width * height);
}

}  // namespace

TEST_CASE("resized noise has the checksums of Pillow's") {
  for (const ExpectedResize& expected : kExpectedResizes) {
    const Image image = noise_image(expected.width, expected.height);
    const Image resized =
        expect(resize(image, expected.new_width, expected.new_height, expected.filter));
    const uint32_t crc = crc32({resized.pixels.data(), resized.pixels.size()});
    CHECK_MESSAGE(crc == expected.crc,
                  sizes_text(image, expected.new_width, expected.new_height, expected.filter));
  }
}

TEST_CASE("every filter computes the weighted sums of its definition") {
  constexpr int kSizes[][4] = {{50, 37, 29, 22}, {20, 30, 61, 45}, {30, 20, 7, 60}, {60, 7, 9, 31},
                               {40, 40, 40, 13}, {40, 40, 13, 40}, {1, 1, 9, 9},    {90, 3, 1, 1},
                               {3, 90, 5, 5},    {33, 80, 20, 20}};
  for (const auto& [width, height, new_width, new_height] : kSizes) {
    const Image image = noise_image(width, height);
    for (const Filter filter : {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
      const double share = share_off_by_one(image, new_width, new_height, filter);
      CHECK_MESSAGE(share < 0.08, sizes_text(image, new_width, new_height, filter), ": ", share);
    }
  }
}

TEST_CASE("nearest takes the pixel below each output pixel's centre") {
  const Image image = noise_image(37, 23);
  for (const auto& [width, height] : {std::pair(12, 9), std::pair(80, 51), std::pair(37, 5)}) {
    const Image resized = expect(resize(image, width, height, Filter::kNearest));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const uint8_t* wanted = image.row((2 * y + 1) * 23 / (2 * height)) +
                                static_cast<ptrdiff_t>((2 * x + 1) * 37 / (2 * width)) * 3;
        CHECK(std::equal(wanted, wanted + 3, resized.row(y) + static_cast<ptrdiff_t>(x) * 3));
      }
    }
  }
}

TEST_CASE("one colour stays that colour") {
  Image image = expect(Image::allocate(31, 17));
  std::fill_n(image.row(0), image.pixels.size(), uint8_t{201});
  for (const Filter filter : kFilters) {
    const Image resized = expect(resize(image, 50, 9, filter));
    const std::vector<uint8_t> pixels = pixels_of(resized);
    CHECK(std::count(pixels.begin(), pixels.end(), 201) == 50 * 9 * 3);
  }
}

TEST_CASE("a window is that part of the whole") {
  constexpr int kSizes[][2] = {{25, 40}, {60, 20}, {40, 90}, {80, 61}, {40, 61}, {25, 30}};
  const Image image = noise_image(40, 61);
  for (const auto& [width, height] : kSizes) {
    const Window windows[] = {{0, 0, width, height}, {3, 5, 10, 11}, {width - 4, height - 3, 4, 3}};
    for (const Filter filter : kFilters) {
      const Image whole = expect(resize(image, width, height, filter));
      for (const Window& window : windows) {
        const Image part = expect(resize_window(image, width, height, filter, window));
        REQUIRE(part.width == window.width);
        REQUIRE(part.height == window.height);
        for (int y = 0; y < part.height; ++y) {
          const uint8_t* wanted = whole.row(window.y + y) + static_cast<ptrdiff_t>(window.x) * 3;
          CHECK(std::equal(wanted, wanted + part.row_bytes(), part.row(y)));
        }
      }
    }
  }
}

TEST_CASE("a small window of a huge picture takes little memory") {
  const Image image = noise_image(3, 2);
  const Image part = expect(
      resize_window(image, 1 << 24, 1 << 23, Filter::kLanczos, {(1 << 23) - 8, 1 << 22, 16, 16}));
  CHECK(part.width == 16);
}

TEST_CASE("impossible sizes and windows are errors") {
  const Image image = noise_image(4, 4);
  CHECK(resize(image, 0, 3, Filter::kBilinear).error().code == ErrorCode::kInvalidArgument);
  CHECK(resize(image, 3, -1, Filter::kNearest).error().code == ErrorCode::kInvalidArgument);
  for (const Window& window : {Window{-1, 0, 2, 2}, Window{0, 0, 9, 2}, Window{7, 0, 2, 2},
                               Window{0, 0, 0, 2}, Window{0, 2147483647, 2, 2}}) {
    const auto result = resize_window(image, 8, 8, Filter::kBicubic, window);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(Image::allocate(0, 1).error().code == ErrorCode::kInvalidArgument);
}

}  // namespace synsight::image
