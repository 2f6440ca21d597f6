// SPDX-License-Identifier: Apache-2.0
#include "core/ops/gather.h"

#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

constexpr std::initializer_list<DType> kIndexTypes = {DType::kInt32, DType::kInt64};

/// The product of the dimensions in [begin, end).
int64_t product(const Shape& shape, size_t begin, size_t end) {
  int64_t result = 1;
  for (size_t axis = begin; axis < end; ++axis) result *= shape[axis];
  return result;
}

/// The dims of `first`, then those of `second`. Errors: kInvalidModel for too many.
Result<Shape> join(std::span<const int64_t> first, std::span<const int64_t> second) {
  std::vector<int64_t> dims(first.begin(), first.end());
  dims.insert(dims.end(), second.begin(), second.end());
  return Shape::from_dims(dims);
}

void copy_block(const TensorView& source, int64_t source_block, const MutableTensorView& target,
                size_t target_block, size_t size) {
  std::memcpy(static_cast<std::byte*>(target.data) + target_block * size,
              static_cast<const std::byte*>(source.data) + static_cast<size_t>(source_block) * size,
              size);
}

}  // namespace

Result<size_t> parse_gather_axis(const Node& node, size_t rank) {
  SYNSIGHT_TRY_ASSIGN(const int64_t axis, int_attribute(node, "axis", 0));
  return normalize_axis(axis, rank, "axis");
}

Result<int64_t> index_at(const TensorView& indices, size_t position, int64_t dim) {
  const int64_t index = indices.dtype == DType::kInt64 ? indices.as<int64_t>()[position]
                                                       : indices.as<int32_t>()[position];
  if (index < -dim || index >= dim) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"index ", index, " is outside an axis of ", dim}));
  }
  return index < 0 ? index + dim : index;
}

// Gather: the slices of `data` along one axis that `indices` name; they take the axis' place.

Result<std::vector<ValueInfo>> infer_gather(const Node& node, std::span<const ValueInfo> inputs) {
  const Shape& data = inputs[0].shape;
  SYNSIGHT_TRY(check_dtype("indices", inputs[1].dtype, kIndexTypes));
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_gather_axis(node, data.rank()));
  SYNSIGHT_TRY_ASSIGN(const Shape front, join(data.dims().first(axis), inputs[1].shape.dims()));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, join(front.dims(), data.dims().subspan(axis + 1)));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_gather(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  const Shape& data = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_gather_axis(node, data.rank()));
  if (outputs[0].size_bytes() == 0) return {};
  const int64_t num_rows = product(data, 0, axis);
  const auto size =
      static_cast<size_t>(product(data, axis + 1, data.rank())) * dtype_size(inputs[0].dtype);
  const size_t num_indices = inputs[1].shape.num_elements();
  for (size_t i = 0; i < num_indices; ++i) {
    SYNSIGHT_TRY_ASSIGN(const int64_t index, index_at(inputs[1], i, data[axis]));
    for (int64_t row = 0; row < num_rows; ++row) {
      copy_block(inputs[0], row * data[axis] + index, outputs[0],
                 static_cast<size_t>(row) * num_indices + i, size);
    }
  }
  return {};
}

// GatherElements: output[i][j] = data[indices[i][j]][j] for axis 0, and so on.

Result<std::vector<ValueInfo>> infer_gather_elements(const Node& node,
                                                     std::span<const ValueInfo> inputs) {
  const Shape& data = inputs[0].shape;
  const Shape& indices = inputs[1].shape;
  SYNSIGHT_TRY(check_dtype("indices", inputs[1].dtype, kIndexTypes));
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_gather_axis(node, data.rank()));
  bool fits = indices.rank() == data.rank();
  for (size_t i = 0; fits && i < data.rank(); ++i) fits = i == axis || indices[i] <= data[i];
  if (!fits) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"indices of shape ", indices.to_string(), " do not fit data of shape ",
                        data.to_string()}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, indices}};
}

Status run_gather_elements(const Node& node, std::span<const TensorView> inputs,
                           std::span<const MutableTensorView> outputs) {
  const Shape& data = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_gather_axis(node, data.rank()));
  const int64_t axis_stride = product(data, axis + 1, data.rank());
  Strides strides = row_major_strides(data);
  strides[axis] = 0;
  size_t position = 0;
  Status status;
  for_each_offset<1>(outputs[0].shape, {strides}, [&](const std::array<int64_t, 1>& at) {
    const auto index = index_at(inputs[1], position, data[axis]);
    if (!index) {
      status = tl::unexpected(index.error());
    } else {
      copy_block(inputs[0], at[0] + *index * axis_stride, outputs[0], position,
                 dtype_size(inputs[0].dtype));
    }
    ++position;
  });
  return status;
}

// GatherND: `indices` holds tuples, each of which names an element or slice of `data`.

Result<GatherTuples> parse_gather_tuples(const Node& node, const Shape& data,
                                         const Shape& indices) {
  SYNSIGHT_TRY_ASSIGN(const int64_t batch_dims, int_attribute(node, "batch_dims", 0));
  const auto smaller_rank = static_cast<int64_t>(std::min(data.rank(), indices.rank()));
  bool fits = batch_dims >= 0 && batch_dims < smaller_rank;
  GatherTuples tuples;
  if (fits) {
    tuples.batch_dims = static_cast<size_t>(batch_dims);
    const int64_t length = indices[indices.rank() - 1];
    fits = length >= 1 && length <= static_cast<int64_t>(data.rank()) - batch_dims;
    tuples.length = static_cast<size_t>(length);
  }
  for (size_t i = 0; fits && i < tuples.batch_dims; ++i) fits = indices[i] == data[i];
  if (!fits) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"indices of shape ", indices.to_string(), " do not fit data of shape ",
                        data.to_string(), " with batch_dims ", batch_dims}));
  }
  return tuples;
}

Result<std::vector<ValueInfo>> infer_gather_nd(const Node& node,
                                               std::span<const ValueInfo> inputs) {
  const Shape& data = inputs[0].shape;
  const Shape& indices = inputs[1].shape;
  SYNSIGHT_TRY(check_dtype("indices", inputs[1].dtype, {DType::kInt64}));
  SYNSIGHT_TRY_ASSIGN(const GatherTuples tuples, parse_gather_tuples(node, data, indices));
  SYNSIGHT_TRY_ASSIGN(const Shape shape,
                      join(indices.dims().first(indices.rank() - 1),
                           data.dims().subspan(tuples.batch_dims + tuples.length)));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_gather_nd(const Node& node, std::span<const TensorView> inputs,
                     std::span<const MutableTensorView> outputs) {
  const Shape& data = inputs[0].shape;
  const Shape& indices = inputs[1].shape;
  SYNSIGHT_TRY_ASSIGN(const GatherTuples tuples, parse_gather_tuples(node, data, indices));
  if (outputs[0].size_bytes() == 0) return {};
  const size_t slice_axis = tuples.batch_dims + tuples.length;
  const auto size =
      static_cast<size_t>(product(data, slice_axis, data.rank())) * dtype_size(inputs[0].dtype);
  const size_t num_tuples = indices.num_elements() / tuples.length;
  const auto num_batches = static_cast<size_t>(product(data, 0, tuples.batch_dims));
  for (size_t tuple = 0; tuple < num_tuples; ++tuple) {
    auto block = static_cast<int64_t>(tuple / (num_tuples / num_batches));
    for (size_t i = 0; i < tuples.length; ++i) {
      const int64_t dim = data[tuples.batch_dims + i];
      SYNSIGHT_TRY_ASSIGN(const int64_t index, index_at(inputs[1], tuple * tuples.length + i, dim));
      block = block * dim + index;
    }
    copy_block(inputs[0], block, outputs[0], tuple, size);
  }
  return {};
}

}  // namespace synsight::ops
