// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/cuda/functors/copy.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = Gather(X, indices). X: [rows, dim, inner], Y: [rows, num_indices, inner], in units of
/// `unit_size` bytes; indices: int32 or int64, each in [-dim, dim). Index space: the units of Y.
/// Source: ONNX Gather-13.
struct Gather {
  int64_t dim = 1;
  int64_t inner = 1;
  int64_t num_indices = 1;
  size_t unit_size = 1;
  bool is_wide = true;  // indices are int64
  void* target = nullptr;
  const void* source = nullptr;
  const void* indices = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t row = index;
    const int64_t at = take_remainder(row, inner);
    const int64_t position = take_remainder(row, num_indices);
    int64_t taken = is_wide ? static_cast<const int64_t*>(indices)[position]
                            : static_cast<const int32_t*>(indices)[position];
    if (taken < 0) taken += dim;
    copy_unit(unit_at(target, unit_size, index),
              unit_at(source, unit_size, (row * dim + taken) * inner + at), unit_size);
  }
};

}  // namespace synsight::cuda
