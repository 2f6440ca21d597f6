// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/cast.h"
#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/index_space.h"
#include "native/cuda/functors/pack.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// What Quantize and Dequantize share: each index takes space.pack elements of X, which lie with
/// their scale and zero point as the strides of `space` say. Its operands are Y, X, the scale and
/// the zero point, which may be null for 0.
struct Quantization {
  IndexSpace<4> space;
  Elements y;
  ConstElements x;
  ConstElements scale;
  ConstElements zero_point;

  /// y = f(x, scale, zero point).
  template <typename Function>
  SYNSIGHT_HOST_DEVICE void apply(int64_t index, const Function& f) const {
    const int64_t first = index * space.pack;
    int64_t at[4];
    space.locate(first, at);
    const bool has_zero = zero_point.data != nullptr;
    if (space.pack == 1) {
      return y.set(at[0], f(x[at[1]], scale[at[2]], has_zero ? zero_point[at[3]] : 0));
    }
    const int64_t rest = space.num_elements - first;
    const int count = rest < kPack ? static_cast<int>(rest) : kPack;
    float values[kPack];
    float scales[kPack];
    float zeros[kPack] = {};
    load_along(x, at[1], space.last_stride(1), count, values);
    load_along(scale, at[2], space.last_stride(2), count, scales);
    if (has_zero) load_along(zero_point, at[3], space.last_stride(3), count, zeros);
    for (int i = 0; i < kPack; ++i) values[i] = f(values[i], scales[i], zeros[i]);
    store_part(y, at[0], count, values);
  }
};

/// Y = saturate(round(X / scale) + zero point), halves to the even number. Y: int8 or uint8, scale:
/// f32. Index space: space.num_packs(). Source: ONNX QuantizeLinear-13.
struct Quantize : Quantization {
  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const IntegerRange range = range_of(y.dtype);
    const Clamp saturate{static_cast<float>(range.lowest), static_cast<float>(range.highest)};
    apply(index, [&](float value, float step, float zero) {
      const float level = saturate(rintf(value / step) + zero);
      return level != level ? 0 : level;
    });
  }
};

/// Y = clamp((X - zero point) * scale). X: int8 or uint8, scale: f32. Index space:
/// space.num_packs(). Source: ONNX DequantizeLinear-13.
struct Dequantize : Quantization {
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    apply(index, [&](float level, float step, float zero) { return clamp((level - zero) * step); });
  }
};

}  // namespace synsight::cuda
