// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/cuda/functors/copy.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = condition ? A : B, element by element, with the broadcasting that the strides of `space`
/// say; its operands are Y, the condition (bool), A and B, these of any one type of `element_size`
/// bytes. Index space: space.num_elements. Source: ONNX Where-16.
struct Where {
  IndexSpace<4> space;
  size_t element_size = 1;
  void* y = nullptr;
  const void* condition = nullptr;
  const void* a = nullptr;
  const void* b = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t at[4];
    space.locate(index, at);
    const bool is_a = static_cast<const uint8_t*>(condition)[at[1]] != 0;
    copy_unit(unit_at(y, element_size, at[0]),
              is_a ? unit_at(a, element_size, at[2]) : unit_at(b, element_size, at[3]),
              element_size);
  }
};

}  // namespace synsight::cuda
