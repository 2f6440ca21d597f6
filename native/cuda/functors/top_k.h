// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/number.h"
#include "native/cuda/host_device.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// The k largest or smallest elements along the middle axis of [outer,length,inner], sorted; k is
/// at most `length`. NaN counts as the largest number, of equals the first wins. Source: ONNX
/// TopK-11.
template <typename T>
struct TopShape {
  const T* x = nullptr;
  T* values = nullptr;         // [outer,k,inner], or null
  int64_t* indices = nullptr;  // the same
  int64_t length = 0;
  int64_t k = 0;
  Divider inner;
  bool is_largest = true;

  /// Where the element of that index of a line lies.
  SYNSIGHT_HOST_DEVICE int64_t at(int64_t line, int64_t index) const {
    const int64_t place = inner.split(line);
    return (line * length + index) * inner.divisor() + place;
  }

  /// Whether one element of a line comes before another.
  SYNSIGHT_HOST_DEVICE bool precedes(int64_t line, int64_t a, int64_t b) const {
    const Number<T> left = to_number(x[at(line, a)]);
    const Number<T> right = to_number(x[at(line, b)]);
    if (is_greater(left, right)) return is_largest;
    if (is_greater(right, left)) return !is_largest;
    return a < b;
  }

  SYNSIGHT_HOST_DEVICE void write(int64_t line, int64_t rank, int64_t index) const {
    const int64_t from = at(line, index);
    const int64_t place = inner.split(line);
    const int64_t to = (line * k + rank) * inner.divisor() + place;
    if (values != nullptr) values[to] = x[from];
    if (indices != nullptr) indices[to] = index;
  }

 private:
  SYNSIGHT_HOST_DEVICE static bool is_greater(Number<T> a, Number<T> b) {
    return a > b || (a != a && b == b);
  }
};

/// A row finds the elements of one line one after the other: for a small k.
template <typename T>
struct SelectTop {
  TopShape<T> shape;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t line, Lanes lanes) const {
    const auto precedes = [&](int64_t a, int64_t b) { return shape.precedes(line, a, b); };
    int64_t last = -1;
    for (int64_t rank = 0; rank < shape.k; ++rank) {
      int64_t best = -1;
      for (int64_t i = lanes.index; i < shape.length; i += lanes.count) {
        if (last >= 0 && !precedes(last, i)) continue;  // it was found before
        if (best < 0 || precedes(i, best)) best = i;
      }
      last = lanes.first(best, precedes);
      if (lanes.index == 0) shape.write(line, rank, last);
    }
  }
};

/// An index counts the elements that come before its own: for a large k.
template <typename T>
struct RankTop {
  TopShape<T> shape;
  Divider length;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t element) const {
    int64_t line = element;
    const int64_t index = length.split(line);
    int64_t rank = 0;
    for (int64_t i = 0; i < shape.length && rank < shape.k; ++i) {
      if (shape.precedes(line, i, index)) ++rank;
    }
    if (rank < shape.k) shape.write(line, rank, index);
  }
};

}  // namespace synsight::cuda
