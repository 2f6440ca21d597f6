// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace synsight {

/// Element types. kUndefined marks an optional input that is absent.
enum class DType : uint8_t {
  kUndefined,
  kFloat32,
  kFloat16,
  kBFloat16,
  kFloat64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kBool,
};

/// Bytes an element; 0 for kUndefined.
size_t dtype_size(DType dtype);

/// True for the four floating-point types.
inline bool is_floating(DType dtype) {
  return dtype >= DType::kFloat32 && dtype <= DType::kFloat64;
}

/// numpy's name: `float32`, `int64`, `bool`, ...
std::string_view dtype_name(DType dtype);

/// The DType of a C++ element type: `dtype_of<float>`. f16 and bf16 have none: they are converted,
/// never computed with.
template <typename T>
inline constexpr DType dtype_of = DType::kUndefined;
template <>
inline constexpr DType dtype_of<float> = DType::kFloat32;
template <>
inline constexpr DType dtype_of<double> = DType::kFloat64;
template <>
inline constexpr DType dtype_of<int8_t> = DType::kInt8;
template <>
inline constexpr DType dtype_of<int16_t> = DType::kInt16;
template <>
inline constexpr DType dtype_of<int32_t> = DType::kInt32;
template <>
inline constexpr DType dtype_of<int64_t> = DType::kInt64;
template <>
inline constexpr DType dtype_of<uint8_t> = DType::kUInt8;
template <>
inline constexpr DType dtype_of<uint16_t> = DType::kUInt16;
template <>
inline constexpr DType dtype_of<uint32_t> = DType::kUInt32;
template <>
inline constexpr DType dtype_of<uint64_t> = DType::kUInt64;
template <>
inline constexpr DType dtype_of<bool> = DType::kBool;

}  // namespace synsight
