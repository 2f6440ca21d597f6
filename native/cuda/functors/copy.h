// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// The most bytes that one load takes.
inline constexpr size_t kMaxUnit = 16;

/// Copies `size` bytes, a power of 2 up to kMaxUnit, between addresses that are multiples of it.
SYNSIGHT_HOST_DEVICE inline void copy_unit(void* target, const void* source, size_t size) {
  switch (size) {
    case 1:
      return copy_aligned<1>(target, source);
    case 2:
      return copy_aligned<2>(target, source);
    case 4:
      return copy_aligned<4>(target, source);
    case 8:
      return copy_aligned<8>(target, source);
    default:
      return copy_aligned<kMaxUnit>(target, source);
  }
}

SYNSIGHT_HOST_DEVICE inline std::byte* unit_at(void* units, size_t size, int64_t index) {
  return static_cast<std::byte*>(units) + index * static_cast<int64_t>(size);
}
SYNSIGHT_HOST_DEVICE inline const std::byte* unit_at(const void* units, size_t size,
                                                     int64_t index) {
  return static_cast<const std::byte*>(units) + index * static_cast<int64_t>(size);
}

/// A copy between strides of elements of any one type: units of `unit_size` bytes for each index of
/// `space`, whose operands are the target and the source. Index space: space.num_elements.
struct StridedCopy {
  IndexSpace<2> space;
  size_t unit_size = 1;
  void* target = nullptr;
  const void* source = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t at[2];
    space.locate(index, at);
    copy_unit(unit_at(target, unit_size, at[0]), unit_at(source, unit_size, at[1]), unit_size);
  }
};

/// Makes units twice as large, up to kMaxUnit, as long as neighbours lie together on both sides and
/// everything begins at multiples of them. Offsets are in units, from an aligned beginning.
inline void widen_units(IndexSpace<2>& space, size_t& unit_size, int64_t (&offsets)[2]) {
  const int last = space.num_axes - 1;
  const auto can_widen = [&] {
    if (unit_size >= kMaxUnit || space.dims[last] % 2 != 0) return false;
    for (int k = 0; k < 2; ++k) {
      if (space.strides[k][last] != 1 || offsets[k] % 2 != 0) return false;
      for (int axis = 0; axis < last; ++axis) {
        if (space.strides[k][axis] % 2 != 0) return false;
      }
    }
    return true;
  };
  while (can_widen()) {
    unit_size *= 2;
    space.num_elements /= 2;
    space.dims[last] /= 2;
    for (int k = 0; k < 2; ++k) {
      offsets[k] /= 2;
      for (int axis = 0; axis < last; ++axis) space.strides[k][axis] /= 2;
    }
  }
  space.pack = 1;
}

/// A copy between strides that converts the element type, which is one that `store` knows.
/// Index space: space.num_packs().
struct ConvertingCopy {
  IndexSpace<2> space;
  Elements target;
  ConstElements source;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t first = index * space.pack;
    int64_t at[2];
    space.locate(first, at);
    if (space.pack == 1) return target.set(at[0], source[at[1]]);
    const int64_t left = space.num_elements - first;
    const int count = left < kPack ? static_cast<int>(left) : kPack;
    float values[kPack];
    load_along(source, at[1], space.last_stride(1), count, values);
    store_part(target, at[0], count, values);
  }
};

}  // namespace synsight::cuda
