// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

/// Y = A op B as bool, with NumPy's broadcasting.
struct Comparison {
  std::string_view name;
  bool (*of_floats)(double a, double b);
  bool (*of_integers)(int64_t a, int64_t b);
};

template <typename T>
bool equal(T a, T b) {
  return a == b;
}
template <typename T>
bool less(T a, T b) {
  return a < b;
}
template <typename T>
bool less_or_equal(T a, T b) {
  return a <= b;
}
template <typename T>
bool greater(T a, T b) {
  return a > b;
}
template <typename T>
bool greater_or_equal(T a, T b) {
  return a >= b;
}

constexpr Comparison kComparisons[] = {
    {"Equal", equal<double>, equal<int64_t>},
    {"Greater", greater<double>, greater<int64_t>},
    {"GreaterOrEqual", greater_or_equal<double>, greater_or_equal<int64_t>},
    {"Less", less<double>, less<int64_t>},
    {"LessOrEqual", less_or_equal<double>, less_or_equal<int64_t>},
};

}  // namespace

Result<std::vector<ValueInfo>> infer_comparison(const Node& node,
                                                std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_same_dtype(inputs));
  if (node.op_type != "Equal" || inputs[0].dtype != DType::kBool) {
    SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kNumericTypes));
  }
  SYNSIGHT_TRY_ASSIGN(const Shape shape, broadcast_shapes(inputs[0].shape, inputs[1].shape));
  return std::vector<ValueInfo>{{DType::kBool, shape}};
}

Status run_comparison(const Node& node, std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs) {
  const Comparison& comparison =
      *std::find_if(std::begin(kComparisons), std::end(kComparisons),
                    [&](const Comparison& candidate) { return candidate.name == node.op_type; });
  const Shape& shape = outputs[0].shape;
  bool* result = outputs[0].as<bool>().data();
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* a = inputs[0].as<T>().data();
    const T* b = inputs[1].as<T>().data();
    for_each_offset<2>(
        shape,
        {broadcast_strides(inputs[0].shape, shape), broadcast_strides(inputs[1].shape, shape)},
        [&](const std::array<int64_t, 2>& at) {
          if constexpr (std::is_floating_point_v<T>) {
            *result++ = comparison.of_floats(a[at[0]], b[at[1]]);
          } else {
            *result++ = comparison.of_integers(a[at[0]], b[at[1]]);
          }
        });
  });
  return {};
}

// Not: Y = !X, bool.

Result<std::vector<ValueInfo>> infer_not(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, {DType::kBool}));
  return std::vector<ValueInfo>{{DType::kBool, inputs[0].shape}};
}

Status run_not(const Node&, std::span<const TensorView> inputs,
               std::span<const MutableTensorView> outputs) {
  const auto x = inputs[0].as<bool>();
  std::transform(x.begin(), x.end(), outputs[0].as<bool>().begin(), std::logical_not<>{});
  return {};
}

}  // namespace synsight::ops
