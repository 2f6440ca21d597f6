// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "core/tensor/dtype.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// An element of device memory as the f32 that kernels compute with. Integers above 2^24 lose
/// their last bits.
SYNSIGHT_HOST_DEVICE inline float load(const void* elements, DType dtype, int64_t index) {
  switch (dtype) {
    case DType::kFloat32:
      return static_cast<const float*>(elements)[index];
    case DType::kFloat16:
      return __half2float(static_cast<const __half*>(elements)[index]);
    case DType::kBFloat16:
      return __bfloat162float(static_cast<const __nv_bfloat16*>(elements)[index]);
    case DType::kInt8:
      return static_cast<const int8_t*>(elements)[index];
    case DType::kUInt8:
    case DType::kBool:
      return static_cast<const uint8_t*>(elements)[index];
    case DType::kInt32:
      return static_cast<float>(static_cast<const int32_t*>(elements)[index]);
    case DType::kInt64:
      return static_cast<float>(static_cast<const int64_t*>(elements)[index]);
    default:
      return 0;
  }
}

/// The reverse: rounds to the nearest, a half to the even, in f16 and bf16, and truncates in
/// integers, which `value` must fit.
SYNSIGHT_HOST_DEVICE inline void store(void* elements, DType dtype, int64_t index, float value) {
  switch (dtype) {
    case DType::kFloat32:
      static_cast<float*>(elements)[index] = value;
      break;
    case DType::kFloat16:
      static_cast<__half*>(elements)[index] = __float2half_rn(value);
      break;
    case DType::kBFloat16:
      static_cast<__nv_bfloat16*>(elements)[index] = __float2bfloat16_rn(value);
      break;
    case DType::kInt8:
      static_cast<int8_t*>(elements)[index] = static_cast<int8_t>(value);
      break;
    case DType::kUInt8:
    case DType::kBool:
      static_cast<uint8_t*>(elements)[index] = static_cast<uint8_t>(value);
      break;
    case DType::kInt32:
      static_cast<int32_t*>(elements)[index] = static_cast<int32_t>(value);
      break;
    case DType::kInt64:
      static_cast<int64_t*>(elements)[index] = static_cast<int64_t>(value);
      break;
    default:
      break;
  }
}

/// Whether `load` and `store` know the type.
inline bool is_storable(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 ||
         dtype == DType::kInt8 || dtype == DType::kUInt8 || dtype == DType::kBool ||
         dtype == DType::kInt32 || dtype == DType::kInt64;
}

/// Elements in device memory whose type is known at run time only: the same branch for all.
struct ConstElements {
  const void* data = nullptr;
  DType dtype = DType::kUndefined;

  SYNSIGHT_HOST_DEVICE float operator[](int64_t index) const { return load(data, dtype, index); }
};

struct Elements {
  void* data = nullptr;
  DType dtype = DType::kUndefined;

  SYNSIGHT_HOST_DEVICE void set(int64_t index, float value) const {
    store(data, dtype, index, value);
  }
};

}  // namespace synsight::cuda
