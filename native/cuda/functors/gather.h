// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/cuda/functors/copy.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// What stands for an index outside its axis.
inline constexpr int64_t kOutside = -1;

/// Indices of type int32 or int64 that a run may have computed, so that nobody has checked them.
struct IndexList {
  const void* data = nullptr;
  bool is_wide = true;  // int64

  /// Counted from the front of an axis of `dim`, or kOutside.
  SYNSIGHT_HOST_DEVICE int64_t at(int64_t position, int64_t dim) const {
    const int64_t index = is_wide ? static_cast<const int64_t*>(data)[position]
                                  : static_cast<const int32_t*>(data)[position];
    if (index < -dim || index >= dim) return kOutside;
    return index < 0 ? index + dim : index;
  }
};

/// Of such indices `length` name an element or slice of data whose axes are `dims`.
struct IndexTuples {
  int length = 1;
  int64_t dims[kMaxAxes] = {};

  /// The number of the slice among those of all data, of which `batch` have gone by, or kOutside.
  SYNSIGHT_HOST_DEVICE int64_t at(const IndexList& indices, int64_t tuple,
                                  int64_t batch = 0) const {
    int64_t slice = batch;
    for (int i = 0; i < length; ++i) {
      const int64_t index = indices.at(tuple * length + i, dims[i]);
      if (index == kOutside) return kOutside;
      slice = slice * dims[i] + index;
    }
    return slice;
  }
};

/// Copies the unit of that index, or writes zeros for kOutside.
SYNSIGHT_HOST_DEVICE inline void take_unit(void* target, const void* source, size_t size,
                                           int64_t index) {
  alignas(kMaxUnit) const std::byte zeros[kMaxUnit] = {};
  copy_unit(target, index == kOutside ? zeros : unit_at(source, size, index), size);
}

/// Y = Gather(X, indices). X: [rows, dim, inner], Y: [rows, num_indices, inner], in units of
/// `unit_size` bytes; an index outside takes zeros. Index space: the units of Y. Source: ONNX
/// Gather-13.
struct Gather {
  int64_t dim = 1;
  int64_t inner = 1;
  int64_t num_indices = 1;
  size_t unit_size = 1;
  void* target = nullptr;
  const void* source = nullptr;
  IndexList indices;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t row = index;
    const int64_t at = take_remainder(row, inner);
    const int64_t taken = indices.at(take_remainder(row, num_indices), dim);
    const int64_t from = taken == kOutside ? kOutside : (row * dim + taken) * inner + at;
    take_unit(unit_at(target, unit_size, index), source, unit_size, from);
  }
};

/// Y = GatherND(X, tuples): slices of `inner` units each. Each batch of X has `tuples_per_batch`
/// of them. A tuple outside takes zeros. Index space: the units of Y. Source: ONNX GatherND-13.
struct GatherSlices {
  IndexTuples tuples;
  int64_t tuples_per_batch = 1;
  int64_t inner = 1;
  size_t unit_size = 1;
  void* target = nullptr;
  const void* source = nullptr;
  IndexList indices;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t tuple = index;
    const int64_t at = take_remainder(tuple, inner);
    int64_t batch = tuple;
    take_remainder(batch, tuples_per_batch);
    const int64_t slice = tuples.at(indices, tuple, batch);
    const int64_t from = slice == kOutside ? kOutside : slice * inner + at;
    take_unit(unit_at(target, unit_size, index), source, unit_size, from);
  }
};

/// Y = GatherElements(X, indices): each index takes the place of its own along an axis of `dim`
/// elements, which lie `stride` apart. One outside takes a zero. Index space: the elements of Y.
/// Source: ONNX GatherElements-13.
struct GatherElements {
  StridedMap lines;  // where an element's line along the axis begins in X
  int64_t dim = 1;
  int64_t stride = 1;
  size_t unit_size = 1;  // an element's
  void* target = nullptr;
  const void* source = nullptr;
  IndexList indices;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const int64_t taken = indices.at(index, dim);
    const int64_t from = taken == kOutside ? kOutside : lines.offset(index) + taken * stride;
    take_unit(unit_at(target, unit_size, index), source, unit_size, from);
  }
};

/// Makes units twice as large, up to kMaxUnit, as long as `inner` of them can be halved; returns
/// how many fewer there are of everything.
inline int64_t widen_units(size_t& unit_size, int64_t& inner) {
  int64_t factor = 1;
  while (unit_size < kMaxUnit && inner % 2 == 0 && inner > 0) {
    unit_size *= 2;
    inner /= 2;
    factor *= 2;
  }
  return factor;
}

}  // namespace synsight::cuda
