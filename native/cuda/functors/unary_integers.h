// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/binary_integers.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/functors/unary_functions.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Whether ONNX has the function for integers, too. Clip of integers is one only without bounds.
inline bool takes_integers(UnaryFunction function) {
  return function == UnaryFunction::kAbs || function == UnaryFunction::kNeg ||
         function == UnaryFunction::kRelu || function == UnaryFunction::kSign ||
         function == UnaryFunction::kClip;
}

/// One of those functions, of an integer.
SYNSIGHT_HOST_DEVICE inline int64_t apply(UnaryFunction function, int64_t x) {
  switch (function) {
    case UnaryFunction::kAbs:
      return x < 0 ? subtract(int64_t{0}, x) : x;
    case UnaryFunction::kNeg:
      return subtract(int64_t{0}, x);
    case UnaryFunction::kRelu:
      return x < 0 ? 0 : x;
    case UnaryFunction::kSign:
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    default:  // Clip without bounds
      return x;
  }
}

/// Y = f(X) in 64 bits, of which Y keeps as many as it has, element by element; Y may be X. Index
/// space: num_elements.
struct UnaryIntegers {
  UnaryFunction function = UnaryFunction::kIdentity;
  Elements y = {};
  ConstElements x = {};

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    store_integer(y, index, apply(function, load_integer(x, index)));
  }
};

}  // namespace synsight::cuda
