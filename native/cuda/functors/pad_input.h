// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = X with zeros around its pixels and behind its channels: X [N,C,H,W] of any type and layout,
/// Y [N][rows][columns][channels] of T. An index writes kWidth neighbouring channels. Index space:
/// N * rows * columns * channels / kWidth.
template <typename T, int kWidth>
struct PadInput {
  ConstElements x;
  int64_t x_steps[4] = {};  // from one element to the next along N, C, H and W
  int64_t num_channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t top = 0;  // rows of zeros above the first
  int64_t left = 0;
  T* y = nullptr;
  Divider rows;
  Divider columns;
  Divider parts;  // of kWidth channels, in a pixel of Y

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t image = index;
    const int64_t channel = parts.split(image) * kWidth;
    const int64_t column = columns.split(image) - left;
    const int64_t row = rows.split(image) - top;
    const bool is_inside = row >= 0 && row < height && column >= 0 && column < width;
    const int64_t first =
        image * x_steps[0] + channel * x_steps[1] + row * x_steps[2] + column * x_steps[3];
    float values[kWidth];
    for (int i = 0; i < kWidth; ++i) {
      values[i] = is_inside && channel + i < num_channels ? x[first + i * x_steps[1]] : 0.0f;
    }
    store_vector<kWidth>(values, y + index * kWidth);
  }
};

}  // namespace synsight::cuda
