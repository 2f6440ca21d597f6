// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/ops/pad.h"
#include "native/cuda/functors/copy.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Pad, and Tile as a padding that wraps: each unit of the target is one of the source, or, in the
/// constant mode outside it, filled with the element at `value`, or `default_bits` where that is
/// null. Axes are those of memory, and a unit several neighbours that are padded along no axis.
/// Index space: num_units. Source: ONNX Pad-19, Tile-13.
struct Pad {
  ops::PadMode mode = ops::PadMode::kConstant;
  int num_axes = 0;
  int64_t num_units = 0;
  int64_t dims[kMaxAxes] = {};  // of the target
  int64_t source_dims[kMaxAxes] = {};
  int64_t source_strides[kMaxAxes] = {};
  int64_t begin[kMaxAxes] = {};  // negative: so many are cut off
  size_t unit_size = 1;
  size_t element_size = 1;
  void* target = nullptr;
  const void* source = nullptr;
  const void* value = nullptr;
  uint64_t default_bits = 0;  // of an element, from the first byte on

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t rest = index;
    int64_t offset = 0;
    bool is_inside = true;
    for (int axis = num_axes - 1; axis >= 0; --axis) {
      int64_t at = take_remainder(rest, dims[axis]) - begin[axis];
      if (mode == ops::PadMode::kConstant) {
        is_inside = is_inside && at >= 0 && at < source_dims[axis];
      } else {
        at = source_index(at, source_dims[axis]);
      }
      offset += at * source_strides[axis];
    }
    std::byte* to = unit_at(target, unit_size, index);
    if (is_inside) {
      copy_unit(to, unit_at(source, unit_size, offset), unit_size);
    } else {
      fill(to);
    }
  }

  /// Which index of an axis of `dim` stands at `index`, which may be outside.
  SYNSIGHT_HOST_DEVICE int64_t source_index(int64_t index, int64_t dim) const {
    if (index >= 0 && index < dim) return index;
    if (mode == ops::PadMode::kEdge) return index < 0 ? 0 : dim - 1;
    const int64_t doubled = dim > 1 ? 2 * (dim - 1) : 1;
    const int64_t period = mode == ops::PadMode::kWrap ? dim : doubled;
    const int64_t phase = (index % period + period) % period;
    return phase < dim ? phase : period - phase;
  }

  SYNSIGHT_HOST_DEVICE void fill(std::byte* to) const {
    const void* element = value != nullptr ? value : &default_bits;
    for (size_t i = 0; i < unit_size; i += element_size) copy_unit(to + i, element, element_size);
  }
};

}  // namespace synsight::cuda
