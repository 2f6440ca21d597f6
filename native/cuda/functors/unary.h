// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/functors/unary_functions.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = clamp(f(X)), element by element; both contiguous, Y may be X. Each index takes kPack of
/// them. Index space: num_packs().
struct Unary {
  UnaryFunction function = UnaryFunction::kIdentity;
  float alpha = 0;
  float beta = 0;
  Clamp clamp = {};
  int64_t num_elements = 0;
  Elements y = {};
  ConstElements x = {};

  int64_t num_packs() const { return (num_elements + kPack - 1) / kPack; }

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t first = index * kPack;
    const int64_t left = num_elements - first;
    const int count = left < kPack ? static_cast<int>(left) : kPack;
    float values[kPack];
    load_part(x, first, count, values);
    with_function(function, alpha, beta, [&](const auto& f) {
      for (float& value : values) value = f(value);
    });
    for (float& value : values) value = clamp(value);
    store_part(y, first, count, values);
  }
};

}  // namespace synsight::cuda
