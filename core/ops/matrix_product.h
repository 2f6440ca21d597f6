// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace synsight::ops {

/// A matrix in memory: element (i, j) lies at i * row_stride + j * column_stride.
template <typename T>
struct Matrix {
  const T* data = nullptr;
  size_t row_stride = 0;
  size_t column_stride = 1;

  T at(size_t i, size_t j) const { return data[i * row_stride + j * column_stride]; }
};

/// Y = A * B, with A [m,k], B [k,n] and Y [m,n], whose elements lie one after the other.
template <typename T>
void matrix_product(size_t m, size_t k, size_t n, const Matrix<T>& a, const Matrix<T>& b, T* y) {
  for (size_t i = 0; i < m; ++i, y += n) {
    if (b.column_stride == 1) {
      std::fill_n(y, n, T{0});
      for (size_t p = 0; p < k; ++p) {
        const T factor = a.at(i, p);
        const T* b_row = b.data + p * b.row_stride;
        for (size_t j = 0; j < n; ++j) y[j] += factor * b_row[j];
      }
    } else {
      for (size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (size_t p = 0; p < k; ++p) sum += static_cast<double>(a.at(i, p)) * b.at(p, j);
        y[j] = static_cast<T>(sum);
      }
    }
  }
}

}  // namespace synsight::ops
