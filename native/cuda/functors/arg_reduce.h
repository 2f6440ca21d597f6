// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// The index of the largest or smallest element along the middle axis of [outer,length,inner]. A
/// row computes one output. `length` must be below 2^24, so that f32 holds every index.
template <typename T>
struct ArgReduce {
  const T* x = nullptr;
  int64_t* y = nullptr;
  int64_t length = 0;
  Divider inner;
  bool is_max = true;
  bool selects_last = false;  // of equal elements

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, Lanes lanes) const {
    const int64_t output = row;
    const int64_t place = inner.split(row);
    const int64_t step = inner.divisor();
    const T* first = x + row * length * step + place;
    const float sign = is_max ? 1.0f : -1.0f;
    float largest = -kInfinity;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      const float value = sign * to_float(first[i * step]);
      largest = value > largest ? value : largest;
    }
    largest = lanes.max(largest);
    // The first one is that of the largest negated index.
    const float none = -static_cast<float>(length);
    float best = none;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      if (sign * to_float(first[i * step]) != largest) continue;
      const float rank = static_cast<float>(selects_last ? i : -i);
      best = rank > best ? rank : best;
    }
    best = lanes.max(best);
    if (lanes.index != 0) return;
    const int64_t index = static_cast<int64_t>(selects_last ? best : -best);
    y[output] = best == none ? 0 : index;  // none: all are NaN
  }
};

}  // namespace synsight::cuda
