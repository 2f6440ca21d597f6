// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "native/cuda/host_device.h"

namespace synsight::cuda {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A fused activation, applied to what a kernel computed: min(max(value, min), max); NaN stays NaN.
struct Clamp {
  float min = -kInfinity;
  float max = kInfinity;

  bool is_identity() const { return min == -kInfinity && max == kInfinity; }

  SYNSIGHT_HOST_DEVICE float operator()(float value) const {
    value = value < min ? min : value;
    return max < value ? max : value;
  }
};

}  // namespace synsight::cuda
