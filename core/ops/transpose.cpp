// SPDX-License-Identifier: Apache-2.0
#include "core/ops/transpose.h"

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

Result<std::vector<size_t>> parse_permutation(const Node& node, size_t rank) {
  std::vector<int64_t> reversed;
  for (size_t axis = rank; axis-- > 0;) reversed.push_back(static_cast<int64_t>(axis));
  SYNSIGHT_TRY_ASSIGN(const auto perm, ints_attribute(node, "perm", reversed));
  if (perm.size() != rank) {
    return fail(ErrorCode::kInvalidModel,
                concat({"perm has ", perm.size(), " axes, the input has ", rank}));
  }
  return normalize_axes(perm, rank);
}

Result<std::vector<ValueInfo>> infer_transpose(const Node& node,
                                               std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const auto perm, parse_permutation(node, inputs[0].shape.rank()));
  Shape shape;
  for (const size_t axis : perm) shape.push_back(inputs[0].shape[axis]);
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_transpose(const Node& node, std::span<const TensorView> inputs,
                     std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto perm, parse_permutation(node, inputs[0].shape.rank()));
  const Strides input_strides = row_major_strides(inputs[0].shape);
  Strides strides{};
  for (size_t axis = 0; axis < perm.size(); ++axis) strides[axis] = input_strides[perm[axis]];
  copy_strided(outputs[0].shape, dtype_size(inputs[0].dtype), inputs[0].data, strides,
               outputs[0].data, row_major_strides(outputs[0].shape));
  return {};
}

}  // namespace synsight::ops
