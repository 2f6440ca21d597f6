// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "core/base/result.h"

namespace synsight {

/// The dimensions of a tensor, at most kMaxRank of them, each at least 0. Rank 0 is a scalar.
/// In a declared shape (Value::shape) a dimension of -1 is unknown.
class Shape {
 public:
  static constexpr size_t kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims);

  /// Errors: kInvalidModel for more than kMaxRank dimensions.
  static Result<Shape> from_dims(std::span<const int64_t> dims);

  size_t rank() const { return rank_; }
  int64_t operator[](size_t axis) const { return dims_[axis]; }
  int64_t& operator[](size_t axis) { return dims_[axis]; }
  std::span<const int64_t> dims() const { return {dims_.data(), rank_}; }

  /// Appends a dimension; the rank must be below kMaxRank.
  void push_back(int64_t dim);

  /// True where no dimension is -1.
  bool is_known() const;

  /// The product of the dimensions; 1 for a scalar. The shape must come from checked_num_elements
  /// or a Tensor.
  size_t num_elements() const;

  /// Errors: kShapeMismatch for a negative dimension, or where the product of the dimensions other
  /// than 0 does not fit in size_t or int64_t.
  Result<size_t> checked_num_elements() const;

  bool operator==(const Shape& other) const;

  /// `[1,3,224,224]`; unknown dimensions as `?`.
  std::string to_string() const;

 private:
  std::array<int64_t, kMaxRank> dims_{};
  size_t rank_ = 0;
};

/// Turns an axis of [-rank, rank) into [0, rank). Errors: kInvalidModel, naming `what`.
Result<size_t> normalize_axis(int64_t axis, size_t rank, std::string_view what);

/// NumPy's broadcasting, as ONNX uses it. Errors: kShapeMismatch.
Result<Shape> broadcast_shapes(const Shape& a, const Shape& b);

}  // namespace synsight
