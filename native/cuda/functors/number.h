// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// What kernels compute an element of T in: f32, or 64 bits for integers.
template <typename T>
using Number = std::conditional_t<std::is_integral_v<T>, int64_t, float>;

template <typename T>
SYNSIGHT_HOST_DEVICE inline Number<T> to_number(T element) {
  if constexpr (std::is_integral_v<T>) {
    return element;
  } else {
    return to_float(element);
  }
}

/// Of an integer the last bits.
template <typename T>
SYNSIGHT_HOST_DEVICE inline void from_number(Number<T> number, T& element) {
  if constexpr (std::is_integral_v<T>) {
    element = static_cast<T>(number);
  } else {
    from_float(number, element);
  }
}

// Integers wrap around; in C++ only unsigned arithmetic may.
SYNSIGHT_HOST_DEVICE inline float add(float a, float b) { return a + b; }
SYNSIGHT_HOST_DEVICE inline int64_t add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
SYNSIGHT_HOST_DEVICE inline int64_t subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
SYNSIGHT_HOST_DEVICE inline float multiply(float a, float b) { return a * b; }
SYNSIGHT_HOST_DEVICE inline int64_t multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

}  // namespace synsight::cuda
