// SPDX-License-Identifier: Apache-2.0
#include "core/ops/cum_sum.h"

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

Result<CumSumParams> parse_cum_sum(const Node& node, std::span<const TensorView> inputs) {
  CumSumParams params;
  SYNSIGHT_TRY_ASSIGN(const auto axis, constant_ints(inputs[1], "axis"));
  if (axis.size() != 1) {
    return fail(ErrorCode::kInvalidModel,
                concat({"axis has ", axis.size(), " elements, wanted 1"}));
  }
  SYNSIGHT_TRY_ASSIGN(params.axis, normalize_axis(axis[0], inputs[0].shape.rank(), "axis"));
  SYNSIGHT_TRY_ASSIGN(const int64_t exclusive, int_attribute(node, "exclusive", 0));
  SYNSIGHT_TRY_ASSIGN(const int64_t reverse, int_attribute(node, "reverse", 0));
  params.is_exclusive = exclusive != 0;
  params.is_reverse = reverse != 0;
  return params;
}

/// Y = CumSum(X, axis): each element is the sum of those before it along the axis and, unless
/// exclusive, of itself; from the end with reverse. X, Y: any numeric type. Source: ONNX CumSum-14.
Result<std::vector<ValueInfo>> infer_cum_sum(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kNumericTypes));
  SYNSIGHT_TRY(parse_cum_sum(node, views_of(inputs)));
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_cum_sum(const Node& node, std::span<const TensorView> inputs,
                   std::span<const MutableTensorView> outputs) {
  const Shape& shape = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const CumSumParams params, parse_cum_sum(node, inputs));
  if (outputs[0].size_bytes() == 0) return {};
  int64_t stride = 1;
  for (size_t i = params.axis + 1; i < shape.rank(); ++i) stride *= shape[i];
  const int64_t length = shape[params.axis];
  const int64_t num_lines = static_cast<int64_t>(shape.num_elements()) / length;
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    for (int64_t line = 0; line < num_lines; ++line) {
      const int64_t first = line / stride * length * stride + line % stride;
      Wide<T> sum = 0;
      for (int64_t i = 0; i < length; ++i) {
        const int64_t at = first + (params.is_reverse ? length - 1 - i : i) * stride;
        const auto before = sum;
        const auto x = static_cast<Wide<T>>(inputs[0].as<T>()[static_cast<size_t>(at)]);
        if constexpr (std::is_floating_point_v<T>) {
          sum += x;
        } else {
          sum = wrapping_add(sum, x);
        }
        outputs[0].as<T>()[static_cast<size_t>(at)] =
            static_cast<T>(params.is_exclusive ? before : sum);
      }
    }
  });
  return {};
}

}  // namespace synsight::ops
