// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/graph/attributes.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

/// The dimensions that Shape gives: [start, end) of the input's, clamped. Source: ONNX Shape-15.
Result<std::span<const int64_t>> selected_dims(const Node& node, const Shape& shape) {
  const auto rank = static_cast<int64_t>(shape.rank());
  SYNSIGHT_TRY_ASSIGN(int64_t start, int_attribute(node, "start", 0));
  SYNSIGHT_TRY_ASSIGN(int64_t end, int_attribute(node, "end", rank));
  start = std::clamp(start < 0 ? start + rank : start, int64_t{0}, rank);
  end = std::clamp(end < 0 ? end + rank : end, start, rank);
  return shape.dims().subspan(static_cast<size_t>(start), static_cast<size_t>(end - start));
}

}  // namespace

Result<std::vector<ValueInfo>> infer_shape(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const auto dims, selected_dims(node, inputs[0].shape));
  return std::vector<ValueInfo>{{DType::kInt64, {static_cast<int64_t>(dims.size())}}};
}

Status run_shape(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto dims, selected_dims(node, inputs[0].shape));
  std::copy(dims.begin(), dims.end(), outputs[0].as<int64_t>().begin());
  return {};
}

// Size: the number of elements, a scalar.

Result<std::vector<ValueInfo>> infer_size(const Node&, std::span<const ValueInfo>) {
  return std::vector<ValueInfo>{{DType::kInt64, Shape{}}};
}

Status run_size(const Node&, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  outputs[0].as<int64_t>()[0] = static_cast<int64_t>(inputs[0].shape.num_elements());
  return {};
}

}  // namespace synsight::ops
