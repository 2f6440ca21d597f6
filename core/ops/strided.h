// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/tensor/shape.h"

namespace synsight::ops {

/// For each axis, how many elements lie between one index and the next; 0 repeats the same element.
using Strides = std::array<int64_t, Shape::kMaxRank>;

/// Those of a tensor whose elements lie one after the other.
Strides row_major_strides(const Shape& shape);

/// Those that read a tensor of shape `from` as if it had the shape `to`, to which it broadcasts.
Strides broadcast_strides(const Shape& from, const Shape& to);

/// Copies the elements at every index of `shape`. Strides and elements are counted from `source`
/// and `target`; strides may be negative or 0.
void copy_strided(const Shape& shape, size_t element_size, const void* source,
                  const Strides& source_strides, void* target, const Strides& target_strides);

/// Writes one element `count` times.
void fill_elements(size_t element_size, const void* element, void* target, size_t count);

/// Calls `visit(offsets)` for every index of `shape` in row-major order; offsets[i] is the index's
/// distance, in elements, from the first one under strides[i].
template <size_t kCount, typename Visitor>
void for_each_offset(const Shape& shape, const std::array<Strides, kCount>& strides,
                     const Visitor& visit) {
  std::array<int64_t, Shape::kMaxRank> index{};
  std::array<int64_t, kCount> offsets{};
  const size_t num_elements = shape.num_elements();
  for (size_t i = 0; i < num_elements; ++i) {
    visit(offsets);
    for (size_t axis = shape.rank(); axis-- > 0;) {
      const bool is_inside = ++index[axis] < shape[axis];
      for (size_t k = 0; k < kCount; ++k) {
        offsets[k] += is_inside ? strides[k][axis] : -strides[k][axis] * (shape[axis] - 1);
      }
      if (is_inside) break;
      index[axis] = 0;
    }
  }
}

}  // namespace synsight::ops
