// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <type_traits>

#include "core/ops/element_types.h"

namespace synsight::ops {

/// What reference kernels compute an element in: double or int64_t. It holds every value of T, and
/// rounding an f32 sum, product or quotient of doubles to f32 gives what f32 arithmetic gives.
template <typename T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;

/// The element types of arithmetic: those that have a Wide. uint64 has none.
inline constexpr std::initializer_list<DType> kNumericTypes = {
    DType::kFloat32, DType::kFloat64, DType::kInt8,   DType::kInt16, DType::kInt32,
    DType::kInt64,   DType::kUInt8,   DType::kUInt16, DType::kUInt32};

/// Calls `visitor(T{})` for the dtype's element type, which is among kNumericTypes or bool.
template <typename Visitor>
void visit_numeric_type(DType dtype, const Visitor& visitor) {
  visit_element_type<float, double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t,
                     bool>(dtype, visitor);
}

/// Integer arithmetic wraps around, as numpy's does; in C++ only unsigned arithmetic may.
inline int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapping_sub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t wrapping_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

/// A double as T: floats rounded to nearest; integers towards zero, saturating, NaN as 0.
template <typename T>
T narrow(double value) {
  if constexpr (std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(value)) return 0;
    if (value >= static_cast<double>(Limits::max())) return Limits::max();
    if (value <= static_cast<double>(Limits::min())) return Limits::min();
  }
  return static_cast<T>(value);
}

}  // namespace synsight::ops
