// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/operands.h"

namespace synsight::cuda {

ops::Strides strides_of(const Operand& operand) {
  const ops::Strides strides = ops::row_major_strides(operand.memory_shape());
  if (operand.layout == Layout::kPlain) return strides;
  return {strides[0], strides[3], strides[1], strides[2]};
}

ops::Strides broadcast_strides(const Operand& operand, const Shape& to) {
  const Shape& from = operand.info.shape;
  const ops::Strides own = strides_of(operand);
  ops::Strides strides{};
  const size_t num_added = to.rank() - from.rank();
  for (size_t axis = 0; axis < from.rank(); ++axis) {
    strides[axis + num_added] = from[axis] == 1 ? 0 : own[axis];
  }
  return strides;
}

StridedMap map_of(const Shape& shape, const ops::Strides& strides, int64_t scale) {
  std::vector<StridedAxis> axes;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    axes.push_back({shape[axis], strides[axis] * scale});
  }
  return StridedMap(axes);
}

void keep_layout(std::span<const Operand> inputs, std::span<Operand> outputs) {
  for (Operand& output : outputs) output.layout = inputs[0].layout;
}

void keep_dtype(std::span<const Operand> inputs, std::span<Operand> outputs) {
  for (Operand& output : outputs) {
    if (output.exists()) output.info.dtype = inputs[0].info.dtype;
  }
}

void want_plain_f32(Operand& operand) {
  if (!operand.exists()) return;
  operand.layout = Layout::kPlain;
  operand.info.dtype = DType::kFloat32;
}

void want_like(const Operand& model, Operand& operand) {
  operand.layout = model.layout;
  operand.info.dtype = model.info.dtype;
}

size_t axis_at(size_t place, Layout layout) {
  constexpr size_t kChannelsLast[] = {0, 2, 3, 1};
  return layout == Layout::kPlain ? place : kChannelsLast[place];
}

std::vector<TensorView> views_of(std::span<const Operand> operands) {
  std::vector<TensorView> views;
  for (const Operand& operand : operands) views.push_back(operand.info.view());
  return views;
}

}  // namespace synsight::cuda
