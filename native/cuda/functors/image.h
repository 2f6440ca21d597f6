// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/ops/window.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

inline constexpr int kMaxSpatial = 3;

/// A window over up to three spatial axes; those that a tensor lacks are in front, and of size 1.
using SpatialWindow = ops::WindowAxis[kMaxSpatial];

/// An output pixel of one channel of one image.
struct Position {
  int64_t image = 0;
  int64_t channel = 0;
  int64_t pixel[kMaxSpatial] = {};
};

/// How images [N,C,D,H,W] or [N,D,H,W,C] lie, and which element is the i-th of them.
class ImageMap {
 public:
  ImageMap() = default;
  /// `width`: neighbouring channels that one index stands for, 1 where they are not neighbours.
  ImageMap(bool is_channels_last, int64_t num_channels, const int64_t (&sizes)[kMaxSpatial],
           int width = 1)
      : width_(width), is_last_(is_channels_last), channels_(num_channels / width) {
    int64_t step = is_channels_last ? num_channels : 1;
    for (int i = kMaxSpatial; i-- > 0;) {
      axes_[i] = Divider(sizes[i]);
      steps_[i] = step;
      step *= sizes[i];
    }
    channel_step_ = is_channels_last ? 1 : step;
    image_step_ = is_channels_last ? step : step * num_channels;
  }

  SYNSIGHT_HOST_DEVICE Position position(int64_t index) const {
    Position position;
    if (is_last_) position.channel = channels_.split(index) * width_;
    for (int i = kMaxSpatial; i-- > 0;) position.pixel[i] = axes_[i].split(index);
    if (!is_last_) position.channel = channels_.split(index);
    position.image = index;
    return position;
  }

  /// In elements, of the channel's first pixel.
  SYNSIGHT_HOST_DEVICE int64_t plane(int64_t image, int64_t channel) const {
    return image * image_step_ + channel * channel_step_;
  }
  SYNSIGHT_HOST_DEVICE int64_t step(int axis) const { return steps_[axis]; }
  SYNSIGHT_HOST_DEVICE int64_t channel_step() const { return channel_step_; }

 private:
  int width_ = 1;
  bool is_last_ = false;
  Divider channels_;
  Divider axes_[kMaxSpatial];
  int64_t steps_[kMaxSpatial] = {1, 1, 1};
  int64_t channel_step_ = 1;
  int64_t image_step_ = 1;
};

/// Calls visit(offset of the pixel in its plane, number of the tap) for the taps of an output pixel
/// that lie inside the input, in row-major order.
template <typename Visitor>
SYNSIGHT_HOST_DEVICE void for_each_tap(const SpatialWindow& window, const ImageMap& input,
                                       const Position& output, const Visitor& visit) {
  for (int64_t i = 0; i < window[0].kernel; ++i) {
    const int64_t depth =
        output.pixel[0] * window[0].stride - window[0].pad_begin + i * window[0].dilation;
    if (depth < 0 || depth >= window[0].input) continue;
    for (int64_t j = 0; j < window[1].kernel; ++j) {
      const int64_t row =
          output.pixel[1] * window[1].stride - window[1].pad_begin + j * window[1].dilation;
      if (row < 0 || row >= window[1].input) continue;
      const int64_t row_offset = depth * input.step(0) + row * input.step(1);
      const int64_t tap = (i * window[1].kernel + j) * window[2].kernel;
      for (int64_t k = 0; k < window[2].kernel; ++k) {
        const int64_t column =
            output.pixel[2] * window[2].stride - window[2].pad_begin + k * window[2].dilation;
        if (column < 0 || column >= window[2].input) continue;
        visit(row_offset + column * input.step(2), tap + k);
      }
    }
  }
}

}  // namespace synsight::cuda
