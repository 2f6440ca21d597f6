// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/shape.h"

#include <algorithm>
#include <cassert>

#include "core/base/checked.h"
#include "core/base/text.h"

namespace synsight {

Shape::Shape(std::initializer_list<int64_t> dims) : rank_(dims.size()) {
  assert(dims.size() <= kMaxRank);
  std::copy(dims.begin(), dims.end(), dims_.begin());
}

Result<Shape> Shape::from_dims(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank) {
    return fail(ErrorCode::kInvalidModel,
                concat({"a tensor has ", dims.size(), " dimensions, at most ", kMaxRank,
                        " are supported"}));
  }
  Shape shape;
  shape.rank_ = dims.size();
  std::copy(dims.begin(), dims.end(), shape.dims_.begin());
  return shape;
}

void Shape::push_back(int64_t dim) {
  assert(rank_ < kMaxRank);
  dims_[rank_++] = dim;
}

bool Shape::is_known() const {
  return std::all_of(dims().begin(), dims().end(), [](int64_t dim) { return dim >= 0; });
}

size_t Shape::num_elements() const {
  size_t product = 1;
  for (const int64_t dim : dims()) product *= static_cast<size_t>(dim);
  return product;
}

Result<size_t> Shape::checked_num_elements() const {
  size_t product = 1;
  bool is_empty = false;
  for (const int64_t dim : dims()) {
    if (dim < 0) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"shape ", to_string(), " has an unknown dimension"}));
    }
    if (dim == 0) {
      is_empty = true;
      continue;
    }
    const auto next = checked_mul(static_cast<uint64_t>(product), static_cast<uint64_t>(dim));
    if (!next || *next > SIZE_MAX / 8) {
      return fail(ErrorCode::kShapeMismatch, concat({"shape ", to_string(), " is too large"}));
    }
    product = static_cast<size_t>(*next);
  }
  return is_empty ? 0 : product;
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(dims().begin(), dims().end(), other.dims().begin(), other.dims().end());
}

std::string Shape::to_string() const {
  std::string text = "[";
  for (size_t axis = 0; axis < rank_; ++axis) {
    if (axis > 0) text += ",";
    text += dims_[axis] < 0 ? "?" : std::to_string(dims_[axis]);
  }
  return text + "]";
}

Result<size_t> normalize_axis(int64_t axis, size_t rank, std::string_view what) {
  const auto signed_rank = static_cast<int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    return fail(ErrorCode::kInvalidModel,
                concat({what, " ", axis, " is outside a tensor of rank ", rank}));
  }
  return static_cast<size_t>(axis < 0 ? axis + signed_rank : axis);
}

Result<Shape> broadcast_shapes(const Shape& a, const Shape& b) {
  Shape result;
  const size_t rank = std::max(a.rank(), b.rank());
  for (size_t axis = 0; axis < rank; ++axis) {
    const int64_t dim_a = axis + a.rank() < rank ? 1 : a[axis + a.rank() - rank];
    const int64_t dim_b = axis + b.rank() < rank ? 1 : b[axis + b.rank() - rank];
    if (dim_a != dim_b && dim_a != 1 && dim_b != 1) {
      return fail(ErrorCode::kShapeMismatch, concat({"shapes ", a.to_string(), " and ",
                                                     b.to_string(), " do not broadcast together"}));
    }
    result.push_back(dim_a == 1 ? dim_b : dim_a);
  }
  return result;
}

}  // namespace synsight
