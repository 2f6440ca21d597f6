// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "core/tensor/dtype.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

SYNSIGHT_HOST_DEVICE inline float to_float(float element) { return element; }
SYNSIGHT_HOST_DEVICE inline float to_float(__half element) { return __half2float(element); }
SYNSIGHT_HOST_DEVICE inline float to_float(__nv_bfloat16 element) {
  return __bfloat162float(element);
}
SYNSIGHT_HOST_DEVICE inline float to_float(int8_t element) { return element; }
SYNSIGHT_HOST_DEVICE inline float to_float(uint8_t element) { return element; }

SYNSIGHT_HOST_DEVICE inline void from_float(float value, float& element) { element = value; }
SYNSIGHT_HOST_DEVICE inline void from_float(float value, __half& element) {
  element = __float2half_rn(value);
}
SYNSIGHT_HOST_DEVICE inline void from_float(float value, __nv_bfloat16& element) {
  element = __float2bfloat16_rn(value);
}
SYNSIGHT_HOST_DEVICE inline void from_float(float value, int8_t& element) {
  element = static_cast<int8_t>(value);
}
SYNSIGHT_HOST_DEVICE inline void from_float(float value, uint8_t& element) {
  element = static_cast<uint8_t>(value);
}

/// Neighbouring elements that the device loads and stores at once: a power of two of them, at most
/// 16 bytes, at an address that is a multiple of their size.
template <typename T, int kWidth>
struct alignas(sizeof(T) * kWidth) Vector {
  static_assert(sizeof(T) * kWidth <= 16);
  T elements[kWidth];
};

/// As many elements as one load of the device takes.
template <typename T>
inline constexpr int kFullWidth = 16 / static_cast<int>(sizeof(T));

template <int kWidth, typename T>
SYNSIGHT_HOST_DEVICE inline void load_vector(const T* from, float* values) {
  const auto vector = *reinterpret_cast<const Vector<T, kWidth>*>(from);
  for (int i = 0; i < kWidth; ++i) values[i] = to_float(vector.elements[i]);
}

template <int kWidth, typename T>
SYNSIGHT_HOST_DEVICE inline void store_vector(const float* values, T* to) {
  Vector<T, kWidth> vector;
  for (int i = 0; i < kWidth; ++i) from_float(values[i], vector.elements[i]);
  *reinterpret_cast<Vector<T, kWidth>*>(to) = vector;
}

/// Calls `visitor(T{})` with the type in which elements of the dtype are stored, for floating types
/// of at most 32 bits; false for others.
template <typename Visitor>
bool visit_float_storage(DType dtype, const Visitor& visitor) {
  switch (dtype) {
    case DType::kFloat32:
      visitor(float{});
      return true;
    case DType::kFloat16:
      visitor(__half{});
      return true;
    case DType::kBFloat16:
      visitor(__nv_bfloat16{});
      return true;
    default:
      return false;
  }
}

/// Whether `visit_float_storage` knows the type.
SYNSIGHT_HOST_DEVICE inline bool is_float_storage(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}

}  // namespace synsight::cuda
