// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

/// What the node's one attribute holds. Errors: kInvalidModel, kUnsupportedOp for strings and
/// sparse tensors.
Result<TensorView> constant_value(const Node& node) {
  if (node.attributes.size() != 1) {
    return fail(ErrorCode::kInvalidModel,
                concat({"has ", node.attributes.size(), " attributes, wanted one"}));
  }
  const Attribute& attribute = node.attributes[0];
  const auto list = [](DType dtype, const auto& values) {
    return TensorView{dtype, {static_cast<int64_t>(values.size())}, values.data()};
  };
  if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) return tensor->view();
  if (const auto* number = std::get_if<float>(&attribute.value)) {
    return TensorView{DType::kFloat32, {}, number};
  }
  if (const auto* number = std::get_if<int64_t>(&attribute.value)) {
    return TensorView{DType::kInt64, {}, number};
  }
  if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
    return list(DType::kFloat32, *numbers);
  }
  if (const auto* numbers = std::get_if<std::vector<int64_t>>(&attribute.value)) {
    return list(DType::kInt64, *numbers);
  }
  return fail(ErrorCode::kUnsupportedOp,
              concat({"the attribute \"", attribute.name, "\" is not supported"}));
}

}  // namespace

Result<std::vector<ValueInfo>> infer_constant(const Node& node, std::span<const ValueInfo>) {
  SYNSIGHT_TRY_ASSIGN(const TensorView value, constant_value(node));
  return std::vector<ValueInfo>{{value.dtype, value.shape}};
}

Status run_constant(const Node& node, std::span<const TensorView>,
                    std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const TensorView value, constant_value(node));
  if (value.size_bytes() > 0) std::memcpy(outputs[0].data, value.data, value.size_bytes());
  return {};
}

// ConstantOfShape: the one element of the attribute `value`, else 0.0f, in every place.

Result<std::vector<ValueInfo>> infer_constant_of_shape(const Node& node,
                                                       std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const auto dims, constant_ints(inputs[0].view(), "shape"));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, Shape::from_dims(dims));
  SYNSIGHT_TRY(check_asked_shape(shape));
  SYNSIGHT_TRY_ASSIGN(const Tensor* value, tensor_attribute(node, "value"));
  if (value == nullptr) return std::vector<ValueInfo>{{DType::kFloat32, shape}};
  if (value->shape().num_elements() != 1) {
    return fail(ErrorCode::kInvalidModel,
                concat({"value has shape ", value->shape().to_string(), ", wanted one element"}));
  }
  return std::vector<ValueInfo>{{value->dtype(), shape}};
}

Status run_constant_of_shape(const Node& node, std::span<const TensorView>,
                             std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const Tensor* value, tensor_attribute(node, "value"));
  const float zero = 0;
  const void* element = value != nullptr ? value->data() : &zero;
  fill_elements(dtype_size(outputs[0].dtype), element, outputs[0].data,
                outputs[0].shape.num_elements());
  return {};
}

}  // namespace synsight::ops
