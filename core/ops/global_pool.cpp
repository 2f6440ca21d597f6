// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/text.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

size_t plane_size(const Shape& input) {
  return Shape::from_dims(input.dims().subspan(2)).value_or(Shape{}).num_elements();
}

// Calls reduce(plane) for each plane [D1,D2,...] of the input and writes what it returns.
template <typename T, typename Reduce>
void reduce_planes(const TensorView& input, const MutableTensorView& output, const Reduce& reduce) {
  const size_t size = plane_size(input.shape);
  const auto x = input.as<T>();
  const auto y = output.as<T>();
  for (size_t plane = 0; plane < y.size(); ++plane)
    y[plane] = reduce(x.subspan(plane * size, size));
}

}  // namespace

/// Y = GlobalAveragePool(X) or GlobalMaxPool(X). X: [N,C,D1,...] f32 or f64, Y: [N,C,1,...].
/// Source: ONNX GlobalAveragePool-22, GlobalMaxPool-22.
Result<std::vector<ValueInfo>> infer_global_pool(const Node& /*node*/,
                                                 std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  Shape shape = inputs[0].shape;
  if (shape.rank() < 3 || plane_size(shape) == 0) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input has shape ", shape.to_string(),
                        ", wanted [N,C] and at least one spatial dimension, none of them 0"}));
  }
  for (size_t axis = 2; axis < shape.rank(); ++axis) shape[axis] = 1;
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_global_average_pool(const Node& /*node*/, std::span<const TensorView> inputs,
                               std::span<const MutableTensorView> outputs) {
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce_planes<T>(inputs[0], outputs[0], [](std::span<const T> plane) {
      double sum = 0;
      for (const T value : plane) sum += value;
      return static_cast<T>(sum / static_cast<double>(plane.size()));
    });
  });
  return {};
}

Status run_global_max_pool(const Node& /*node*/, std::span<const TensorView> inputs,
                           std::span<const MutableTensorView> outputs) {
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce_planes<T>(inputs[0], outputs[0], [](std::span<const T> plane) {
      return *std::max_element(plane.begin(), plane.end());
    });
  });
  return {};
}

}  // namespace synsight::ops
