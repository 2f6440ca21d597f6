// SPDX-License-Identifier: Apache-2.0
#include "core/ops/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

enum class Start { kZero, kOne, kLowest, kHighest };

double max_of(double a, double x) { return x > a || std::isnan(x) ? x : a; }
double min_of(double a, double x) { return x < a || std::isnan(x) ? x : a; }
double add(double a, double x) { return a + x; }
double add_square(double a, double x) { return a + x * x; }

/// y = finish(step(... step(step(start, x0), x1) ...), count). Integers are reduced in doubles
/// where there is no integer step.
struct Reduction {
  std::string_view name;
  Start start = Start::kZero;
  double (*step)(double a, double x);
  double (*finish)(double a, double count) = nullptr;
  int64_t (*integer_step)(int64_t a, int64_t x) = nullptr;
};

constexpr Reduction kReductions[] = {
    {"ReduceL1", Start::kZero, [](double a, double x) { return a + std::abs(x); }, nullptr,
     [](int64_t a, int64_t x) { return x < 0 ? wrapping_sub(a, x) : wrapping_add(a, x); }},
    {"ReduceL2", Start::kZero, add_square, [](double a, double) { return std::sqrt(a); }},
    {"ReduceLogSum", Start::kZero, add, [](double a, double) { return std::log(a); }},
    {"ReduceLogSumExp", Start::kZero, [](double a, double x) { return a + std::exp(x); },
     [](double a, double) { return std::log(a); }},
    {"ReduceMax", Start::kLowest, max_of, nullptr,
     [](int64_t a, int64_t x) { return std::max(a, x); }},
    {"ReduceMean", Start::kZero, add, [](double a, double count) { return a / count; },
     wrapping_add},
    {"ReduceMin", Start::kHighest, min_of, nullptr,
     [](int64_t a, int64_t x) { return std::min(a, x); }},
    {"ReduceProd", Start::kOne, [](double a, double x) { return a * x; }, nullptr, wrapping_mul},
    {"ReduceSum", Start::kZero, add, nullptr, wrapping_add},
    {"ReduceSumSquare", Start::kZero, add_square, nullptr,
     [](int64_t a, int64_t x) { return wrapping_add(a, wrapping_mul(x, x)); }},
};

/// ReduceMax of nothing is the type's least value, which is -infinity for floats.
template <typename T>
Wide<T> start_value(Start start) {
  using Limits = std::numeric_limits<T>;
  constexpr bool kIsInteger = std::is_integral_v<T>;
  switch (start) {
    case Start::kZero:
      break;
    case Start::kOne:
      return 1;
    case Start::kLowest:
      return kIsInteger ? Wide<T>{Limits::lowest()} : -std::numeric_limits<Wide<T>>::infinity();
    case Start::kHighest:
      return kIsInteger ? Wide<T>{Limits::max()} : std::numeric_limits<Wide<T>>::infinity();
  }
  return 0;
}

/// Where the elements of one output lie: `outer` runs over the outputs, `inner` over the elements
/// of each; both have the input's rank and strides.
struct Walk {
  Shape outer;
  Shape inner;
  std::array<Strides, 1> strides;
};

Walk plan_walk(const Shape& shape, const ReduceParams& params) {
  Walk walk{.outer = shape, .inner = shape, .strides = {row_major_strides(shape)}};
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    (params.is_reduced[axis] ? walk.outer : walk.inner)[axis] = 1;
  }
  return walk;
}

template <typename T>
T reduce_in_doubles(const Reduction& reduction, const Walk& walk, const T* x) {
  double shift = 0;  // keeps exp() in range
  if (reduction.name == "ReduceLogSumExp") {
    double largest = -std::numeric_limits<double>::infinity();
    for_each_offset<1>(walk.inner, walk.strides, [&](const std::array<int64_t, 1>& at) {
      largest = std::max(largest, static_cast<double>(x[at[0]]));
    });
    if (std::isfinite(largest)) shift = largest;
  }
  auto sum = static_cast<double>(start_value<T>(reduction.start));
  for_each_offset<1>(walk.inner, walk.strides, [&](const std::array<int64_t, 1>& at) {
    sum = reduction.step(sum, static_cast<double>(x[at[0]]) - shift);
  });
  if (reduction.finish != nullptr) {
    sum = reduction.finish(sum, static_cast<double>(walk.inner.num_elements()));
  }
  return narrow<T>(sum + shift);
}

template <typename T>
T reduce_in_integers(const Reduction& reduction, const Walk& walk, const T* x) {
  int64_t sum = start_value<T>(reduction.start);
  for_each_offset<1>(walk.inner, walk.strides, [&](const std::array<int64_t, 1>& at) {
    sum = reduction.integer_step(sum, x[at[0]]);
  });
  const auto count = static_cast<int64_t>(walk.inner.num_elements());
  if (reduction.name == "ReduceMean" && count > 0) sum /= count;
  return static_cast<T>(sum);
}

template <typename T>
void reduce(const Reduction& reduction, const Walk& walk, const T* x, T* y) {
  for_each_offset<1>(walk.outer, walk.strides, [&](const std::array<int64_t, 1>& at) {
    if constexpr (std::is_integral_v<T>) {
      if (reduction.integer_step != nullptr) {
        *y++ = reduce_in_integers<T>(reduction, walk, x + at[0]);
        return;
      }
    }
    *y++ = reduce_in_doubles<T>(reduction, walk, x + at[0]);
  });
}

}  // namespace

Result<ReduceParams> parse_reduce_params(const Node& node, std::span<const TensorView> inputs) {
  const int64_t first_input_opset = node.op_type == "ReduceSum" ? 13 : 18;
  SYNSIGHT_TRY_ASSIGN(const auto axes, ints_argument(node, inputs, "axes", 1, first_input_opset));
  SYNSIGHT_TRY_ASSIGN(const int64_t keep_dims, int_attribute(node, "keepdims", 1));
  SYNSIGHT_TRY_ASSIGN(const int64_t is_no_op, int_attribute(node, "noop_with_empty_axes", 0));
  ReduceParams params{.keep_dims = keep_dims != 0};
  if (axes.empty()) {
    std::fill_n(params.is_reduced.begin(), inputs[0].shape.rank(), is_no_op == 0);
    return params;
  }
  SYNSIGHT_TRY_ASSIGN(const auto reduced, normalize_axes(axes, inputs[0].shape.rank()));
  for (const size_t axis : reduced) params.is_reduced[axis] = true;
  return params;
}

Result<std::vector<ValueInfo>> infer_reduce(const Node& node, std::span<const ValueInfo> inputs) {
  const ValueInfo& x = inputs[0];
  const bool is_extremum = node.op_type == "ReduceMax" || node.op_type == "ReduceMin";
  if (!is_extremum || x.dtype != DType::kBool) {
    SYNSIGHT_TRY(check_dtype("the input", x.dtype, kNumericTypes));
  }
  SYNSIGHT_TRY_ASSIGN(const ReduceParams params, parse_reduce_params(node, views_of(inputs)));
  Shape shape;
  for (size_t axis = 0; axis < x.shape.rank(); ++axis) {
    if (!params.is_reduced[axis]) {
      shape.push_back(x.shape[axis]);
    } else if (params.keep_dims) {
      shape.push_back(1);
    }
  }
  return std::vector<ValueInfo>{{x.dtype, shape}};
}

Status run_reduce(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const ReduceParams params, parse_reduce_params(node, inputs));
  const Reduction& reduction =
      *std::find_if(std::begin(kReductions), std::end(kReductions),
                    [&](const Reduction& candidate) { return candidate.name == node.op_type; });
  const Walk walk = plan_walk(inputs[0].shape, params);
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    reduce<T>(reduction, walk, inputs[0].as<T>().data(), outputs[0].as<T>().data());
  });
  return {};
}

}  // namespace synsight::ops
