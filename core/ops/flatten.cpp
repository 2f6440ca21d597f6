// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

/// Y = X as a matrix: the dimensions before the axis times those from it on. Any type. Source: ONNX
/// Flatten-25.
Result<std::vector<ValueInfo>> infer_flatten(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(int64_t axis, int_attribute(node, "axis", 1));
  const auto rank = static_cast<int64_t>(inputs[0].shape.rank());
  if (axis < -rank || axis > rank) {
    return fail(ErrorCode::kInvalidModel,
                concat({"axis ", axis, " is outside a tensor of rank ", rank}));
  }
  if (axis < 0) axis += rank;
  Shape shape{1, 1};
  for (int64_t i = 0; i < rank; ++i) {
    shape[i < axis ? 0 : 1] *= inputs[0].shape[static_cast<size_t>(i)];
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

}  // namespace synsight::ops
