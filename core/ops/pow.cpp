// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

/// An element of any numeric type.
struct Number {
  bool is_integer = false;
  int64_t integer = 0;
  double value = 0;
};

Number read(const TensorView& view, int64_t index) {
  Number number;
  visit_numeric_type(view.dtype, [&](auto type) {
    const auto element = static_cast<const decltype(type)*>(view.data)[index];
    number.value = static_cast<double>(element);
    if constexpr (std::is_integral_v<decltype(type)>) {
      number.is_integer = true;
      number.integer = element;
    }
  });
  return number;
}

/// By squaring; wraps around as multiplying `exponent` times does.
int64_t integer_power(int64_t base, int64_t exponent) {
  int64_t power = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) power = wrapping_mul(power, base);
    base = wrapping_mul(base, base);
  }
  return power;
}

/// Z = X ^ Y, of X's element type, which Y need not have.
template <typename T>
T power(T base, const Number& exponent) {
  if constexpr (std::is_integral_v<T>) {
    if (exponent.is_integer && exponent.integer >= 0) {
      return static_cast<T>(integer_power(base, exponent.integer));
    }
  }
  return narrow<T>(std::pow(static_cast<double>(base), exponent.value));
}

}  // namespace

Result<std::vector<ValueInfo>> infer_pow(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the base", inputs[0].dtype, kNumericTypes));
  SYNSIGHT_TRY(check_dtype("the exponent", inputs[1].dtype, kNumericTypes));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, broadcast_shapes(inputs[0].shape, inputs[1].shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_pow(const Node&, std::span<const TensorView> inputs,
               std::span<const MutableTensorView> outputs) {
  const Shape& shape = outputs[0].shape;
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    const auto* base = inputs[0].as<decltype(type)>().data();
    auto* result = outputs[0].as<decltype(type)>().data();
    for_each_offset<2>(
        shape,
        {broadcast_strides(inputs[0].shape, shape), broadcast_strides(inputs[1].shape, shape)},
        [&](const std::array<int64_t, 2>& at) {
          *result++ = power(base[at[0]], read(inputs[1], at[1]));
        });
  });
  return {};
}

}  // namespace synsight::ops
