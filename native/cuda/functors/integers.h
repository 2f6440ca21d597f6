// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "core/tensor/dtype.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/functors/reduce.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Calls `visitor(T{})` with an integer's or a bool's type, where kernels know it; false for
/// others.
template <typename Visitor>
bool visit_integer_storage(DType dtype, const Visitor& visitor) {
  const auto visit_if = [&](auto type) {
    if (dtype != dtype_of<decltype(type)>) return false;
    visitor(type);
    return true;
  };
  return visit_if(int8_t{}) || visit_if(uint8_t{}) || visit_if(int32_t{}) || visit_if(int64_t{}) ||
         visit_if(bool{});
}

/// Whether `visit_integer_storage` knows the type.
inline bool is_integer_storage(DType dtype) {
  return visit_integer_storage(dtype, [](auto) {});
}

template <typename T>
inline constexpr int64_t kLowestInteger = std::numeric_limits<T>::lowest();
template <typename T>
inline constexpr int64_t kHighestInteger = std::numeric_limits<T>::max();

/// A reduction in 64-bit integers, which wrap around, one output an index. Every one but
/// LogSumExp; what is no integer is cut off.
template <typename T>
struct ReduceIntegers {
  const T* x = nullptr;
  T* y = nullptr;
  StridedMap outputs;  // as for ReduceShape
  StridedMap inner;
  int64_t length = 0;
  Reduction reduction = Reduction::kSum;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output) const {
    const T* from = x + outputs.offset(output);
    int64_t state = reduction == Reduction::kProd ? 1 : 0;
    if (reduction == Reduction::kMax) state = kLowestInteger<T>;
    if (reduction == Reduction::kMin) state = kHighestInteger<T>;
    for (int64_t i = 0; i < length; ++i) {
      state = step(state, static_cast<int64_t>(from[inner.offset(i)]));
    }
    y[output] = static_cast<T>(finish(state));
  }

 private:
  SYNSIGHT_HOST_DEVICE int64_t step(int64_t state, int64_t value) const {
    switch (reduction) {
      case Reduction::kL1:
        return add(state, value < 0 ? multiply(value, int64_t{-1}) : value);
      case Reduction::kL2:
      case Reduction::kSumSquare:
        return add(state, multiply(value, value));
      case Reduction::kMax:
        return value > state ? value : state;
      case Reduction::kMin:
        return value < state ? value : state;
      case Reduction::kProd:
        return multiply(state, value);
      default:
        return add(state, value);
    }
  }

  SYNSIGHT_HOST_DEVICE int64_t finish(int64_t state) const {
    switch (reduction) {
      case Reduction::kL2:
        return static_cast<int64_t>(sqrt(static_cast<double>(state)));
      case Reduction::kLogSum:
        return state > 0 ? static_cast<int64_t>(log(static_cast<double>(state)))
                         : kLowestInteger<T>;
      case Reduction::kMean:
        return length > 0 ? state / length : 0;
      default:
        return state;
    }
  }
};

/// ArgMax or ArgMin along the middle axis of [outer,length,inner], one output an index.
template <typename T>
struct ArgReduceIntegers {
  const T* x = nullptr;
  int64_t* y = nullptr;
  int64_t length = 0;
  Divider inner;
  bool is_max = true;
  bool selects_last = false;  // of equal elements

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output) const {
    int64_t outer = output;
    const int64_t place = inner.split(outer);
    const T* from = x + outer * length * inner.divisor() + place;
    int64_t best = 0;
    for (int64_t i = 1; i < length; ++i) {
      const T value = from[i * inner.divisor()];
      const T current = from[best * inner.divisor()];
      const bool is_better = is_max ? value > current : value < current;
      if (is_better || (selects_last && value == current)) best = i;
    }
    y[output] = best;
  }
};

}  // namespace synsight::cuda
