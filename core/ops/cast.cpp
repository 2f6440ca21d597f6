// SPDX-License-Identifier: Apache-2.0
#include "core/ops/cast.h"

#include <iterator>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/kernels.h"
#include "core/tensor/convert.h"

namespace synsight::ops {

Result<DType> dtype_from_onnx(int64_t number) {
  constexpr DType kByNumber[] = {
      DType::kUndefined, DType::kFloat32,  DType::kUInt8,  DType::kInt8,      DType::kUInt16,
      DType::kInt16,     DType::kInt32,    DType::kInt64,  DType::kUndefined, DType::kBool,
      DType::kFloat16,   DType::kFloat64,  DType::kUInt32, DType::kUInt64,    DType::kUndefined,
      DType::kUndefined, DType::kBFloat16,
  };
  const bool is_inside = number >= 0 && number < static_cast<int64_t>(std::size(kByNumber));
  const DType dtype = is_inside ? kByNumber[number] : DType::kUndefined;
  if (dtype != DType::kUndefined) return dtype;
  return fail(ErrorCode::kUnsupportedType,
              concat({"ONNX's element type number ", number, " is not supported"}));
}

Result<DType> parse_cast_target(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const int64_t to, int_attribute(node, "to", 0));
  return dtype_from_onnx(to);
}

Result<std::vector<ValueInfo>> infer_cast(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const DType dtype, parse_cast_target(node));
  return std::vector<ValueInfo>{{dtype, inputs[0].shape}};
}

/// CastLike: the first input in the second's element type.
Result<std::vector<ValueInfo>> infer_cast_like(const Node&, std::span<const ValueInfo> inputs) {
  return std::vector<ValueInfo>{{inputs[1].dtype, inputs[0].shape}};
}

Status run_cast(const Node&, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  convert_elements(inputs[0], outputs[0]);
  return {};
}

}  // namespace synsight::ops
