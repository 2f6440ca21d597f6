// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/binary_integers.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// By squaring; wraps around as multiplying `exponent` times does.
SYNSIGHT_HOST_DEVICE inline int64_t integer_power(int64_t base, int64_t exponent) {
  int64_t power = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) power = multiply(power, base);
    base = multiply(base, base);
  }
  return power;
}

/// Towards zero, and where T does not hold it the nearest that it does; NaN as 0.
template <typename T>
SYNSIGHT_HOST_DEVICE inline T narrow(double value) {
  if (value != value) return 0;
  if (value >= static_cast<double>(kHighestInteger<T>)) return static_cast<T>(kHighestInteger<T>);
  if (value <= static_cast<double>(kLowestInteger<T>)) return static_cast<T>(kLowestInteger<T>);
  return static_cast<T>(value);
}

/// Y = A ^ B of integers of type T and exponents of any, with the broadcasting that the strides of
/// `space` say; its operands are Y, A and B. What is no power of an integer that is not negative
/// is computed in f64. Y may be A, where their strides are equal. Index space: space.num_elements.
template <typename T>
struct PowIntegers {
  IndexSpace<3> space = {};
  T* y = nullptr;
  const T* a = nullptr;
  ConstElements b = {};
  bool has_integer_exponents = false;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t at[3];
    space.locate(index, at);
    y[at[0]] = has_integer_exponents ? power(a[at[1]], load_integer(b.data, b.dtype, at[2]))
                                     : power(a[at[1]], b[at[2]]);
  }

 private:
  SYNSIGHT_HOST_DEVICE static T power(T base, int64_t exponent) {
    if (exponent >= 0) return static_cast<T>(integer_power(base, exponent));
    return narrow<T>(pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  SYNSIGHT_HOST_DEVICE static T power(T base, float exponent) {
    return narrow<T>(pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
};

}  // namespace synsight::cuda
