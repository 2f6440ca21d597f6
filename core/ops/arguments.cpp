// SPDX-License-Identifier: Apache-2.0
#include "core/ops/arguments.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/element_types.h"

namespace synsight::ops {

std::vector<TensorView> views_of(std::span<const ValueInfo> inputs) {
  std::vector<TensorView> views;
  for (const ValueInfo& input : inputs) views.push_back(input.view());
  return views;
}

TensorView input_at(std::span<const TensorView> inputs, size_t index) {
  return index < inputs.size() ? inputs[index] : TensorView{};
}

Result<std::vector<int64_t>> constant_ints(const TensorView& input, std::string_view what) {
  SYNSIGHT_TRY(check_dtype(what, input.dtype, {DType::kInt32, DType::kInt64}));
  if (input.shape.rank() > 1) {
    return fail(ErrorCode::kShapeMismatch,
                concat({what, " has shape ", input.shape.to_string(), ", wanted a list"}));
  }
  if (input.data == nullptr) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"needs a constant ", what, ", it is only known in a run"}));
  }
  std::vector<int64_t> values;
  visit_element_type<int32_t, int64_t>(input.dtype, [&](auto type) {
    const auto elements = input.as<decltype(type)>();
    values.assign(elements.begin(), elements.end());
  });
  return values;
}

Result<std::vector<int64_t>> ints_argument(const Node& node, std::span<const TensorView> inputs,
                                           std::string_view name, size_t index,
                                           int64_t first_input_opset) {
  if (node.opset < first_input_opset) return ints_attribute(node, name, {});
  const TensorView input = input_at(inputs, index);
  return input.exists() ? constant_ints(input, name) : std::vector<int64_t>{};
}

Result<std::vector<size_t>> normalize_axes(std::span<const int64_t> axes, size_t rank) {
  std::vector<size_t> normalized;
  for (const int64_t axis : axes) {
    SYNSIGHT_TRY_ASSIGN(const size_t index, normalize_axis(axis, rank, "axis"));
    if (std::find(normalized.begin(), normalized.end(), index) != normalized.end()) {
      return fail(ErrorCode::kInvalidModel, concat({"axis ", axis, " is given twice"}));
    }
    normalized.push_back(index);
  }
  return normalized;
}

Status check_all_exist(std::span<const ValueInfo> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].exists()) {
      return fail(ErrorCode::kInvalidModel, concat({"input ", i, " is missing"}));
    }
  }
  return {};
}

Status check_same_dtype(std::span<const ValueInfo> inputs) {
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (!inputs[i].exists() || inputs[i].dtype == inputs[0].dtype) continue;
    return fail(ErrorCode::kInvalidModel,
                concat({"input ", i, " has element type ", dtype_name(inputs[i].dtype),
                        ", wanted the first input's, ", dtype_name(inputs[0].dtype)}));
  }
  return {};
}

Status check_asked_shape(const Shape& shape) {
  constexpr size_t kMaxElements = size_t{1} << 31;
  SYNSIGHT_TRY_ASSIGN(const size_t num_elements, shape.checked_num_elements());
  if (num_elements > kMaxElements) {
    return fail(ErrorCode::kShapeMismatch, concat({"asks for shape ", shape.to_string(),
                                                   ", more than ", kMaxElements, " elements"}));
  }
  return {};
}

}  // namespace synsight::ops
