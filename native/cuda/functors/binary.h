// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/binary_functions.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = clamp(f(A, B) / divisor), element by element, with the broadcasting that the strides of
/// `space` say; its operands are Y, A and B. Y may be A, where their strides are equal.
/// Index space: space.num_packs().
struct Binary {
  BinaryFunction function = BinaryFunction::kAdd;
  float divisor = 1;  // Mean's; 1 changes nothing
  Clamp clamp = {};
  IndexSpace<3> space = {};
  Elements y = {};
  ConstElements a = {};
  ConstElements b = {};

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t first = index * space.pack;
    int64_t at[3];
    space.locate(first, at);
    if (space.pack == 1) {
      const float left = a[at[1]];
      const float right = b[at[2]];
      with_function(function,
                    [&](const auto& f) { y.set(at[0], clamp(f(left, right) / divisor)); });
      return;
    }
    const int64_t rest = space.num_elements - first;
    const int count = rest < kPack ? static_cast<int>(rest) : kPack;
    float left[kPack];
    float right[kPack];
    load_along(a, at[1], space.last_stride(1), count, left);
    load_along(b, at[2], space.last_stride(2), count, right);
    with_function(function, [&](const auto& f) {
      for (int i = 0; i < kPack; ++i) left[i] = f(left[i], right[i]);
    });
    if (divisor != 1) {
      for (float& value : left) value /= divisor;
    }
    for (float& value : left) value = clamp(value);
    store_part(y, at[0], count, left);
  }
};

}  // namespace synsight::cuda
