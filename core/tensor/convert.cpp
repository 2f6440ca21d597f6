// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/convert.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace synsight {

float float16_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  const uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (mantissa << 13));
}

uint16_t float_to_float16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);   // NaN
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // rounds past 65504
  uint32_t half;
  if (magnitude <
      0x38800000u) {  // below 2^-14: the addition leaves mantissa * 2^-24, rounded to even
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    half = std::bit_cast<uint32_t>(shifted) - 0x3f000000u;
  } else {
    half = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  }
  return static_cast<uint16_t>(sign | half);
}

float bfloat16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t float_to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

namespace {

struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

/// What holds every element of a type: between all pairs of types the way leads through one of
/// three.
template <typename From>
using Wide = std::conditional_t<std::is_same_v<From, uint64_t>, uint64_t,
                                std::conditional_t<std::is_integral_v<From>, int64_t, double>>;

template <typename From>
Wide<From> widen(From value) {
  if constexpr (std::is_same_v<From, Float16>) {
    return float16_to_float(value.bits);
  } else if constexpr (std::is_same_v<From, BFloat16>) {
    return bfloat16_to_float(value.bits);
  } else {
    return value;
  }
}

// A float outside the integer's range is undefined in C++ and in ONNX; saturating keeps targets
// alike.
template <typename To, typename From>
To to_integer(From value) {
  if constexpr (std::is_floating_point_v<From>) {
    if (std::isnan(value)) return 0;
    if (value >= static_cast<From>(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
  }
  return static_cast<To>(value);
}

template <typename To, typename From>
To narrow(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != 0;
  } else if constexpr (std::is_same_v<To, Float16>) {
    return {float_to_float16(static_cast<float>(value))};
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return {float_to_bfloat16(static_cast<float>(value))};
  } else if constexpr (std::is_integral_v<To>) {
    return to_integer<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <typename Visitor>
void visit_dtype(DType dtype, const Visitor& visitor) {
  switch (dtype) {
    case DType::kFloat32:
      return visitor(float{});
    case DType::kFloat16:
      return visitor(Float16{});
    case DType::kBFloat16:
      return visitor(BFloat16{});
    case DType::kFloat64:
      return visitor(double{});
    case DType::kInt8:
      return visitor(int8_t{});
    case DType::kInt16:
      return visitor(int16_t{});
    case DType::kInt32:
      return visitor(int32_t{});
    case DType::kInt64:
      return visitor(int64_t{});
    case DType::kUInt8:
      return visitor(uint8_t{});
    case DType::kUInt16:
      return visitor(uint16_t{});
    case DType::kUInt32:
      return visitor(uint32_t{});
    case DType::kUInt64:
      return visitor(uint64_t{});
    case DType::kBool:
      return visitor(bool{});
    case DType::kUndefined:
      return;
  }
}

/// Goes through few elements at a time, which stay in a register or the first cache.
template <typename Between>
void convert_through(const TensorView& source, const MutableTensorView& target) {
  std::array<Between, 256> values;
  const size_t num_elements = source.shape.num_elements();
  for (size_t first = 0; first < num_elements; first += values.size()) {
    const size_t count = std::min(values.size(), num_elements - first);
    visit_dtype(source.dtype, [&](auto from) {
      if constexpr (std::is_same_v<Wide<decltype(from)>, Between>) {
        const auto* input = static_cast<const decltype(from)*>(source.data) + first;
        for (size_t i = 0; i < count; ++i) values[i] = widen(input[i]);
      }
    });
    visit_dtype(target.dtype, [&](auto to) {
      auto* output = static_cast<decltype(to)*>(target.data) + first;
      for (size_t i = 0; i < count; ++i) output[i] = narrow<decltype(to)>(values[i]);
    });
  }
}

/// Whole networks' weights, which a page waits for, four at a time.
void widen_floats(std::span<const uint16_t> input, std::span<float> output) {
  constexpr size_t kLanes = 4;
  using Halves = uint16_t __attribute__((vector_size(kLanes * sizeof(uint16_t))));
  using Bits = uint32_t __attribute__((vector_size(kLanes * sizeof(uint32_t))));
  using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
  constexpr uint32_t kSmallest = 113u << 23;  // 2^-14, of those that are not subnormal
  size_t i = 0;
  for (; i + kLanes <= input.size(); i += kLanes) {
    Halves halves;
    std::memcpy(&halves, &input[i], sizeof halves);
    const auto bits = __builtin_convertvector(halves, Bits);
    const Bits shifted = (bits & 0x7fffu) << 13;
    const Bits normal = shifted + (112u << 23);
    // 2^-14 and as much more as the number is.
    const auto subnormal = std::bit_cast<Bits>(std::bit_cast<Floats>(shifted + kSmallest) -
                                               std::bit_cast<float>(kSmallest));
    const Bits finite = normal < kSmallest ? subnormal : normal;
    const Bits magnitude = shifted < (31u << 23) ? finite : shifted | (255u << 23);
    const Bits result = magnitude | (bits & 0x8000u) << 16;
    std::memcpy(&output[i], &result, sizeof result);
  }
  for (; i < input.size(); ++i) output[i] = float16_to_float(input[i]);
}

}  // namespace

void convert_elements(const TensorView& source, const MutableTensorView& target) {
  if (source.dtype == DType::kFloat16 && target.dtype == DType::kFloat32) {
    const auto* halves = static_cast<const uint16_t*>(source.data);
    widen_floats({halves, source.shape.num_elements()}, target.as<float>());
    return;
  }
  visit_dtype(source.dtype,
              [&](auto from) { convert_through<Wide<decltype(from)>>(source, target); });
}

Result<Tensor> convert(const TensorView& source, DType dtype) {
  SYNSIGHT_TRY_ASSIGN(Tensor result, Tensor::allocate(dtype, source.shape));
  convert_elements(source, result.mutable_view());
  return result;
}

}  // namespace synsight
