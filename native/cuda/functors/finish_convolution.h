// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = clamp(X + bias + Z) over pixels whose channels are neighbours: Y has the first of X's. An
/// index takes kWidth of them, which divides both numbers of channels. X may be Y where those are
/// equal.
/// Index space: Y's elements / kWidth.
template <typename T, int kWidth>
struct FinishConvolution {
  const T* x = nullptr;
  int64_t x_channels = 0;
  const float* bias = nullptr;  // one a channel, or null
  const T* z = nullptr;         // as y, or null
  T* y = nullptr;
  Divider parts;  // of kWidth channels, in a pixel of Y
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t pixel = index;
    const int64_t channel = parts.split(pixel) * kWidth;
    float values[kWidth];
    load_vector<kWidth>(x + pixel * x_channels + channel, values);
    float added[kWidth] = {};
    if (z != nullptr) load_vector<kWidth>(z + index * kWidth, added);
    for (int i = 0; i < kWidth; ++i) {
      if (bias != nullptr) values[i] += bias[channel + i];
      values[i] = clamp(values[i] + added[i]);
    }
    store_vector<kWidth>(values, y + index * kWidth);
  }
};

}  // namespace synsight::cuda
