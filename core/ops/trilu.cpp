// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

/// Y = Trilu(X, k): the elements of each matrix [...,M,N] on and above its diagonal k, or below
/// with upper 0; all others are 0. X, Y: any type; k: an int64, 0 where absent. Source: ONNX
/// Trilu-14.
Result<std::vector<ValueInfo>> infer_trilu(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(int_attribute(node, "upper", 1));
  if (inputs[0].shape.rank() < 2) {
    return fail(ErrorCode::kShapeMismatch, concat({"input has shape ", inputs[0].shape.to_string(),
                                                   ", wanted two dimensions or more"}));
  }
  if (inputs.size() > 1 && inputs[1].exists() &&
      (inputs[1].dtype != DType::kInt64 || inputs[1].shape.num_elements() != 1)) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"k is ", dtype_name(inputs[1].dtype), inputs[1].shape.to_string(),
                        ", wanted one int64"}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_trilu(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const int64_t upper, int_attribute(node, "upper", 1));
  const TensorView k = input_at(inputs, 1);
  const Shape& shape = inputs[0].shape;
  const int64_t num_rows = shape[shape.rank() - 2];
  const int64_t num_columns = shape[shape.rank() - 1];
  const size_t size = inputs[0].size_bytes();
  if (size == 0) return {};
  std::memcpy(outputs[0].data, inputs[0].data, size);
  // Beyond the corners every diagonal does the same.
  const int64_t diagonal = k.exists() ? std::clamp(k.as<int64_t>()[0], -num_rows, num_columns) : 0;
  const size_t element = size / shape.num_elements();
  auto* row = static_cast<std::byte*>(outputs[0].data);
  for (size_t i = 0; i < shape.num_elements() / static_cast<size_t>(num_columns); ++i) {
    const int64_t at = static_cast<int64_t>(i) % num_rows + diagonal;
    const int64_t begin = upper != 0 ? 0 : std::clamp<int64_t>(at + 1, 0, num_columns);
    const int64_t end = upper != 0 ? std::clamp<int64_t>(at, 0, num_columns) : num_columns;
    std::memset(row + static_cast<size_t>(begin) * element, 0,
                static_cast<size_t>(end - begin) * element);
    row += static_cast<size_t>(num_columns) * element;
  }
  return {};
}

}  // namespace synsight::ops
