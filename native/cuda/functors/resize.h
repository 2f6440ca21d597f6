// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// What one output index of an axis reads: `count` inputs from `begin` on, which may lie outside,
/// by the weights from `first_weight` on.
struct WeightedTaps {
  int64_t begin = 0;
  int64_t count = 0;
  int64_t first_weight = 0;
};

/// Resizes the middle axis of [outer,dim,inner] to `size` weighted sums, in f32; outside of it the
/// edge is repeated. Index space: the elements of Y. Source: ONNX Resize-19.
struct WeightAxis {
  Elements y;
  ConstElements x;
  const WeightedTaps* taps = nullptr;  // [size]
  const float* weights = nullptr;
  int64_t dim = 1;
  Divider size;
  Divider inner;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t outer = index;
    const int64_t place = inner.split(outer);
    const WeightedTaps read = taps[size.split(outer)];
    const int64_t first = outer * dim * inner.divisor() + place;
    float sum = 0;
    for (int64_t i = 0; i < read.count; ++i) {
      const int64_t at = read.begin + i;
      const int64_t inside = at < 0 ? 0 : at < dim ? at : dim - 1;
      sum += weights[read.first_weight + i] * x[first + inside * inner.divisor()];
    }
    y.set(index, clamp(sum));
  }
};

}  // namespace synsight::cuda
