// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// Y = (X - mean) / sqrt(variance + epsilon) * scale + bias, with the moments of each row's
/// elements, in f32: as distances from the row's first element, and the variance in a second pass,
/// because the difference of two large numbers keeps no digits. Layer, group and instance
/// normalization, and that of a batch, are this with other maps. A lane takes kWidth elements at
/// once, which must lie together and, in X, at a multiple of kWidth.
template <typename T, int kWidth>
struct NormalizeRows {
  const T* x = nullptr;
  T* y = nullptr;
  const float* scale = nullptr;
  const float* bias = nullptr;          // or null
  float* means = nullptr;               // [rows], or null
  float* inverse_deviations = nullptr;  // the same
  float* variances = nullptr;           // the same
  StridedMap rows;                      // where a row's first element lies
  StridedMap inner;                     // how far behind it the others lie
  StridedMap parameter_rows;            // where its first scale and bias lie
  StridedMap scale_inner;
  StridedMap bias_inner;
  int64_t parameter_step = 1;  // among kWidth elements, from one's scale and bias to the next one's
  int64_t length = 0;
  float epsilon = 0;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, Lanes lanes) const {
    const T* from = x + rows.offset(row);
    const float count = static_cast<float>(length);
    const float origin = length > 0 ? to_float(from[inner.offset(0)]) : 0;
    const float mean = lanes.sum(sum_distances(from, lanes, {origin, 0}, false)) / count;
    const Center center = {origin, mean};
    const float variance = lanes.sum(sum_distances(from, lanes, center, true)) / count;
    const float inverse_deviation = 1.0f / sqrtf(variance + epsilon);
    const int64_t parameters = parameter_rows.offset(row);
    for (int64_t i = first(lanes); i < length; i += step(lanes)) {
      const float* scales = scale + parameters + scale_inner.offset(i);
      const float* biases = bias != nullptr ? bias + parameters + bias_inner.offset(i) : nullptr;
      const int64_t offset = inner.offset(i);
      float values[kWidth];
      load_vector<kWidth>(from + offset, values);
      for (int j = 0; j < kWidth; ++j) {
        const float shift = biases != nullptr ? biases[j * parameter_step] : 0.0f;
        const float normalized = center.distance(values[j]) * inverse_deviation;
        values[j] = clamp(normalized * scales[j * parameter_step] + shift);
      }
      store_vector<kWidth>(values, y + rows.offset(row) + offset);
    }
    if (lanes.index != 0) return;
    if (means != nullptr) means[row] = origin + mean;
    if (inverse_deviations != nullptr) inverse_deviations[row] = inverse_deviation;
    if (variances != nullptr) variances[row] = variance;
  }

 private:
  struct Center {
    float origin;
    float offset;

    SYNSIGHT_HOST_DEVICE float distance(float value) const { return value - origin - offset; }
  };

  SYNSIGHT_HOST_DEVICE static int64_t first(Lanes lanes) { return int64_t{lanes.index} * kWidth; }
  SYNSIGHT_HOST_DEVICE static int64_t step(Lanes lanes) { return int64_t{lanes.count} * kWidth; }

  // One lane's sum of the distances from `center`, or of their squares.
  SYNSIGHT_HOST_DEVICE float sum_distances(const T* from, Lanes lanes, Center center,
                                           bool is_squared) const {
    float sum = 0;
    for (int64_t i = first(lanes); i < length; i += step(lanes)) {
      float values[kWidth];
      load_vector<kWidth>(from + inner.offset(i), values);
      for (int j = 0; j < kWidth; ++j) {
        const float distance = center.distance(values[j]);
        sum += is_squared ? distance * distance : distance;
      }
    }
    return sum;
  }
};

/// Moves given statistics towards those that were found, which they replace. Index space: all.
struct MoveStatistics {
  const float* given = nullptr;
  float* statistics = nullptr;
  float momentum = 0;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    statistics[index] = given[index] * momentum + statistics[index] * (1 - momentum);
  }
};

/// What BatchNormalization comes to, channel by channel: Y = X * factor + shift.
struct FoldStatistics {
  const float* scale = nullptr;  // this and the others: [C]
  const float* bias = nullptr;
  const float* mean = nullptr;
  const float* variance = nullptr;
  float epsilon = 0;
  float* factor = nullptr;
  float* shift = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t channel) const {
    const float value = scale[channel] / sqrtf(variance[channel] + epsilon);
    factor[channel] = value;
    shift[channel] = bias[channel] - mean[channel] * value;
  }
};

/// Y = X * factor + shift, channel by channel. X lies as [...,C,inner]; an index computes kWidth
/// neighbours, which divide `inner`, or C where `inner` is 1.
template <typename T, int kWidth>
struct ScaleChannels {
  const T* x = nullptr;
  T* y = nullptr;
  const float* factor = nullptr;  // [C]
  const float* shift = nullptr;   // [C]
  Divider inner;
  Divider num_channels;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    float values[kWidth];
    load_vector<kWidth>(x + index * kWidth, values);
    int64_t plane = inner.quotient(index * kWidth);
    const int64_t channel = num_channels.split(plane);
    const int64_t step = inner.divisor() == 1 ? 1 : 0;
    for (int i = 0; i < kWidth; ++i) {
      const int64_t c = channel + i * step;
      values[i] = clamp(values[i] * factor[c] + shift[c]);
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
