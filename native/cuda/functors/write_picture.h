// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Writes a picture into its place in a batch, through a table a channel: black around it, zeros
/// in the channels behind the third. An index is a pixel of the tensor, row by row.
struct WritePicture {
  const uint8_t* pixels = nullptr;  // RGB, 8 bits each, without gaps between rows
  int64_t pixels_width = 0;
  int64_t pixels_height = 0;
  int64_t left = 0;  // where the pixels begin in the tensor
  int64_t top = 0;
  const float* tables = nullptr;  // 256 values a channel
  int sources[3] = {0, 1, 2};     // the byte of a pixel that each channel takes

  Elements tensor;
  int64_t first = 0;  // this picture's first element
  int64_t width = 0;
  int64_t pixel_stride = 0;  // in elements
  int64_t channel_stride = 0;
  int num_channels = 0;  // at least 3

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t row = index / width;
    const int64_t y = row - top;
    const int64_t x = index - row * width - left;
    const bool is_inside = x >= 0 && x < pixels_width && y >= 0 && y < pixels_height;
    const int64_t pixel = (y * pixels_width + x) * 3;
    int64_t element = first + index * pixel_stride;
    for (int c = 0; c < num_channels; ++c, element += channel_stride) {
      float value = 0;
      if (c < 3) value = tables[c * 256 + (is_inside ? pixels[pixel + sources[c]] : 0)];
      tensor.set(element, value);
    }
  }
};

}  // namespace synsight::cuda
