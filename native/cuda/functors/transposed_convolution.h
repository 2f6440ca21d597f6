// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/image.h"
#include "native/cuda/functors/vector.h"

namespace synsight::cuda {

/// Y = clamp(ConvTranspose(X, W) + bias), summed in f32, one output element an index: from those
/// inputs whose taps reach it. Every layout, number of groups and window over up to three axes. W:
/// [C,M/group,taps]. Source: ONNX ConvTranspose-22.
template <typename T>
struct TransposedConvolution {
  const T* x = nullptr;
  const T* weights = nullptr;
  const float* bias = nullptr;  // [M], or null
  T* y = nullptr;
  ImageMap input;
  ImageMap output;
  SpatialWindow window;        // over Y: its outputs are X's
  Divider group_filters;       // M / group
  int64_t group_channels = 1;  // C / group
  int64_t num_taps = 1;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = output.position(index);
    int64_t group = position.channel;
    const int64_t filter = group_filters.split(group);
    const int64_t first = group * group_channels;
    const int64_t channel_step = group_filters.divisor() * num_taps;
    const T* plane = x + input.plane(position.image, first);
    const T* factors = weights + first * channel_step + filter * num_taps;
    float sum = bias != nullptr ? bias[position.channel] : 0.0f;
    for_each_reaching(position, [&](int64_t pixel, int64_t tap) {
      for (int64_t c = 0; c < group_channels; ++c) {
        sum += to_float(plane[pixel + c * input.channel_step()]) *
               to_float(factors[c * channel_step + tap]);
      }
    });
    from_float(clamp(sum), y[index]);
  }

 private:
  static constexpr int64_t kNone = -1;

  /// The input's index along an axis whose tap writes to the output's `pixel`, or kNone.
  SYNSIGHT_HOST_DEVICE int64_t source(int axis, int64_t pixel, int64_t tap) const {
    const ops::WindowAxis& w = window[axis];
    const int64_t reached = pixel + w.pad_begin - tap * w.dilation;
    if (reached < 0 || reached % w.stride != 0) return kNone;
    const int64_t at = reached / w.stride;
    return at < w.output ? at : kNone;
  }

  /// Calls visit(offset of the input's pixel in its plane, number of the tap).
  template <typename Visitor>
  SYNSIGHT_HOST_DEVICE void for_each_reaching(const Position& to, const Visitor& visit) const {
    for (int64_t i = 0; i < window[0].kernel; ++i) {
      const int64_t depth = source(0, to.pixel[0], i);
      if (depth == kNone) continue;
      for (int64_t j = 0; j < window[1].kernel; ++j) {
        const int64_t row = source(1, to.pixel[1], j);
        if (row == kNone) continue;
        const int64_t row_offset = depth * input.step(0) + row * input.step(1);
        const int64_t tap = (i * window[1].kernel + j) * window[2].kernel;
        for (int64_t k = 0; k < window[2].kernel; ++k) {
          const int64_t column = source(2, to.pixel[2], k);
          if (column != kNone) visit(row_offset + column * input.step(2), tap + k);
        }
      }
    }
  }
};

}  // namespace synsight::cuda
