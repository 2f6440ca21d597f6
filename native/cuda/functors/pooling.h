// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/image.h"
#include "native/cuda/functors/vector.h"

namespace synsight::cuda {

/// What both pools read and write. X: [N,C,D,H,W], Y: [N,C,oD,oH,oW], in either layout.
template <typename T>
struct PoolShape {
  const T* x = nullptr;
  T* y = nullptr;
  ImageMap input;
  ImageMap output;
  SpatialWindow window;
  Clamp clamp;
};

/// What no element is smaller than.
template <typename T>
inline constexpr float kLowest =
    std::numeric_limits<T>::is_integer ? static_cast<float>(std::numeric_limits<T>::lowest())
                                       : -kInfinity;

/// The largest element under each window. An index computes kWidth neighbouring channels, which
/// are 1 where channels are not last. NaN is passed over.
template <typename T, int kWidth>
struct MaxPool {
  PoolShape<T> shape;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = shape.output.position(index);
    const T* plane = shape.x + shape.input.plane(position.image, position.channel);
    float largest[kWidth];
    for (int i = 0; i < kWidth; ++i) largest[i] = kLowest<T>;
    for_each_tap(shape.window, shape.input, position, [&](int64_t pixel, int64_t /*tap*/) {
      float values[kWidth];
      load_vector<kWidth>(plane + pixel, values);
      for (int i = 0; i < kWidth; ++i) {
        largest[i] = values[i] > largest[i] ? values[i] : largest[i];
      }
    });
    for (int i = 0; i < kWidth; ++i) largest[i] = shape.clamp(largest[i]);
    store_vector<kWidth>(largest, shape.y + index * kWidth);
  }
};

/// The same with the places of the elements in X, for images that do not lie channels last.
template <typename T>
struct MaxPoolIndices {
  PoolShape<T> shape;
  int64_t* indices = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = shape.output.position(index);
    const int64_t plane = shape.input.plane(position.image, position.channel);
    float largest = kLowest<T>;
    int64_t place = -1;
    for_each_tap(shape.window, shape.input, position, [&](int64_t pixel, int64_t /*tap*/) {
      const float value = to_float(shape.x[plane + pixel]);
      if (place >= 0 && !(value > largest)) return;
      largest = value;
      place = plane + pixel;
    });
    from_float(shape.clamp(largest), shape.y[index]);
    indices[index] = place;
  }
};

/// The mean of the elements under each window, summed in f32. The padding that a model declares
/// counts as zeros where `counts_padding`; what hangs over it never counts.
template <typename T, int kWidth>
struct AveragePool {
  PoolShape<T> shape;
  bool counts_padding = false;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const Position position = shape.output.position(index);
    const T* plane = shape.x + shape.input.plane(position.image, position.channel);
    float sums[kWidth] = {};
    for_each_tap(shape.window, shape.input, position, [&](int64_t pixel, int64_t /*tap*/) {
      float values[kWidth];
      load_vector<kWidth>(plane + pixel, values);
      for (int i = 0; i < kWidth; ++i) sums[i] += values[i];
    });
    int64_t count = 1;
    for (int axis = 0; axis < kMaxSpatial; ++axis) {
      count *= count_taps(shape.window[axis], position.pixel[axis]);
    }
    const float divisor = static_cast<float>(count > 0 ? count : 1);
    for (int i = 0; i < kWidth; ++i) sums[i] = shape.clamp(sums[i] / divisor);
    store_vector<kWidth>(sums, shape.y + index * kWidth);
  }

 private:
  SYNSIGHT_HOST_DEVICE int64_t count_taps(const ops::WindowAxis& axis, int64_t output) const {
    const int64_t begin = counts_padding ? -axis.pad_begin : 0;
    const int64_t end = axis.input + (counts_padding ? axis.pad_end : 0);
    int64_t count = 0;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const int64_t place = output * axis.stride - axis.pad_begin + tap * axis.dilation;
      if (place >= begin && place < end) ++count;
    }
    return count;
  }
};

}  // namespace synsight::cuda
