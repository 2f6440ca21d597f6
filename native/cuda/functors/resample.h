// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/image/resample_weights.h"
#include "native/cuda/host_device.h"

/// The passes of core/image/resize.cpp, an output pixel an index, row by row. Pictures are RGB, 8
/// bits each, without gaps between rows. All pointers are to device memory.
namespace synsight::cuda {

/// The weighted sums of one pixel's colours, in fixed point: integers alone, so that the order of
/// the sum does not show.
struct WeightedPixel {
  int32_t red = kHalf;
  int32_t green = kHalf;
  int32_t blue = kHalf;

  static constexpr int32_t kHalf = 1 << (image::kWeightBits - 1);

  SYNSIGHT_HOST_DEVICE void add(const uint8_t* pixel, int32_t weight) {
    red += pixel[0] * weight;
    green += pixel[1] * weight;
    blue += pixel[2] * weight;
  }

  SYNSIGHT_HOST_DEVICE void write(uint8_t* pixel) const {
    pixel[0] = rounded(red);
    pixel[1] = rounded(green);
    pixel[2] = rounded(blue);
  }

  SYNSIGHT_HOST_DEVICE static uint8_t rounded(int32_t sum) {
    const int32_t value = sum >> image::kWeightBits;
    return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
  }
};

/// The taps of one side, of a ResampleWeights on the device.
struct DeviceTaps {
  const image::TapRange* ranges = nullptr;
  const int32_t* weights = nullptr;
  int64_t stride = 0;
};

/// Every row, resampled to `output_width` pixels.
struct ResampleHorizontally {
  const uint8_t* input = nullptr;
  int64_t input_width = 0;
  DeviceTaps columns;
  uint8_t* output = nullptr;
  int64_t output_width = 0;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t y = index / output_width;
    const int64_t x = index - y * output_width;
    const image::TapRange range = columns.ranges[x];
    const int32_t* weights = columns.weights + x * columns.stride;
    const uint8_t* pixel = input + (y * input_width + range.first) * 3;
    WeightedPixel sums;
    for (int k = 0; k < range.count; ++k, pixel += 3) sums.add(pixel, weights[k]);
    sums.write(output + index * 3);
  }
};

/// Every column, resampled; `width` is the input's and the output's.
struct ResampleVertically {
  const uint8_t* input = nullptr;
  int64_t width = 0;
  DeviceTaps rows;
  uint8_t* output = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t y = index / width;
    const int64_t x = index - y * width;
    const image::TapRange range = rows.ranges[y];
    const int32_t* weights = rows.weights + y * rows.stride;
    const uint8_t* pixel = input + (range.first * width + x) * 3;
    WeightedPixel sums;
    for (int k = 0; k < range.count; ++k, pixel += width * 3) sums.add(pixel, weights[k]);
    sums.write(output + index * 3);
  }
};

/// Each pixel is the input's at its column and row, or black where there is none.
struct TakeNearest {
  const uint8_t* input = nullptr;
  int64_t input_width = 0;
  const image::TapRange* columns = nullptr;
  const image::TapRange* rows = nullptr;
  uint8_t* output = nullptr;
  int64_t output_width = 0;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t y = index / output_width;
    const image::TapRange column = columns[index - y * output_width];
    const image::TapRange row = rows[y];
    const bool is_black = column.count == 0 || row.count == 0;
    const uint8_t* pixel = input + (row.first * input_width + column.first) * 3;
    for (int c = 0; c < 3; ++c) output[index * 3 + c] = is_black ? uint8_t{0} : pixel[c];
  }
};

}  // namespace synsight::cuda
