// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// Y = (X - mean) / sqrt(variance + epsilon) * scale + bias, with the moments of each row's
/// elements, in f32; the variance in a second pass, because the difference of two large sums keeps
/// no digits. Layer, group and instance normalization are this with other maps.
template <typename T>
struct NormalizeRows {
  const T* x = nullptr;
  T* y = nullptr;
  const float* scale = nullptr;
  const float* bias = nullptr;  // or null
  Elements means;               // [rows], or without data
  Elements inverse_deviations;  // the same
  StridedMap rows;              // where a row's first element lies
  StridedMap inner;             // how far behind it the others lie
  StridedMap scale_rows;        // where its first scale lies
  StridedMap scale_inner;
  StridedMap bias_inner;  // the biases' rows are the scales'
  int64_t length = 0;
  float epsilon = 0;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, Lanes lanes) const {
    const int64_t first = rows.offset(row);
    const float count = static_cast<float>(length);
    float sum = 0;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      sum += to_float(x[first + inner.offset(i)]);
    }
    const float mean = lanes.sum(sum) / count;
    float squares = 0;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      const float distance = to_float(x[first + inner.offset(i)]) - mean;
      squares += distance * distance;
    }
    const float inverse_deviation = 1.0f / sqrtf(lanes.sum(squares) / count + epsilon);
    const int64_t first_scale = scale_rows.offset(row);
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      const int64_t at = first + inner.offset(i);
      const float normalized = (to_float(x[at]) - mean) * inverse_deviation;
      const float shift = bias != nullptr ? bias[first_scale + bias_inner.offset(i)] : 0.0f;
      const float value = normalized * scale[first_scale + scale_inner.offset(i)] + shift;
      from_float(clamp(value), y[at]);
    }
    if (lanes.index != 0) return;
    if (means.data != nullptr) means.set(row, mean);
    if (inverse_deviations.data != nullptr) inverse_deviations.set(row, inverse_deviation);
  }
};

/// Y = (X - mean) / sqrt(variance + epsilon) * scale + bias with given statistics, channel by
/// channel: BatchNormalization. X lies as [...,C,inner]; an index computes kWidth neighbours, which
/// divide `inner`, or C where `inner` is 1.
template <typename T, int kWidth>
struct NormalizeChannels {
  const T* x = nullptr;
  T* y = nullptr;
  const float* scale = nullptr;  // this and the others: [C]
  const float* bias = nullptr;
  const float* mean = nullptr;
  const float* variance = nullptr;
  Divider inner;
  Divider num_channels;
  float epsilon = 0;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    float values[kWidth];
    load_vector<kWidth>(x + index * kWidth, values);
    int64_t plane = inner.quotient(index * kWidth);
    const int64_t channel = num_channels.split(plane);
    const int64_t step = inner.divisor() == 1 ? 1 : 0;
    for (int i = 0; i < kWidth; ++i) {
      const int64_t c = channel + i * step;
      const float factor = scale[c] / sqrtf(variance[c] + epsilon);
      values[i] = clamp((values[i] - mean[c]) * factor + bias[c]);
    }
    store_vector<kWidth>(values, y + index * kWidth);
  }
};

/// Y = X / (bias + alpha / size * sum of X^2 over the channels [c - before, c + after])^beta, in
/// f32, one element an index. X lies as [...,C,inner].
template <typename T>
struct NormalizeAcrossChannels {
  const T* x = nullptr;
  T* y = nullptr;
  Divider inner;
  Divider num_channels;
  int64_t before = 0;
  int64_t after = 0;
  float factor = 0;  // alpha / size
  float beta = 0;
  float bias = 0;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t plane = inner.quotient(index);
    const int64_t channel = num_channels.split(plane);
    const int64_t first = channel < before ? -channel : -before;
    const int64_t rest = num_channels.divisor() - 1 - channel;
    const int64_t last = rest < after ? rest : after;
    float sum = 0;
    for (int64_t offset = first; offset <= last; ++offset) {
      const float neighbour = to_float(x[index + offset * inner.divisor()]);
      sum += neighbour * neighbour;
    }
    const float value = to_float(x[index]) / powf(bias + factor * sum, beta);
    from_float(clamp(value), y[index]);
  }
};

}  // namespace synsight::cuda
