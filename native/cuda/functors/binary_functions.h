// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// ONNX's functions of two numbers. Those of bools take and give 0 and 1.
enum class BinaryFunction {
  kAdd,
  kAnd,
  kDiv,
  kEqual,
  kFmod,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kMax,
  kMin,
  kMod,
  kMul,
  kOr,
  kPow,
  kPRelu,
  kSub,
  kXor,
};

/// A - floor(A / B) * B: has B's sign.
SYNSIGHT_HOST_DEVICE inline float floor_mod(float a, float b) {
  const float remainder = fmodf(a, b);
  if (remainder == 0) return copysignf(remainder, b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/// Calls apply(f) with the function, which takes two floats: the choice is made once for the many
/// pairs that `apply` has.
template <typename Apply>
SYNSIGHT_HOST_DEVICE void with_function(BinaryFunction function, const Apply& apply) {
  switch (function) {
    case BinaryFunction::kAdd:
      return apply([](float a, float b) { return a + b; });
    case BinaryFunction::kAnd:
      return apply([](float a, float b) { return a != 0 && b != 0 ? 1.0F : 0.0F; });
    case BinaryFunction::kDiv:
      return apply([](float a, float b) { return a / b; });
    case BinaryFunction::kEqual:
      return apply([](float a, float b) { return a == b ? 1.0F : 0.0F; });
    case BinaryFunction::kFmod:
      return apply([](float a, float b) { return fmodf(a, b); });
    case BinaryFunction::kGreater:
      return apply([](float a, float b) { return a > b ? 1.0F : 0.0F; });
    case BinaryFunction::kGreaterOrEqual:
      return apply([](float a, float b) { return a >= b ? 1.0F : 0.0F; });
    case BinaryFunction::kLess:
      return apply([](float a, float b) { return a < b ? 1.0F : 0.0F; });
    case BinaryFunction::kLessOrEqual:
      return apply([](float a, float b) { return a <= b ? 1.0F : 0.0F; });
    case BinaryFunction::kMax:  // NaN, where one of the two is
      return apply([](float a, float b) { return a > b || a != a ? a : b; });
    case BinaryFunction::kMin:
      return apply([](float a, float b) { return a < b || a != a ? a : b; });
    case BinaryFunction::kMod:
      return apply([](float a, float b) { return floor_mod(a, b); });
    case BinaryFunction::kMul:
      return apply([](float a, float b) { return a * b; });
    case BinaryFunction::kOr:
      return apply([](float a, float b) { return a != 0 || b != 0 ? 1.0F : 0.0F; });
    case BinaryFunction::kPow:
      return apply([](float a, float b) { return powf(a, b); });
    case BinaryFunction::kPRelu:
      return apply([](float a, float b) { return a < 0 ? a * b : a; });
    case BinaryFunction::kSub:
      return apply([](float a, float b) { return a - b; });
    case BinaryFunction::kXor:
      return apply([](float a, float b) { return (a != 0) != (b != 0) ? 1.0F : 0.0F; });
  }
}

}  // namespace synsight::cuda
