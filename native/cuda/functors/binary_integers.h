// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/binary_functions.h"
#include "native/cuda/functors/cast.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Cut off; 0 where it divides by 0. In C++ the smallest integer divided by -1 is undefined.
SYNSIGHT_HOST_DEVICE inline int64_t divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  return b == -1 ? subtract(int64_t{0}, a) : a / b;
}

/// Has A's sign.
SYNSIGHT_HOST_DEVICE inline int64_t remainder_of(int64_t a, int64_t b) {
  return b == 0 || b == -1 ? 0 : a % b;
}

/// Has B's sign.
SYNSIGHT_HOST_DEVICE inline int64_t floor_mod(int64_t a, int64_t b) {
  const int64_t remainder = remainder_of(a, b);
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/// A function of numbers, of two integers.
SYNSIGHT_HOST_DEVICE inline int64_t apply(BinaryFunction function, int64_t a, int64_t b) {
  switch (function) {
    case BinaryFunction::kAdd:
      return add(a, b);
    case BinaryFunction::kDiv:
      return divide(a, b);
    case BinaryFunction::kEqual:
      return a == b ? 1 : 0;
    case BinaryFunction::kFmod:
      return remainder_of(a, b);
    case BinaryFunction::kGreater:
      return a > b ? 1 : 0;
    case BinaryFunction::kGreaterOrEqual:
      return a >= b ? 1 : 0;
    case BinaryFunction::kLess:
      return a < b ? 1 : 0;
    case BinaryFunction::kLessOrEqual:
      return a <= b ? 1 : 0;
    case BinaryFunction::kMax:
      return a > b ? a : b;
    case BinaryFunction::kMin:
      return a < b ? a : b;
    case BinaryFunction::kMod:
      return floor_mod(a, b);
    case BinaryFunction::kMul:
      return multiply(a, b);
    case BinaryFunction::kPRelu:
      return a < 0 ? multiply(a, b) : a;
    case BinaryFunction::kSub:
      return subtract(a, b);
    default:
      return 0;
  }
}

/// Y = f(A, B) in 64 bits, of which Y keeps as many as it has, with the broadcasting that the
/// strides of `space` say; its operands are Y, A and B. Y may be A, where their strides are equal.
/// Index space: space.num_elements.
struct BinaryIntegers {
  BinaryFunction function = BinaryFunction::kAdd;
  IndexSpace<3> space = {};
  Elements y = {};
  ConstElements a = {};
  ConstElements b = {};

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    int64_t at[3];
    space.locate(index, at);
    const int64_t left = load_integer(a, at[1]);
    const int64_t right = load_integer(b, at[2]);
    store_integer(y, at[0], apply(function, left, right));
  }
};

}  // namespace synsight::cuda
