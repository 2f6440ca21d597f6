// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/ops/scatter_nd.h"
#include "native/cuda/functors/gather.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/host_device.h"

/// Y = ScatterND(data, tuples, updates), slice by slice. So that no two threads write to one place,
/// the updates are chained first: one chain for each slice of Y. Source: ONNX ScatterND-18.
namespace synsight::cuda {

/// The updates of each slice, whose numbers count from 1 so that 0 ends a chain. They stand in no
/// order.
struct UpdateChains {
  int32_t* first = nullptr;  // [slices]
  int32_t* next = nullptr;   // [updates]

  /// Makes an update the first of its slice; other threads do the same.
  SYNSIGHT_HOST_DEVICE void add(int64_t slice, int32_t update) const {
#ifdef __CUDA_ARCH__
    next[update - 1] = atomicExch(first + slice, update);
#else
    next[update - 1] = first[slice];
    first[slice] = update;
#endif
  }
};

/// Index space: the slices.
struct ClearChains {
  UpdateChains chains;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t slice) const { chains.first[slice] = 0; }
};

/// An update whose tuple is outside goes to no slice. Index space: the tuples.
struct ChainUpdates {
  UpdateChains chains;
  IndexList indices;
  IndexTuples tuples;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t tuple) const {
    const int64_t slice = tuples.at(indices, tuple);
    if (slice != kOutside) chains.add(slice, static_cast<int32_t>(tuple + 1));
  }
};

/// Each slice, of `inner` units, is its last update's, or what was there. Index space: the units of
/// Y.
struct ReplaceSlices {
  UpdateChains chains;
  int64_t inner = 1;
  size_t unit_size = 1;
  void* target = nullptr;
  const void* data = nullptr;
  const void* updates = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t slice = index;
    const int64_t at = take_remainder(slice, inner);
    int64_t last = 0;
    for (int32_t i = chains.first[slice]; i != 0; i = chains.next[i - 1])
      last = i > last ? i : last;
    copy_unit(unit_at(target, unit_size, index),
              last == 0 ? unit_at(data, unit_size, index)
                        : unit_at(updates, unit_size, (last - 1) * inner + at),
              unit_size);
  }
};

/// Each element of a slice is joined with those of all its updates: floats in f32, integers in 64
/// bits, which wrap around. Index space: the elements of Y.
template <typename T>
struct ReduceSlices {
  UpdateChains chains;
  int64_t inner = 1;
  ops::ScatterReduction reduction = ops::ScatterReduction::kAdd;
  T* y = nullptr;
  const T* data = nullptr;
  const T* updates = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t slice = index;
    const int64_t at = take_remainder(slice, inner);
    Number<T> value = to_number(data[index]);
    for (int32_t i = chains.first[slice]; i != 0; i = chains.next[i - 1]) {
      value = join(value, to_number(updates[(i - 1) * inner + at]));
    }
    from_number(value, y[index]);
  }

 private:
  SYNSIGHT_HOST_DEVICE Number<T> join(Number<T> value, Number<T> update) const {
    switch (reduction) {
      case ops::ScatterReduction::kAdd:
        return add(value, update);
      case ops::ScatterReduction::kMul:
        return multiply(value, update);
      case ops::ScatterReduction::kMax:
        return value < update ? update : value;
      default:
        return update < value ? update : value;
    }
  }
};

}  // namespace synsight::cuda
