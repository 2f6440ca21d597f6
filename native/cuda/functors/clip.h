// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/cast.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = clamp(min(max(X, min), max)), where a run gives the bounds: each one element, or none where
/// its data is null. NaN stays NaN. Y may be X. Each index takes kPack elements. Index space:
/// num_packs().
struct ClipFloats {
  Clamp clamp = {};
  int64_t num_elements = 0;
  Elements y = {};
  ConstElements x = {};
  ConstElements min = {};
  ConstElements max = {};

  int64_t num_packs() const { return (num_elements + kPack - 1) / kPack; }

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    Clamp bounds;
    if (min.data != nullptr) bounds.min = min[0];
    if (max.data != nullptr) bounds.max = max[0];
    const int64_t first = index * kPack;
    const int64_t left = num_elements - first;
    const int count = left < kPack ? static_cast<int>(left) : kPack;
    float values[kPack];
    load_part(x, first, count, values);
    for (float& value : values) value = clamp(bounds(value));
    store_part(y, first, count, values);
  }
};

/// The same of integers, all of X's type, which have no activation. Index space: the elements.
struct ClipIntegers {
  Elements y = {};
  ConstElements x = {};
  ConstElements min = {};
  ConstElements max = {};

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t value = load_integer(x, index);
    if (min.data != nullptr) {
      const int64_t bound = load_integer(min, 0);
      value = value < bound ? bound : value;
    }
    if (max.data != nullptr) {
      const int64_t bound = load_integer(max, 0);
      value = bound < value ? bound : value;
    }
    store_integer(y, index, value);
  }
};

}  // namespace synsight::cuda
