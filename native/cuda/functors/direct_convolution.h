// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/image.h"
#include "native/cuda/functors/vector.h"

namespace synsight::cuda {

/// Y = clamp(Conv(X, W) + bias + Z), one output element an index: for what no library takes. Summed
/// in f32 by fused multiply-adds, as XNNPACK and a device's compiler do. Every layout, number of
/// groups and window over up to three axes.
template <typename T>
struct DirectConvolution {
  const T* x = nullptr;
  const T* weights = nullptr;   // filter m's tap t of channel c lies at the sum of the three steps
  const float* bias = nullptr;  // [M], or null
  const T* z = nullptr;         // as y, or null
  T* y = nullptr;
  ImageMap input;
  ImageMap output;
  SpatialWindow window;
  Divider group_filters;       // M / group
  int64_t group_channels = 1;  // C / group
  int64_t filter_step = 0;
  int64_t tap_step = 0;
  int64_t channel_step = 0;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = output.position(index);
    const int64_t group = group_filters.quotient(position.channel);
    const T* plane = x + input.plane(position.image, group * group_channels);
    const T* filter = weights + position.channel * filter_step;
    float sum = bias != nullptr ? bias[position.channel] : 0.0f;
    for_each_tap(window, input, position, [&](int64_t pixel, int64_t tap) {
      const T* from = plane + pixel;
      const T* factors = filter + tap * tap_step;
      for (int64_t c = 0; c < group_channels; ++c) {
        sum = ::fmaf(to_float(from[c * input.channel_step()]), to_float(factors[c * channel_step]),
                     sum);
      }
    });
    if (z != nullptr) sum += to_float(z[index]);
    from_float(clamp(sum), y[index]);
  }
};

}  // namespace synsight::cuda
