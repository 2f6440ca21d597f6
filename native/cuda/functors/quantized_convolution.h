// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/depthwise.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/image.h"
#include "native/cuda/functors/padded_image.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// A byte of X, int8 or uint8, less the zero point. An int8 whose highest bit is flipped is 128
/// more as uint8, and so is its zero point then.
struct Levels {
  uint8_t flip = 0;
  int32_t zero = 0;

  SYNSIGHT_HOST_DEVICE int32_t operator()(uint8_t byte) const { return (byte ^ flip) - zero; }
};

/// A byte of Y from a sum of integers: saturate(round(clamp((sum + bias) * scale + offset) / step)
/// + zero point), halves to the even number.
struct Requantize {
  const int32_t* bias = nullptr;  // one a channel
  const float* scale = nullptr;   // likewise
  const float* offset = nullptr;  // likewise
  Clamp clamp;
  float step = 1;
  float zero = 0;
  Clamp saturate;  // to what an int8 or uint8 holds

  SYNSIGHT_HOST_DEVICE uint8_t operator()(int32_t sum, int64_t channel) const {
    // A fused multiply-add, as a device may make of it, is rounded once everywhere.
    const float scaled =
        ::fmaf(static_cast<float>(sum + bias[channel]), scale[channel], offset[channel]);
    return static_cast<uint8_t>(static_cast<int32_t>(saturate(rintf(clamp(scaled) / step) + zero)));
  }
};

/// Y = requantize(Conv(levels(X), W)), one output an index, in every layout, number of groups and
/// window over up to three axes: for what no library takes.
struct QuantizedConvolution {
  const uint8_t* x = nullptr;
  const int8_t* weights = nullptr;  // [M][taps][C/group]
  uint8_t* y = nullptr;
  ImageMap input;
  ImageMap output;
  SpatialWindow window;
  Divider group_filters;       // M / group
  int64_t group_channels = 1;  // C / group
  int64_t num_taps = 1;
  Levels levels;
  Requantize requantize;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = output.position(index);
    const int64_t group = group_filters.quotient(position.channel);
    const uint8_t* plane = x + input.plane(position.image, group * group_channels);
    const int8_t* filter = weights + position.channel * num_taps * group_channels;
    int32_t sum = 0;
    for_each_tap(window, input, position, [&](int64_t pixel, int64_t tap) {
      for (int64_t c = 0; c < group_channels; ++c) {
        sum += levels(plane[pixel + c * input.channel_step()]) * filter[tap * group_channels + c];
      }
    });
    y[index] = requantize(sum, position.channel);
  }
};

/// The same with a filter for each channel, over images that lie channels last. An index computes
/// kWidth neighbouring channels, which divides their number. Index space: Y's elements / kWidth.
template <int kWidth>
struct QuantizedDepthwise {
  const uint8_t* x = nullptr;       // [N,H,W,C]
  const int8_t* weights = nullptr;  // [kH,kW,C]
  uint8_t* y = nullptr;             // [N,oH,oW,C]
  int64_t num_channels = 0;
  FilterAxis rows;
  FilterAxis columns;
  Divider packs;  // of kWidth channels
  Divider output_columns;
  Divider output_rows;
  Levels levels;
  Requantize requantize;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t image = index;
    const int64_t channel = packs.split(image) * kWidth;
    const int column = static_cast<int>(output_columns.split(image)) * columns.stride - columns.pad;
    const int row = static_cast<int>(output_rows.split(image)) * rows.stride - rows.pad;
    int32_t sums[kWidth] = {};
    for (int i = 0; i < rows.taps; ++i) {
      const int at_row = row + i * rows.dilation;
      if (at_row < 0 || at_row >= rows.input) continue;
      for (int j = 0; j < columns.taps; ++j) {
        const int at_column = column + j * columns.dilation;
        if (at_column < 0 || at_column >= columns.input) continue;
        const int64_t pixel = (image * rows.input + at_row) * columns.input + at_column;
        add(x + pixel * num_channels + channel,
            weights + (int64_t{i} * columns.taps + j) * num_channels + channel, sums);
      }
    }
    Vector<uint8_t, kWidth> result;
    for (int i = 0; i < kWidth; ++i) result.elements[i] = requantize(sums[i], channel + i);
    *reinterpret_cast<Vector<uint8_t, kWidth>*>(y + index * kWidth) = result;
  }

 private:
  SYNSIGHT_HOST_DEVICE void add(const uint8_t* pixels, const int8_t* factors,
                                int32_t (&sums)[kWidth]) const {
    const auto bytes = *reinterpret_cast<const Vector<uint8_t, kWidth>*>(pixels);
    const auto weight = *reinterpret_cast<const Vector<int8_t, kWidth>*>(factors);
    for (int i = 0; i < kWidth; ++i) sums[i] += levels(bytes.elements[i]) * weight.elements[i];
  }
};

/// What a library takes as X: int8, with zero points around the pixels of X and behind its
/// channels. An index writes kWidth neighbouring channels.
template <int kWidth>
struct PadLevels {
  const uint8_t* x = nullptr;
  uint8_t flip = 0;  // 0x80 makes int8 of uint8, 128 less
  uint8_t fill = 0;  // the zero point as int8
  PaddedImage image;
  uint8_t* y = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const PaddedImage::Place from = image.place(index, kWidth);
    Vector<uint8_t, kWidth> bytes;
    for (int i = 0; i < kWidth; ++i) {
      bytes.elements[i] = i < from.num_channels ? x[from.first + i * image.steps[1]] ^ flip : fill;
    }
    *reinterpret_cast<Vector<uint8_t, kWidth>*>(y + index * kWidth) = bytes;
  }
};

/// Y from a library's sums of X and W as int8, over pixels whose channels are neighbours: Y has the
/// first of them. An index takes kWidth, which divides both numbers of channels. Index space: Y's
/// elements / kWidth.
template <int kWidth>
struct RequantizeSums {
  const int32_t* sums = nullptr;
  int64_t num_sums = 0;             // of a pixel
  const int32_t* totals = nullptr;  // of each filter's weights
  int32_t zero = 0;                 // X's zero point, which the sums have in them
  uint8_t* y = nullptr;
  Divider parts;  // of kWidth channels, in a pixel of Y
  Requantize requantize;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t pixel = index;
    const int64_t channel = parts.split(pixel) * kWidth;
    const auto from =
        *reinterpret_cast<const Vector<int32_t, kWidth>*>(sums + pixel * num_sums + channel);
    Vector<uint8_t, kWidth> bytes;
    for (int i = 0; i < kWidth; ++i) {
      const int32_t sum = from.elements[i] - zero * totals[channel + i];
      bytes.elements[i] = requantize(sum, channel + i);
    }
    *reinterpret_cast<Vector<uint8_t, kWidth>*>(y + index * kWidth) = bytes;
  }
};

}  // namespace synsight::cuda
