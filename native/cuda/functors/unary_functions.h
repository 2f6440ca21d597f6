// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// ONNX's functions of one number; their parameters are ONNX's alpha and beta (Selu's gamma).
enum class UnaryFunction {
  kIdentity,
  kAbs,
  kCeil,
  kCelu,
  kClip,  // between alpha and beta
  kCos,
  kElu,
  kErf,
  kExp,
  kFloor,
  kGelu,
  kGeluByTanh,
  kHardSigmoid,
  kHardSwish,
  kIsInf,  // alpha, beta: whether -inf and inf count
  kIsNaN,
  kLeakyRelu,
  kLog,
  kMish,
  kNeg,
  kNot,
  kReciprocal,
  kRelu,
  kRound,
  kSelu,
  kSigmoid,
  kSign,
  kSin,
  kSoftplus,
  kSoftsign,
  kSqrt,
  kSwish,
  kTan,
  kTanh,
  kThresholdedRelu,
};

// Each comparison is written so that NaN stays NaN.

SYNSIGHT_HOST_DEVICE inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }

SYNSIGHT_HOST_DEVICE inline float softplus(float x) {
  return (x < 0 ? 0 : x) + log1pf(expf(-fabsf(x)));
}

SYNSIGHT_HOST_DEVICE inline float hard_sigmoid(float x, float alpha, float beta) {
  return Clamp{0, 1}(alpha * x + beta);
}

SYNSIGHT_HOST_DEVICE inline float gelu(float x) {
  constexpr float kSqrtHalf = 0.70710678118654752F;
  return 0.5F * x * erfcf(-x * kSqrtHalf);
}

SYNSIGHT_HOST_DEVICE inline float gelu_by_tanh(float x) {
  constexpr float kSqrt2OverPi = 0.79788456080286536F;
  return 0.5F * x * (1 + tanhf(kSqrt2OverPi * (x + 0.044715F * x * x * x)));
}

SYNSIGHT_HOST_DEVICE inline float sign(float x) {
  if (x > 0) return 1;
  return x < 0 ? -1 : x;
}

/// Calls apply(f) with the function, which takes and gives a float: the choice is made once for the
/// many numbers that `apply` has.
template <typename Apply>
SYNSIGHT_HOST_DEVICE void with_function(UnaryFunction function, float alpha, float beta,
                                        const Apply& apply) {
  switch (function) {
    case UnaryFunction::kIdentity:
      return apply([](float x) { return x; });
    case UnaryFunction::kAbs:
      return apply([](float x) { return fabsf(x); });
    case UnaryFunction::kCeil:
      return apply([](float x) { return ceilf(x); });
    case UnaryFunction::kCelu:
      return apply([=](float x) { return x < 0 ? alpha * expm1f(x / alpha) : x; });
    case UnaryFunction::kClip:
      return apply(Clamp{alpha, beta});
    case UnaryFunction::kCos:
      return apply([](float x) { return cosf(x); });
    case UnaryFunction::kElu:
      return apply([=](float x) { return x < 0 ? alpha * expm1f(x) : x; });
    case UnaryFunction::kErf:
      return apply([](float x) { return erff(x); });
    case UnaryFunction::kExp:
      return apply([](float x) { return expf(x); });
    case UnaryFunction::kFloor:
      return apply([](float x) { return floorf(x); });
    case UnaryFunction::kGelu:
      return apply([](float x) { return gelu(x); });
    case UnaryFunction::kGeluByTanh:
      return apply([](float x) { return gelu_by_tanh(x); });
    case UnaryFunction::kHardSigmoid:
      return apply([=](float x) { return hard_sigmoid(x, alpha, beta); });
    case UnaryFunction::kHardSwish:
      return apply([](float x) { return x * hard_sigmoid(x, 1.0F / 6, 0.5F); });
    case UnaryFunction::kIsInf:
      return apply([=](float x) { return x == kInfinity ? beta : (x == -kInfinity ? alpha : 0); });
    case UnaryFunction::kIsNaN:
      return apply([](float x) { return x != x ? 1.0F : 0.0F; });
    case UnaryFunction::kLeakyRelu:
      return apply([=](float x) { return x < 0 ? alpha * x : x; });
    case UnaryFunction::kLog:
      return apply([](float x) { return logf(x); });
    case UnaryFunction::kMish:
      return apply([](float x) { return x * tanhf(softplus(x)); });
    case UnaryFunction::kNeg:
      return apply([](float x) { return -x; });
    case UnaryFunction::kNot:
      return apply([](float x) { return x == 0 ? 1.0F : 0.0F; });
    case UnaryFunction::kReciprocal:
      return apply([](float x) { return 1 / x; });
    case UnaryFunction::kRelu:
      return apply([](float x) { return x < 0 ? 0 : x; });
    case UnaryFunction::kRound:
      return apply([](float x) { return rintf(x); });
    case UnaryFunction::kSelu:
      return apply([=](float x) { return beta * (x > 0 ? x : alpha * expm1f(x)); });
    case UnaryFunction::kSigmoid:
      return apply([](float x) { return sigmoid(x); });
    case UnaryFunction::kSign:
      return apply([](float x) { return sign(x); });
    case UnaryFunction::kSin:
      return apply([](float x) { return sinf(x); });
    case UnaryFunction::kSoftplus:
      return apply([](float x) { return softplus(x); });
    case UnaryFunction::kSoftsign:
      return apply([](float x) { return x / (1 + fabsf(x)); });
    case UnaryFunction::kSqrt:
      return apply([](float x) { return sqrtf(x); });
    case UnaryFunction::kSwish:
      return apply([=](float x) { return x * sigmoid(alpha * x); });
    case UnaryFunction::kTan:
      return apply([](float x) { return tanf(x); });
    case UnaryFunction::kTanh:
      return apply([](float x) { return tanhf(x); });
    case UnaryFunction::kThresholdedRelu:
      return apply([=](float x) { return x <= alpha ? 0 : x; });
  }
}

}  // namespace synsight::cuda
