// SPDX-License-Identifier: Apache-2.0
#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

/// Expand: the input broadcast with a shape, NumPy's way. Source: ONNX Expand-8.
Result<std::vector<ValueInfo>> infer_expand(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const auto dims, constant_ints(inputs[1].view(), "shape"));
  SYNSIGHT_TRY_ASSIGN(const Shape wanted, Shape::from_dims(dims));
  SYNSIGHT_TRY(check_asked_shape(wanted));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, broadcast_shapes(inputs[0].shape, wanted));
  SYNSIGHT_TRY(check_asked_shape(shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_expand(const Node&, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  const Shape& shape = outputs[0].shape;
  copy_strided(shape, dtype_size(inputs[0].dtype), inputs[0].data,
               broadcast_strides(inputs[0].shape, shape), outputs[0].data,
               row_major_strides(shape));
  return {};
}

/// Tile: the input repeated so many times along each axis. Source: ONNX Tile-6.
Result<std::vector<ValueInfo>> infer_tile(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const auto repeats, constant_ints(inputs[1].view(), "repeats"));
  Shape shape = inputs[0].shape;
  if (repeats.size() != shape.rank()) {
    return fail(ErrorCode::kShapeMismatch, concat({"has ", repeats.size(), " repeats, the input ",
                                                   shape.rank(), " dimensions"}));
  }
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    const auto dim = checked_mul(shape[axis], repeats[axis]);
    if (repeats[axis] < 0 || !dim) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"cannot repeat axis ", axis, " ", repeats[axis], " times"}));
    }
    shape[axis] = *dim;
  }
  SYNSIGHT_TRY(check_asked_shape(shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_tile(const Node&, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  const Shape& tile = inputs[0].shape;
  const size_t element_size = dtype_size(inputs[0].dtype);
  if (outputs[0].size_bytes() == 0) return {};
  Shape grid;  // of tiles
  for (size_t axis = 0; axis < tile.rank(); ++axis) {
    grid.push_back(outputs[0].shape[axis] / tile[axis]);
  }
  const Strides strides = row_major_strides(outputs[0].shape);
  Strides tile_steps{};
  for (size_t axis = 0; axis < tile.rank(); ++axis) tile_steps[axis] = strides[axis] * tile[axis];
  for_each_offset<1>(grid, {tile_steps}, [&](const std::array<int64_t, 1>& at) {
    copy_strided(
        tile, element_size, inputs[0].data, row_major_strides(tile),
        static_cast<std::byte*>(outputs[0].data) + static_cast<size_t>(at[0]) * element_size,
        strides);
  });
  return {};
}

}  // namespace synsight::ops
