// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/divider.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// Y = clamp(alpha * A * B + beta * C), summed in f32: a batch of products [m,k] * [k,n], whose
/// matrices lie in any way, and C, which broadcasts.
template <typename T>
struct ProductShape {
  const T* a = nullptr;
  const T* b = nullptr;
  const float* c = nullptr;  // or null
  T* y = nullptr;            // [batch,m,n]
  StridedMap a_batch;        // where a product's A begins
  StridedMap b_batch;
  StridedMap c_elements;  // where C's element for one of Y's lies
  Divider m;
  Divider n;
  int64_t k = 0;
  int64_t a_row_step = 0;     // from one row of A to the next
  int64_t a_column_step = 0;  // from one column to the next
  int64_t b_row_step = 0;
  int64_t b_column_step = 0;
  float alpha = 1;
  float beta = 1;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void finish(int64_t element, float sum) const {
    float value = alpha * sum;
    if (c != nullptr) value += beta * c[c_elements.offset(element)];
    from_float(clamp(value), y[element]);
  }
};

/// An index computes one element: neighbours read neighbours where B's rows lie side by side.
template <typename T>
struct ProductElement {
  ProductShape<T> shape;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t element) const {
    int64_t batch = element;
    const int64_t column = shape.n.split(batch);
    const int64_t row = shape.m.split(batch);
    const T* a = shape.a + shape.a_batch.offset(batch) + row * shape.a_row_step;
    const T* b = shape.b + shape.b_batch.offset(batch) + column * shape.b_column_step;
    float sum = 0;
    for (int64_t i = 0; i < shape.k; ++i) {
      sum += to_float(a[i * shape.a_column_step]) * to_float(b[i * shape.b_row_step]);
    }
    shape.finish(element, sum);
  }
};

/// A row computes one element: the lanes share k and read neighbours where A's rows and B's columns
/// lie as they are, each in one piece. kWidth must divide k, and where it is not 1, the steps
/// along k must be 1 and the others multiples of it.
template <typename T, int kWidth>
struct ProductRow {
  ProductShape<T> shape;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t element, Lanes lanes) const {
    int64_t batch = element;
    const int64_t column = shape.n.split(batch);
    const int64_t row = shape.m.split(batch);
    const T* a = shape.a + shape.a_batch.offset(batch) + row * shape.a_row_step;
    const T* b = shape.b + shape.b_batch.offset(batch) + column * shape.b_column_step;
    float sum = 0;
    for (int64_t i = int64_t{lanes.index} * kWidth; i < shape.k;
         i += int64_t{lanes.count} * kWidth) {
      float left[kWidth];
      float right[kWidth];
      load_vector<kWidth>(a + i * shape.a_column_step, left);
      load_vector<kWidth>(b + i * shape.b_row_step, right);
      for (int j = 0; j < kWidth; ++j) sum += left[j] * right[j];
    }
    sum = lanes.sum(sum);
    if (lanes.index == 0) shape.finish(element, sum);
  }
};

}  // namespace synsight::cuda
