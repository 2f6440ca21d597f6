// SPDX-License-Identifier: Apache-2.0
#include "core/ops/concat.h"

#include <cstring>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<size_t> parse_concat_axis(const Node& node, size_t rank) {
  if (node.find_attribute("axis") == nullptr) return fail(ErrorCode::kInvalidModel, "has no axis");
  SYNSIGHT_TRY_ASSIGN(const int64_t axis, int_attribute(node, "axis", 0));
  return normalize_axis(axis, rank, "axis");
}

Result<std::vector<ValueInfo>> infer_concat(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_all_exist(inputs));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  Shape shape = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_concat_axis(node, shape.rank()));
  for (const ValueInfo& input : inputs.subspan(1)) {
    Shape others = input.shape;
    const int64_t dim = others.rank() == shape.rank() ? others[axis] : 0;
    if (others.rank() == shape.rank()) others[axis] = shape[axis];
    const auto sum = checked_add(shape[axis], dim);
    if (!(others == shape) || !sum) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"cannot join shape ", input.shape.to_string(), " to ",
                          inputs[0].shape.to_string(), " along axis ", axis}));
    }
    shape[axis] = *sum;
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_concat(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  const Shape& shape = outputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const size_t axis, parse_concat_axis(node, shape.rank()));
  size_t num_rows =
      1;  // an input is so many blocks, each of which the axis and those after it fill
  for (size_t i = 0; i < axis; ++i) num_rows *= static_cast<size_t>(shape[i]);
  auto* target = static_cast<std::byte*>(outputs[0].data);
  for (size_t row = 0; row < num_rows; ++row) {
    for (const TensorView& input : inputs) {
      const size_t block = input.size_bytes() / num_rows;
      if (block == 0) continue;
      std::memcpy(target, static_cast<const std::byte*>(input.data) + row * block, block);
      target += block;
    }
  }
  return {};
}

}  // namespace synsight::ops
