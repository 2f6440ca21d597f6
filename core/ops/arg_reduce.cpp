// SPDX-License-Identifier: Apache-2.0
#include "core/ops/arg_reduce.h"

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

Result<ArgReduceParams> parse_arg_reduce(const Node& node, const Shape& shape) {
  ArgReduceParams params;
  SYNSIGHT_TRY_ASSIGN(const int64_t axis, int_attribute(node, "axis", 0));
  SYNSIGHT_TRY_ASSIGN(params.axis, normalize_axis(axis, shape.rank(), "axis"));
  SYNSIGHT_TRY_ASSIGN(const int64_t keep_dims, int_attribute(node, "keepdims", 1));
  SYNSIGHT_TRY_ASSIGN(const int64_t selects_last, int_attribute(node, "select_last_index", 0));
  params.keep_dims = keep_dims != 0;
  params.selects_last = selects_last != 0;
  params.is_max = node.op_type == "ArgMax";
  return params;
}

namespace {

/// The index of the largest or smallest among `count` elements that lie `stride` apart.
template <typename T>
int64_t arg_reduce(const ArgReduceParams& params, const T* x, int64_t count, int64_t stride) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i) {
    const T candidate = x[i * stride];
    const T current = x[best * stride];
    const bool is_better = params.is_max ? candidate > current : candidate < current;
    if (is_better || (params.selects_last && candidate == current)) best = i;
  }
  return best;
}

}  // namespace

// ArgMax, ArgMin: X of any numeric type, Y: int64 indices along one axis.

Result<std::vector<ValueInfo>> infer_arg_reduce(const Node& node,
                                                std::span<const ValueInfo> inputs) {
  const Shape& x = inputs[0].shape;
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kNumericTypes));
  SYNSIGHT_TRY_ASSIGN(const ArgReduceParams params, parse_arg_reduce(node, x));
  if (x[params.axis] == 0) {
    return fail(ErrorCode::kShapeMismatch, concat({"axis ", params.axis, " of the input's shape ",
                                                   x.to_string(), " has no elements"}));
  }
  Shape shape;
  for (size_t axis = 0; axis < x.rank(); ++axis) {
    if (axis != params.axis) {
      shape.push_back(x[axis]);
    } else if (params.keep_dims) {
      shape.push_back(1);
    }
  }
  return std::vector<ValueInfo>{{DType::kInt64, shape}};
}

Status run_arg_reduce(const Node& node, std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs) {
  const Shape& shape = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const ArgReduceParams params, parse_arg_reduce(node, shape));
  const int64_t count = shape[params.axis];
  int64_t stride = 1;
  for (size_t axis = params.axis + 1; axis < shape.rank(); ++axis) stride *= shape[axis];
  const auto y = outputs[0].as<int64_t>();
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    const auto* x = inputs[0].as<decltype(type)>().data();
    for (size_t i = 0; i < y.size(); ++i) {
      const auto outer = static_cast<int64_t>(i) / stride;
      const auto inner = static_cast<int64_t>(i) % stride;
      y[i] = arg_reduce(params, x + outer * count * stride + inner, count, stride);
    }
  });
  return {};
}

}  // namespace synsight::ops
