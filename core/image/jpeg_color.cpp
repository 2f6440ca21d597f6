// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "core/image/jpeg_planes.h"

namespace synsight::image {

namespace {

/// Narrower components than this are not interpolated but repeated.
constexpr int kMinInterpolatedWidth = 3;

/// Lines of one component: room for a full row and its neighbours.
struct Lines {
  AlignedBuffer buffer;
  uint16_t* sums = nullptr;   // one a sample, with one more on either side
  uint8_t* pixels = nullptr;  // one a pixel, up to a whole sample
};

Result<Lines> allocate_lines(const JpegPlane& plane) {
  const size_t num_sums = static_cast<size_t>(plane.width) + 2;
  const size_t num_pixels = static_cast<size_t>(plane.width) * static_cast<size_t>(plane.x_factor);
  Lines lines;
  SYNSIGHT_TRY_ASSIGN(lines.buffer,
                      AlignedBuffer::allocate(num_sums * sizeof(uint16_t) + num_pixels));
  lines.sums = reinterpret_cast<uint16_t*>(lines.buffer.data());
  lines.pixels = reinterpret_cast<uint8_t*>(lines.sums + num_sums);
  return lines;
}

const uint8_t* sample_row(const JpegPlane& plane, int y) {
  return plane.samples + static_cast<size_t>(std::clamp(y, 0, plane.height - 1)) *
                             static_cast<size_t>(plane.stride);
}

/// Two pixels for each of `sums`: three quarters of it and a quarter of the left or right
/// neighbour. `kShift` takes out the 4 of these quarters, and the 4 of the sums where rows were
/// mixed.
template <int kShift>
void interpolate_columns(const Lines& lines, int width) {
  constexpr int kLeftRound = kShift == 4 ? 8 : 1;
  constexpr int kRightRound = kShift == 4 ? 7 : 2;
  uint16_t* sums = lines.sums + 1;
  sums[-1] = sums[0];
  sums[width] = sums[width - 1];
  for (ptrdiff_t x = 0; x < width; ++x) {
    const int near = sums[x] * 3;
    lines.pixels[2 * x] = static_cast<uint8_t>((near + sums[x - 1] + kLeftRound) >> kShift);
    lines.pixels[2 * x + 1] = static_cast<uint8_t>((near + sums[x + 1] + kRightRound) >> kShift);
  }
}

void repeat_columns(const JpegPlane& plane, const uint8_t* samples, uint8_t* pixels) {
  for (ptrdiff_t x = 0; x < plane.width; ++x) {
    std::memset(pixels + x * plane.x_factor, samples[x], static_cast<size_t>(plane.x_factor));
  }
}

/// One full row of a component: its own samples, or `lines`.
const uint8_t* full_row(const JpegPlane& plane, const Lines& lines, int y) {
  const int sample_y = y / plane.y_factor;
  const uint8_t* near = sample_row(plane, sample_y);
  const bool is_lower = y % plane.y_factor != 0;
  const uint8_t* far = sample_row(plane, is_lower ? sample_y + 1 : sample_y - 1);
  const bool is_wide = plane.width >= kMinInterpolatedWidth;
  if (plane.x_factor == 1 && plane.y_factor == 1) return near;
  if (plane.x_factor == 1 && plane.y_factor == 2) {
    const int round = is_lower ? 2 : 1;
    for (int x = 0; x < plane.width; ++x) {
      lines.pixels[x] = static_cast<uint8_t>((near[x] * 3 + far[x] + round) >> 2);
    }
  } else if (plane.x_factor == 2 && plane.y_factor == 1 && is_wide) {
    for (int x = 0; x < plane.width; ++x) lines.sums[x + 1] = near[x];
    interpolate_columns<2>(lines, plane.width);
  } else if (plane.x_factor == 2 && plane.y_factor == 2 && is_wide) {
    for (int x = 0; x < plane.width; ++x) {
      lines.sums[x + 1] = static_cast<uint16_t>(near[x] * 3 + far[x]);
    }
    interpolate_columns<4>(lines, plane.width);
  } else {
    repeat_columns(plane, near, lines.pixels);
  }
  return lines.pixels;
}

uint8_t clip(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

/// Source: JFIF 1.02, in 16-bit fixed point.
void ycc_to_rgb(const std::array<const uint8_t*, 4>& rows, int width, uint8_t* output) {
  constexpr int kHalf = 1 << 15;
  for (ptrdiff_t x = 0; x < width; ++x) {
    const int y = rows[0][x];
    const int cb = rows[1][x] - 128;
    const int cr = rows[2][x] - 128;
    output[3 * x] = clip(y + ((91881 * cr + kHalf) >> 16));                    // 1.402
    output[3 * x + 1] = clip(y + ((-22554 * cb - 46802 * cr + kHalf) >> 16));  // 0.34414, 0.71414
    output[3 * x + 2] = clip(y + ((116130 * cb + kHalf) >> 16));               // 1.772
  }
}

void interleave(const std::array<const uint8_t*, 4>& rows, int width, uint8_t* output) {
  for (size_t x = 0; x < static_cast<size_t>(width); ++x) {
    for (size_t c = 0; c < 3; ++c) output[3 * x + c] = rows[c][x];
  }
}

/// a * b / 255, rounded.
uint8_t multiply_255(int a, int b) {
  const int product = a * b + 128;
  return static_cast<uint8_t>((product + (product >> 8)) >> 8);
}

/// `output` holds inverted cyan, magenta and yellow, or with `is_ycck` the colours that YCC's
/// formula gives, which are cyan's, magenta's and yellow's complements.
void apply_black(const uint8_t* black, bool is_ycck, int width, uint8_t* output) {
  for (ptrdiff_t x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) {
      uint8_t& value = output[3 * x + c];
      value = multiply_255(is_ycck ? 255 - value : value, black[x]);
    }
  }
}

void convert_row(JpegColor color, const std::array<const uint8_t*, 4>& rows, int width,
                 uint8_t* output) {
  switch (color) {
    case JpegColor::kGrey:
      return interleave({rows[0], rows[0], rows[0]}, width, output);
    case JpegColor::kRgb:
      return interleave(rows, width, output);
    case JpegColor::kYcc:
      return ycc_to_rgb(rows, width, output);
    case JpegColor::kCmyk:
      interleave(rows, width, output);
      return apply_black(rows[3], false, width, output);
    case JpegColor::kYcck:
      ycc_to_rgb(rows, width, output);
      return apply_black(rows[3], true, width, output);
  }
}

}  // namespace

Result<Image> convert_planes(const JpegPlanes& planes, JpegColor color, int width, int height) {
  const auto num_planes = static_cast<size_t>(planes.num_planes);
  std::array<Lines, 4> lines;
  for (size_t i = 0; i < num_planes; ++i) {
    SYNSIGHT_TRY_ASSIGN(lines[i], allocate_lines(planes.planes[i]));
  }
  SYNSIGHT_TRY_ASSIGN(Image image, Image::allocate(width, height));
  for (int y = 0; y < height; ++y) {
    std::array<const uint8_t*, 4> rows{};
    for (size_t i = 0; i < num_planes; ++i) rows[i] = full_row(planes.planes[i], lines[i], y);
    convert_row(color, rows, width, image.row(y));
  }
  return image;
}

}  // namespace synsight::image
