// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/binary_integers.h"
#include "native/cuda/functors/cast.h"
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
    y[at[0]] = has_integer_exponents ? power(a[at[1]], load_integer(b, at[2]))
                                     : power(a[at[1]], static_cast<double>(b[at[2]]));
  }

 private:
  SYNSIGHT_HOST_DEVICE static T power(T base, int64_t exponent) {
    return exponent >= 0 ? static_cast<T>(integer_power(base, exponent))
                         : power(base, static_cast<double>(exponent));
  }
  SYNSIGHT_HOST_DEVICE static T power(T base, double exponent) {
    const IntegerRange range = {kLowestInteger<T>, kHighestInteger<T>};
    return static_cast<T>(to_integer(pow(static_cast<double>(base), exponent), range));
  }
};

}  // namespace synsight::cuda
