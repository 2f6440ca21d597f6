// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// How many neighbours a fast path takes at once: 16 bytes of f16.
inline constexpr int kPack = 8;

/// Copies kSize bytes, a power of 2, between addresses that are multiples of it or of 16: in one
/// instruction up to 16 bytes.
template <size_t kSize>
SYNSIGHT_HOST_DEVICE void copy_aligned(void* target, const void* source) {
  constexpr size_t kAlignment = kSize < 16 ? kSize : 16;
  __builtin_memcpy(__builtin_assume_aligned(target, kAlignment),
                   __builtin_assume_aligned(source, kAlignment), kSize);
}

/// kPack elements in registers.
template <typename T>
struct alignas(16) Pack {
  T elements[kPack];
};

template <typename T>
SYNSIGHT_HOST_DEVICE void load_pack_of(const void* elements, int64_t first,
                                       float (&values)[kPack]) {
  Pack<T> pack;
  copy_aligned<sizeof(T) * kPack>(pack.elements, static_cast<const T*>(elements) + first);
  for (int i = 0; i < kPack; ++i) values[i] = to_float(pack.elements[i]);
}

template <typename T>
SYNSIGHT_HOST_DEVICE void store_pack_of(void* elements, int64_t first,
                                        const float (&values)[kPack]) {
  Pack<T> pack;
  for (int i = 0; i < kPack; ++i) from_float(values[i], pack.elements[i]);
  copy_aligned<sizeof(T) * kPack>(static_cast<T*>(elements) + first, pack.elements);
}

/// The kPack elements from `first` on, a multiple of kPack; `data` is aligned to 16 bytes.
SYNSIGHT_HOST_DEVICE inline void load_pack(const ConstElements& from, int64_t first,
                                           float (&values)[kPack]) {
  switch (from.dtype) {
    case DType::kFloat32:
      return load_pack_of<float>(from.data, first, values);
    case DType::kFloat16:
      return load_pack_of<__half>(from.data, first, values);
    case DType::kBFloat16:
      return load_pack_of<__nv_bfloat16>(from.data, first, values);
    case DType::kInt8:
      return load_pack_of<int8_t>(from.data, first, values);
    case DType::kUInt8:
    case DType::kBool:
      return load_pack_of<uint8_t>(from.data, first, values);
    default:
      for (int i = 0; i < kPack; ++i) values[i] = from[first + i];
  }
}

/// The reverse.
SYNSIGHT_HOST_DEVICE inline void store_pack(const Elements& to, int64_t first,
                                            const float (&values)[kPack]) {
  switch (to.dtype) {
    case DType::kFloat32:
      return store_pack_of<float>(to.data, first, values);
    case DType::kFloat16:
      return store_pack_of<__half>(to.data, first, values);
    case DType::kBFloat16:
      return store_pack_of<__nv_bfloat16>(to.data, first, values);
    case DType::kInt8:
      return store_pack_of<int8_t>(to.data, first, values);
    case DType::kUInt8:
    case DType::kBool:
      return store_pack_of<uint8_t>(to.data, first, values);
    default:
      for (int i = 0; i < kPack; ++i) to.set(first + i, values[i]);
  }
}

/// Like load_pack, where only `count` elements are there: the others are 0.
SYNSIGHT_HOST_DEVICE inline void load_part(const ConstElements& from, int64_t first, int count,
                                           float (&values)[kPack]) {
  if (count >= kPack) return load_pack(from, first, values);
  for (int i = 0; i < kPack; ++i) values[i] = i < count ? from[first + i] : 0;
}

/// Like load_part; with a stride of 0 it is the same element again and again.
SYNSIGHT_HOST_DEVICE inline void load_along(const ConstElements& from, int64_t first,
                                            int64_t stride, int count, float (&values)[kPack]) {
  if (stride != 0) return load_part(from, first, count, values);
  const float value = from[first];
  for (int i = 0; i < kPack; ++i) values[i] = value;
}

SYNSIGHT_HOST_DEVICE inline void store_part(const Elements& to, int64_t first, int count,
                                            const float (&values)[kPack]) {
  if (count >= kPack) return store_pack(to, first, values);
  for (int i = 0; i < kPack; ++i) {  // of a fixed length, or the values would leave the registers
    if (i < count) to.set(first + i, values[i]);
  }
}

}  // namespace synsight::cuda
