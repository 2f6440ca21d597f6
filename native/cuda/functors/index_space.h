// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/ops/strided.h"
#include "core/tensor/shape.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

inline constexpr int kMaxAxes = static_cast<int>(Shape::kMaxRank);

/// Gives the remainder and leaves the quotient. A division of 64 bits takes a GPU several times as
/// long as one of 32.
SYNSIGHT_HOST_DEVICE inline int64_t take_remainder(int64_t& index, int64_t dim) {
  if (((index | dim) >> 32) == 0) {
    const auto dividend = static_cast<uint32_t>(index);
    const auto divisor = static_cast<uint32_t>(dim);
    index = dividend / divisor;
    return static_cast<int64_t>(dividend - static_cast<uint32_t>(index) * divisor);
  }
  const int64_t quotient = index / dim;
  const int64_t remainder = index - quotient * dim;
  index = quotient;
  return remainder;
}

/// The index space of a kernel with kCount operands, of which the first is written: in the order in
/// which that one lies in memory, with as few axes as there can be.
template <int kCount>
struct IndexSpace {
  int num_axes = 1;
  int64_t num_elements = 0;
  int64_t dims[kMaxAxes] = {};
  int64_t strides[kCount][kMaxAxes] = {};
  int pack = 1;  // kPack: along the last axis every operand lies together or stands still

  /// Of kernels that take `pack` elements each.
  int64_t num_packs() const { return (num_elements + pack - 1) / pack; }

  /// Where an element lies in each operand.
  SYNSIGHT_HOST_DEVICE void locate(int64_t index, int64_t (&offsets)[kCount]) const {
    for (int k = 0; k < kCount; ++k) offsets[k] = 0;
    for (int axis = num_axes - 1; axis > 0; --axis) {
      const int64_t at = take_remainder(index, dims[axis]);
      for (int k = 0; k < kCount; ++k) offsets[k] += at * strides[k][axis];
    }
    for (int k = 0; k < kCount; ++k) offsets[k] += index * strides[k][0];
  }

  SYNSIGHT_HOST_DEVICE int64_t last_stride(int operand) const {
    return strides[operand][num_axes - 1];
  }
};

/// Whether packs of kPack elements neither cross a row nor begin where they are not aligned. The
/// last pack of a single row may be smaller.
template <int kCount>
bool can_pack(const IndexSpace<kCount>& space) {
  const int last = space.num_axes - 1;
  if (space.strides[0][last] != 1) return false;
  if (space.num_axes > 1 && space.dims[last] % kPack != 0) return false;
  for (int k = 0; k < kCount; ++k) {
    if (space.strides[k][last] == 0) continue;
    if (space.strides[k][last] != 1) return false;
    for (int axis = 0; axis < last; ++axis) {
      if (space.strides[k][axis] % kPack != 0) return false;
    }
  }
  return true;
}

/// `strides` are those of each operand along the axes of `shape`; those of the first, which is
/// written, are not 0.
template <size_t kCount>
IndexSpace<static_cast<int>(kCount)> plan_index_space(
    const Shape& shape, const std::array<ops::Strides, kCount>& strides) {
  std::array<size_t, Shape::kMaxRank> order{};
  size_t rank = 0;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != 1) order[rank++] = axis;
  }
  const auto lies_before = [&](size_t a, size_t b) {
    return strides[0][a] != strides[0][b] ? strides[0][a] > strides[0][b] : a < b;
  };
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(rank), lies_before);
  IndexSpace<static_cast<int>(kCount)> space;
  space.num_elements = static_cast<int64_t>(shape.num_elements());
  int last = -1;
  for (size_t i = 0; i < rank; ++i) {
    const size_t axis = order[i];
    bool joins = last >= 0;  // the axis before it goes on where this one ends
    for (size_t k = 0; joins && k < kCount; ++k) {
      joins = space.strides[k][last] == strides[k][axis] * shape[axis];
    }
    if (!joins) ++last;
    space.dims[last] = joins ? space.dims[last] * shape[axis] : shape[axis];
    for (size_t k = 0; k < kCount; ++k) space.strides[k][last] = strides[k][axis];
  }
  if (last < 0) {  // a scalar
    last = 0;
    space.dims[0] = 1;
    for (size_t k = 0; k < kCount; ++k) space.strides[k][0] = 1;
  }
  space.num_axes = last + 1;
  space.pack = can_pack(space) ? kPack : 1;
  return space;
}

}  // namespace synsight::cuda
