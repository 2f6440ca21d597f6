// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// One spatial axis of a filter: tap t of output o reads the input at
/// o * stride - pad + t * dilation.
struct FilterAxis {
  int input = 1;
  int output = 1;
  int taps = 1;
  int stride = 1;
  int dilation = 1;
  int pad = 0;
};

/// A filter for each channel, over images that lie channels last.
template <typename T>
struct DepthwiseShape {
  const T* x = nullptr;         // [N,H,W,C]
  const T* weights = nullptr;   // [kH,kW,C]
  const float* bias = nullptr;  // [C], or null
  T* y = nullptr;               // [N,oH,oW,C]
  int64_t num_images = 0;
  int64_t num_channels = 0;
  FilterAxis rows;
  FilterAxis columns;
  Clamp clamp;
};

/// Y = clamp(DepthwiseConv(X, W) + bias), summed in f32, for filters of kTaps columns and any
/// number of rows that reach kStride columns further each output, without dilation of columns. An
/// index computes kOutputs neighbours in a row, which share the weights and most of the pixels, of
/// kWidth channels; these must divide the number of channels.
template <typename T, int kTaps, int kStride, int kOutputs, int kWidth>
class DepthwiseRow {
 public:
  explicit DepthwiseRow(const DepthwiseShape<T>& shape)
      : shape_(shape),
        packs_(shape.num_channels / kWidth),
        parts_((shape.columns.output + kOutputs - 1) / kOutputs),
        output_rows_(shape.rows.output) {}

  /// How many indices there are.
  int64_t count() const {
    return shape_.num_images * output_rows_.divisor() * parts_.divisor() * packs_.divisor();
  }

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    // Neighbouring indices read neighbouring channels.
    const int64_t channel = packs_.split(index) * kWidth;
    const int first = static_cast<int>(parts_.split(index)) * kOutputs;
    const int row = static_cast<int>(output_rows_.split(index));
    float sums[kOutputs][kWidth];
    for (int i = 0; i < kWidth; ++i) {
      const float bias = shape_.bias != nullptr ? shape_.bias[channel + i] : 0.0f;
      for (int output = 0; output < kOutputs; ++output) sums[output][i] = bias;
    }
    const FilterAxis& rows = shape_.rows;
    const T* image = shape_.x + index * rows.input * shape_.columns.input * shape_.num_channels;
    for (int tap_row = 0; tap_row < rows.taps; ++tap_row) {
      const int input_row = row * rows.stride - rows.pad + tap_row * rows.dilation;
      if (input_row < 0 || input_row >= rows.input) continue;
      add_row(image + int64_t{input_row} * shape_.columns.input * shape_.num_channels + channel,
              shape_.weights + int64_t{tap_row} * kTaps * shape_.num_channels + channel, first,
              sums);
    }
    const int64_t output_row = index * rows.output + row;
    T* y = shape_.y + (output_row * shape_.columns.output + first) * shape_.num_channels + channel;
    for (int output = 0; output < kOutputs; ++output) {
      if (first + output >= shape_.columns.output) break;
      for (int i = 0; i < kWidth; ++i) sums[output][i] = shape_.clamp(sums[output][i]);
      store_vector<kWidth>(sums[output], y + output * shape_.num_channels);
    }
  }

 private:
  // The pixels of a row that kOutputs neighbours reach.
  static constexpr int kReach = (kOutputs - 1) * kStride + kTaps;

  SYNSIGHT_HOST_DEVICE void add_row(const T* x, const T* weights, int first,
                                    float (&sums)[kOutputs][kWidth]) const {
    float factors[kTaps][kWidth];
#pragma unroll
    for (int tap = 0; tap < kTaps; ++tap) {
      load_vector<kWidth>(weights + tap * shape_.num_channels, factors[tap]);
    }
    // All loads come first, for the memory to serve them at the same time.
    const int begin = first * kStride - shape_.columns.pad;
    Vector<T, kWidth> pixels[kReach] = {};
#pragma unroll
    for (int reach = 0; reach < kReach; ++reach) {
      const int column = begin + reach;
      if (column < 0 || column >= shape_.columns.input) continue;
      pixels[reach] = *reinterpret_cast<const Vector<T, kWidth>*>(x + column * shape_.num_channels);
    }
#pragma unroll
    for (int reach = 0; reach < kReach; ++reach) {
      float pixel[kWidth];
#pragma unroll
      for (int i = 0; i < kWidth; ++i) pixel[i] = to_float(pixels[reach].elements[i]);
#pragma unroll
      for (int output = 0; output < kOutputs; ++output) {
        const int tap = reach - output * kStride;
        if (tap < 0 || tap >= kTaps) continue;
#pragma unroll
        for (int i = 0; i < kWidth; ++i) sums[output][i] += pixel[i] * factors[tap][i];
      }
    }
  }

  DepthwiseShape<T> shape_;
  Divider packs_;
  Divider parts_;
  Divider output_rows_;
};

/// The same for any filter, stride and dilation, one output an index.
template <typename T, int kWidth>
class DepthwiseAny {
 public:
  explicit DepthwiseAny(const DepthwiseShape<T>& shape)
      : shape_(shape),
        packs_(shape.num_channels / kWidth),
        output_columns_(shape.columns.output),
        output_rows_(shape.rows.output) {}

  int64_t count() const {
    return shape_.num_images * output_rows_.divisor() * output_columns_.divisor() *
           packs_.divisor();
  }

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    T* y = shape_.y + index * kWidth;
    const int64_t channel = packs_.split(index) * kWidth;
    const int column = static_cast<int>(output_columns_.split(index));
    const int row = static_cast<int>(output_rows_.split(index));
    const FilterAxis& rows = shape_.rows;
    const FilterAxis& columns = shape_.columns;
    float sums[kWidth];
    for (int i = 0; i < kWidth; ++i) {
      sums[i] = shape_.bias != nullptr ? shape_.bias[channel + i] : 0.0f;
    }
    for (int tap_row = 0; tap_row < rows.taps; ++tap_row) {
      const int input_row = row * rows.stride - rows.pad + tap_row * rows.dilation;
      if (input_row < 0 || input_row >= rows.input) continue;
      const int64_t input_offset = (index * rows.input + input_row) * columns.input;
      for (int tap = 0; tap < columns.taps; ++tap) {
        const int input_column = column * columns.stride - columns.pad + tap * columns.dilation;
        if (input_column < 0 || input_column >= columns.input) continue;
        float pixel[kWidth];
        float factor[kWidth];
        load_vector<kWidth>(
            shape_.x + (input_offset + input_column) * shape_.num_channels + channel, pixel);
        const int64_t weight = (int64_t{tap_row} * columns.taps + tap) * shape_.num_channels;
        load_vector<kWidth>(shape_.weights + weight + channel, factor);
        for (int i = 0; i < kWidth; ++i) sums[i] += pixel[i] * factor[i];
      }
    }
    for (int i = 0; i < kWidth; ++i) sums[i] = shape_.clamp(sums[i]);
    store_vector<kWidth>(sums, y);
  }

 private:
  DepthwiseShape<T> shape_;
  Divider packs_;
  Divider output_columns_;
  Divider output_rows_;
};

}  // namespace synsight::cuda
