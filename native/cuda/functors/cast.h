// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// An integer element of a type that `load` knows, with all its bits.
SYNSIGHT_HOST_DEVICE inline int64_t load_integer(const ConstElements& from, int64_t index) {
  switch (from.dtype) {
    case DType::kInt8:
      return static_cast<const int8_t*>(from.data)[index];
    case DType::kUInt8:
    case DType::kBool:
      return static_cast<const uint8_t*>(from.data)[index];
    case DType::kInt32:
      return static_cast<const int32_t*>(from.data)[index];
    case DType::kInt64:
      return static_cast<const int64_t*>(from.data)[index];
    default:
      return 0;
  }
}

/// The reverse: drops the bits that do not fit.
SYNSIGHT_HOST_DEVICE inline void store_integer(const Elements& to, int64_t index, int64_t value) {
  switch (to.dtype) {
    case DType::kInt8:
      static_cast<int8_t*>(to.data)[index] = static_cast<int8_t>(value);
      break;
    case DType::kUInt8:
    case DType::kBool:
      static_cast<uint8_t*>(to.data)[index] = static_cast<uint8_t>(value);
      break;
    case DType::kInt32:
      static_cast<int32_t*>(to.data)[index] = static_cast<int32_t>(value);
      break;
    case DType::kInt64:
      static_cast<int64_t*>(to.data)[index] = value;
      break;
    default:
      break;
  }
}

struct IntegerRange {
  int64_t lowest = 0;
  int64_t highest = 0;
};

/// Of the integer types that `load` knows.
SYNSIGHT_HOST_DEVICE inline IntegerRange range_of(DType dtype) {
  switch (dtype) {
    case DType::kInt8:
      return {-128, 127};
    case DType::kUInt8:
      return {0, 255};
    case DType::kInt32:
      return {INT32_MIN, INT32_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

/// Towards zero, saturating, NaN as 0.
template <typename Float>
SYNSIGHT_HOST_DEVICE int64_t to_integer(Float value, const IntegerRange& range) {
  if (value != value) return 0;
  if (value >= static_cast<Float>(range.highest)) return range.highest;
  if (value <= static_cast<Float>(range.lowest)) return range.lowest;
  return static_cast<int64_t>(value);
}

/// Y = Cast(X), contiguous, among the types that `load` knows: floats to integers saturate, and
/// integers to integers keep the lower bits. Index space: the elements. Source: ONNX Cast-13.
struct Cast {
  Elements y;
  ConstElements x;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    if (is_float_storage(y.dtype)) return y.set(index, x[index]);
    if (y.dtype == DType::kBool) {
      const bool is_zero = is_float_storage(x.dtype) ? x[index] == 0 : load_integer(x, index) == 0;
      return store_integer(y, index, is_zero ? 0 : 1);
    }
    store_integer(y, index,
                  is_float_storage(x.dtype) ? to_integer(x[index], range_of(y.dtype))
                                            : load_integer(x, index));
  }
};

}  // namespace synsight::cuda
