// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace synsight {

/// a * b, or nothing where it does not fit.
template <typename T>
std::optional<T> checked_mul(T a, T b) {
  T product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// a + b, or nothing where it does not fit.
template <typename T>
std::optional<T> checked_add(T a, T b) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// The least multiple of `step` that is no less; only of numbers that leave room for it.
template <typename T>
constexpr T round_up(T number, T step) {
  return (number + step - 1) / step * step;
}

}  // namespace synsight
