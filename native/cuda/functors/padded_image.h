// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/divider.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Where [N][rows][columns][channels] has the elements of an X [N,C,H,W] of any layout, which lies
/// in it with others around its pixels and behind its channels. An index stands for some
/// neighbouring channels. Index space: N * rows * columns * parts.
struct PaddedImage {
  int64_t steps[4] = {};  // of X, from one element to the next along N, C, H and W
  int64_t num_channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t top = 0;  // rows above the first of X
  int64_t left = 0;
  Divider rows;
  Divider columns;
  Divider parts;  // of the channels that an index stands for, in a pixel

  /// Of an index's channels: X's element of the first, and how many of them, and behind, are X's.
  struct Place {
    int64_t first = 0;
    int64_t num_channels = 0;
  };

  SYNSIGHT_HOST_DEVICE Place place(int64_t index, int channels_a_part) const {
    int64_t image = index;
    const int64_t channel = parts.split(image) * channels_a_part;
    const int64_t column = columns.split(image) - left;
    const int64_t row = rows.split(image) - top;
    const bool is_inside = row >= 0 && row < height && column >= 0 && column < width;
    return {image * steps[0] + channel * steps[1] + row * steps[2] + column * steps[3],
            is_inside ? num_channels - channel : 0};
  }
};

}  // namespace synsight::cuda
