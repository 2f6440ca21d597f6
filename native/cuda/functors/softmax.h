// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// Softmax or LogSoftmax over the middle axis of [outer,length,inner], in f32. A row computes the
/// `length` elements of one place; the largest is subtracted, so no exponential overflows.
template <typename T>
struct Softmax {
  const T* x = nullptr;
  T* y = nullptr;
  int64_t length = 0;
  Divider inner;
  bool is_log = false;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, Lanes lanes) const {
    const int64_t place = inner.split(row);
    const int64_t step = inner.divisor();
    const int64_t first = row * length * step + place;
    float largest = -kInfinity;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      largest = fmaxf(largest, to_float(x[first + i * step]));
    }
    largest = lanes.max(largest);
    float sum = 0;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      sum += expf(to_float(x[first + i * step]) - largest);
    }
    sum = lanes.sum(sum);
    const float log_sum = logf(sum);
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      const float shifted = to_float(x[first + i * step]) - largest;
      const float value = is_log ? shifted - log_sum : expf(shifted) / sum;
      from_float(clamp(value), y[first + i * step]);
    }
  }
};

}  // namespace synsight::cuda
