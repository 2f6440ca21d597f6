// SPDX-License-Identifier: Apache-2.0
#include "core/ops/top_k.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

namespace {

/// An attribute before opset 10, an input from it on.
Result<int64_t> read_k(const Node& node, std::span<const TensorView> inputs) {
  if (node.opset < 10) return int_attribute(node, "k", -1);
  SYNSIGHT_TRY_ASSIGN(const auto list, constant_ints(inputs[1], "k"));
  if (list.size() != 1) {
    return fail(ErrorCode::kShapeMismatch, concat({"k has ", list.size(), " elements, wanted 1"}));
  }
  return list[0];
}

}  // namespace

Result<TopKParams> parse_top_k(const Node& node, std::span<const TensorView> inputs) {
  TopKParams params;
  const Shape& shape = inputs[0].shape;
  SYNSIGHT_TRY_ASSIGN(const int64_t axis, int_attribute(node, "axis", -1));
  SYNSIGHT_TRY_ASSIGN(params.axis, normalize_axis(axis, shape.rank(), "axis"));
  SYNSIGHT_TRY_ASSIGN(const int64_t largest, int_attribute(node, "largest", 1));
  SYNSIGHT_TRY_ASSIGN(params.k, read_k(node, inputs));
  params.is_largest = largest != 0;
  if (params.k < 0 || params.k > shape[params.axis]) {
    return fail(ErrorCode::kShapeMismatch, concat({"k is ", params.k, ", outside axis ",
                                                   params.axis, " of shape ", shape.to_string()}));
  }
  return params;
}

namespace {

/// Whether element `a` comes before `b`; NaN counts as the largest number, of equals the first
/// wins.
template <typename T>
bool precedes(const T* x, int64_t a, int64_t b, bool is_largest) {
  const auto is_greater = [](T left, T right) {
    return left > right || (left != left && right == right);
  };
  if (is_greater(x[a], x[b])) return is_largest;
  if (is_greater(x[b], x[a])) return !is_largest;
  return a < b;
}

}  // namespace

// TopK: the k largest or smallest elements along one axis, sorted, and their int64 indices.

Result<std::vector<ValueInfo>> infer_top_k(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kNumericTypes));
  SYNSIGHT_TRY_ASSIGN(const TopKParams params, parse_top_k(node, views_of(inputs)));
  Shape shape = inputs[0].shape;
  shape[params.axis] = params.k;
  std::vector<ValueInfo> outputs{{inputs[0].dtype, shape}, {DType::kInt64, shape}};
  outputs.resize(node.outputs.size());
  return outputs;
}

Status run_top_k(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const TopKParams params, parse_top_k(node, inputs));
  const Shape& shape = inputs[0].shape;
  const int64_t dim = shape[params.axis];
  if (shape.num_elements() == 0 || params.k == 0) return {};
  int64_t stride = 1;
  for (size_t axis = params.axis + 1; axis < shape.rank(); ++axis) stride *= shape[axis];
  const int64_t num_lines = static_cast<int64_t>(shape.num_elements()) / dim;
  std::vector<int64_t> order(static_cast<size_t>(dim));  // offsets along one line
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    for (int64_t line = 0; line < num_lines; ++line) {
      const int64_t outer = line / stride;
      const int64_t inner = line % stride;
      const T* x = inputs[0].as<T>().data() + outer * dim * stride + inner;
      for (int64_t i = 0; i < dim; ++i) order[static_cast<size_t>(i)] = i * stride;
      std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(params.k),
                        order.end(),
                        [&](int64_t a, int64_t b) { return precedes(x, a, b, params.is_largest); });
      for (int64_t i = 0; i < params.k; ++i) {
        const auto y = static_cast<size_t>((outer * params.k + i) * stride + inner);
        const int64_t chosen = order[static_cast<size_t>(i)];
        if (outputs[0].exists()) outputs[0].as<T>()[y] = x[chosen];
        if (outputs.size() > 1 && outputs[1].exists()) {
          outputs[1].as<int64_t>()[y] = chosen / stride;
        }
      }
    }
  });
  return {};
}

}  // namespace synsight::ops
