// SPDX-License-Identifier: Apache-2.0
#include "core/ops/unary_elementwise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

namespace {

struct FloatParam {
  std::string_view name;  // empty: the function has none
  float fallback = 0;
};

/// Y = f(X), element by element. Integers are computed where `on_integers` is given.
struct UnaryFunction {
  std::string_view name;
  double (*on_floats)(double x, const UnaryParams& params);
  int64_t (*on_integers)(int64_t x) = nullptr;
  FloatParam alpha = {};
  FloatParam beta = {};
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double hard_sigmoid(double x, double alpha, double beta) {
  return std::clamp(alpha * x + beta, 0.0, 1.0);
}

double gelu(double x, const UnaryParams&) {
  return 0.5 * x * std::erfc(-x * (std::numbers::sqrt2 / 2));
}

double gelu_by_tanh(double x, const UnaryParams&) {
  const double inner = std::numbers::sqrt2 * std::numbers::inv_sqrtpi * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(inner));
}

// Each comparison is written so that NaN stays NaN.
constexpr UnaryFunction kFunctions[] = {
    {"Abs", [](double x, const UnaryParams&) { return std::abs(x); },
     [](int64_t x) { return x < 0 ? wrapping_sub(0, x) : x; }},
    {"Ceil", [](double x, const UnaryParams&) { return std::ceil(x); }},
    {"Celu",
     [](double x, const UnaryParams& p) { return x < 0 ? p.alpha * std::expm1(x / p.alpha) : x; },
     nullptr,
     {"alpha", 1.0f}},
    {"Cos", [](double x, const UnaryParams&) { return std::cos(x); }},
    {"Elu",
     [](double x, const UnaryParams& p) { return x < 0 ? p.alpha * std::expm1(x) : x; },
     nullptr,
     {"alpha", 1.0f}},
    {"Erf", [](double x, const UnaryParams&) { return std::erf(x); }},
    {"Exp", [](double x, const UnaryParams&) { return std::exp(x); }},
    {"Floor", [](double x, const UnaryParams&) { return std::floor(x); }},
    {"Gelu", gelu},
    {"HardSigmoid",
     [](double x, const UnaryParams& p) { return hard_sigmoid(x, p.alpha, p.beta); },
     nullptr,
     {"alpha", 0.2f},
     {"beta", 0.5f}},
    {"HardSwish", [](double x, const UnaryParams&) { return x * hard_sigmoid(x, 1.0 / 6, 0.5); }},
    {"LeakyRelu",
     [](double x, const UnaryParams& p) { return x < 0 ? p.alpha * x : x; },
     nullptr,
     {"alpha", 0.01f}},
    {"Log", [](double x, const UnaryParams&) { return std::log(x); }},
    {"Mish", [](double x, const UnaryParams&) { return x * std::tanh(softplus(x)); }},
    {"Neg", [](double x, const UnaryParams&) { return -x; },
     [](int64_t x) { return wrapping_sub(0, x); }},
    {"Reciprocal", [](double x, const UnaryParams&) { return 1 / x; }},
    {"Relu", [](double x, const UnaryParams&) { return x < 0 ? 0 : x; },
     [](int64_t x) { return std::max(x, int64_t{0}); }},
    {"Round", [](double x, const UnaryParams&) { return std::nearbyint(x); }},
    {"Selu",
     [](double x, const UnaryParams& p) { return p.beta * (x > 0 ? x : p.alpha * std::expm1(x)); },
     nullptr,
     {"alpha", 1.67326319f},
     {"gamma", 1.05070102f}},
    {"Sigmoid", [](double x, const UnaryParams&) { return sigmoid(x); }},
    {"Sign", [](double x, const UnaryParams&) { return x > 0   ? 1
                                                       : x < 0 ? -1
                                                               : x; },
     [](int64_t x) { return static_cast<int64_t>((x > 0) - (x < 0)); }},
    {"Sin", [](double x, const UnaryParams&) { return std::sin(x); }},
    {"Softplus", [](double x, const UnaryParams&) { return softplus(x); }},
    {"Softsign", [](double x, const UnaryParams&) { return x / (1 + std::abs(x)); }},
    {"Sqrt", [](double x, const UnaryParams&) { return std::sqrt(x); }},
    {"Swish",
     [](double x, const UnaryParams& p) { return x * sigmoid(p.alpha * x); },
     nullptr,
     {"alpha", 1.0f}},
    {"Tan", [](double x, const UnaryParams&) { return std::tan(x); }},
    {"Tanh", [](double x, const UnaryParams&) { return std::tanh(x); }},
    {"ThresholdedRelu",
     [](double x, const UnaryParams& p) { return x <= p.alpha ? 0 : x; },
     nullptr,
     {"alpha", 1.0f}},
};

const UnaryFunction* find_function(const Node& node) {
  return std::find_if(std::begin(kFunctions), std::end(kFunctions),
                      [&](const UnaryFunction& function) { return function.name == node.op_type; });
}

constexpr UnaryFunction kGeluByTanh = {"Gelu", gelu_by_tanh};

Result<const UnaryFunction*> function_of(const Node& node) {
  if (node.op_type != "Gelu") return find_function(node);
  SYNSIGHT_TRY_ASSIGN(const std::string approximate, string_attribute(node, "approximate", "none"));
  if (approximate == "none") return find_function(node);
  if (approximate == "tanh") return &kGeluByTanh;
  return fail(ErrorCode::kUnsupportedOp,
              concat({"approximate is \"", approximate, "\", wanted none or tanh"}));
}

Result<float> read(const Node& node, const FloatParam& param) {
  return param.name.empty() ? 0.0f : float_attribute(node, param.name, param.fallback);
}

}  // namespace

Result<UnaryParams> parse_unary_params(const Node& node) {
  const UnaryFunction* function = find_function(node);
  SYNSIGHT_TRY_ASSIGN(const float alpha, read(node, function->alpha));
  SYNSIGHT_TRY_ASSIGN(const float beta, read(node, function->beta));
  return UnaryParams{alpha, beta};
}

Result<std::vector<ValueInfo>> infer_unary(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const UnaryFunction* function, function_of(node));
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype,
                           function->on_integers != nullptr ? kNumericTypes : kFloatTypes));
  SYNSIGHT_TRY(parse_unary_params(node));
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_unary(const Node& node, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const UnaryFunction* function, function_of(node));
  SYNSIGHT_TRY_ASSIGN(const UnaryParams params, parse_unary_params(node));
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const auto x = inputs[0].as<T>();
    const auto y = outputs[0].as<T>();
    for (size_t i = 0; i < x.size(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        y[i] = static_cast<T>(function->on_floats(x[i], params));
      } else {
        y[i] = static_cast<T>(function->on_integers(x[i]));
      }
    }
  });
  return {};
}

}  // namespace synsight::ops
