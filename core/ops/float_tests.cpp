// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/graph/attributes.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

// IsNaN and IsInf: which elements of a float tensor are not numbers.

Result<std::vector<ValueInfo>> infer_float_test(const Node& node,
                                                std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(int_attribute(node, "detect_negative", 1));
  SYNSIGHT_TRY(int_attribute(node, "detect_positive", 1));
  return std::vector<ValueInfo>{{DType::kBool, inputs[0].shape}};
}

Status run_is_nan(const Node&, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    const auto x = inputs[0].as<decltype(type)>();
    for (size_t i = 0; i < x.size(); ++i) outputs[0].as<bool>()[i] = std::isnan(x[i]);
  });
  return {};
}

Status run_is_inf(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const int64_t detect_negative, int_attribute(node, "detect_negative", 1));
  SYNSIGHT_TRY_ASSIGN(const int64_t detect_positive, int_attribute(node, "detect_positive", 1));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    const auto x = inputs[0].as<decltype(type)>();
    for (size_t i = 0; i < x.size(); ++i) {
      outputs[0].as<bool>()[i] =
          std::isinf(x[i]) && (x[i] > 0 ? detect_positive : detect_negative) != 0;
    }
  });
  return {};
}

}  // namespace synsight::ops
