// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <span>

#include "core/base/aligned_buffer.h"
#include "core/base/result.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace synsight {

/// Borrowed, read-only elements in row-major order. An absent optional input has dtype kUndefined.
struct TensorView {
  DType dtype = DType::kUndefined;
  Shape shape;
  const void* data = nullptr;

  bool exists() const { return dtype != DType::kUndefined; }
  size_t size_bytes() const { return shape.num_elements() * dtype_size(dtype); }

  /// The elements as T; T must be the view's element type.
  template <typename T>
  std::span<const T> as() const {
    assert(dtype == dtype_of<T>);
    return {static_cast<const T*>(data), shape.num_elements()};
  }
};

/// Borrowed, writable elements in row-major order.
struct MutableTensorView {
  DType dtype = DType::kUndefined;
  Shape shape;
  void* data = nullptr;

  bool exists() const { return dtype != DType::kUndefined; }
  size_t size_bytes() const { return shape.num_elements() * dtype_size(dtype); }
  operator TensorView() const { return {dtype, shape, data}; }

  template <typename T>
  std::span<T> as() const {
    assert(dtype == dtype_of<T>);
    return {static_cast<T*>(data), shape.num_elements()};
  }
};

/// Owned elements in row-major order, moved and never copied by accident.
class Tensor {
 public:
  Tensor() = default;

  /// Uninitialised elements. Errors: kShapeMismatch for a negative or overflowing shape,
  /// kOutOfMemory.
  static Result<Tensor> allocate(DType dtype, const Shape& shape);

  /// A copy of `source`. Errors: kOutOfMemory.
  static Result<Tensor> copy(const TensorView& source);

  /// A tensor of the given elements; `values` must hold as many as `shape` asks for.
  template <typename T>
  static Result<Tensor> from(const Shape& shape, std::span<const T> values) {
    return copy({dtype_of<T>, shape, values.data()});
  }

  bool exists() const { return dtype_ != DType::kUndefined; }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  size_t size_bytes() const { return shape_.num_elements() * dtype_size(dtype_); }

  void* data() { return buffer_.data(); }
  const void* data() const { return buffer_.data(); }
  TensorView view() const { return {dtype_, shape_, buffer_.data()}; }
  MutableTensorView mutable_view() { return {dtype_, shape_, buffer_.data()}; }

  template <typename T>
  std::span<const T> as() const {
    return view().as<T>();
  }
  template <typename T>
  std::span<T> as() {
    return mutable_view().as<T>();
  }

  /// The same elements under another shape of as many elements.
  void set_shape(const Shape& shape) {
    assert(shape.num_elements() == shape_.num_elements());
    shape_ = shape;
  }

 private:
  DType dtype_ = DType::kUndefined;
  Shape shape_;
  AlignedBuffer buffer_;
};

}  // namespace synsight
