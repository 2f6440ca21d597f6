// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// Y = Einsum(A, B), summed in f32: each output is the sum of `length` products. An index computes
/// one alone, or the lanes of a row share its sum, which is better where what they read lies
/// together. Source: ONNX Einsum-12.
template <typename T>
struct SumProducts {
  const T* a = nullptr;
  const T* b = nullptr;  // or null: all ones
  T* y = nullptr;
  StridedMap a_outputs;  // where an output's first element of A lies
  StridedMap b_outputs;
  StridedMap a_summed;  // how far behind it the others lie
  StridedMap b_summed;
  int64_t length = 1;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output) const { (*this)(output, Lanes{}); }

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output, Lanes lanes) const {
    const T* left = a + a_outputs.offset(output);
    const T* right = b != nullptr ? b + b_outputs.offset(output) : nullptr;
    float sum = 0;
    for (int64_t i = lanes.index; i < length; i += lanes.count) {
      const float factor = right != nullptr ? to_float(right[b_summed.offset(i)]) : 1.0f;
      sum += to_float(left[a_summed.offset(i)]) * factor;
    }
    if (lanes.count > 1) sum = lanes.sum(sum);
    if (lanes.index == 0) from_float(clamp(sum), y[output]);
  }
};

}  // namespace synsight::cuda
