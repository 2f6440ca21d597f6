// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = CumSum(X) along the middle axis of [outer,length,inner], one line an index. Source: ONNX
/// CumSum-14.
template <typename T>
struct CumulativeSum {
  const T* x = nullptr;
  T* y = nullptr;
  int64_t length = 0;
  Divider inner;
  bool is_exclusive = false;
  bool is_reverse = false;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t line) const {
    const int64_t step = inner.divisor();
    const int64_t place = inner.split(line);
    const int64_t first = line * length * step + place;
    Number<T> sum = 0;
    for (int64_t i = 0; i < length; ++i) {
      const int64_t at = first + (is_reverse ? length - 1 - i : i) * step;
      const Number<T> before = sum;
      sum = add(sum, to_number(x[at]));
      from_number(is_exclusive ? before : sum, y[at]);
    }
  }
};

}  // namespace synsight::cuda
