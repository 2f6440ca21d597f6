// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct UnaryCase {
  const char* op_type;
  int64_t opset;
  double (*oracle)(double x);
  double low = -4;
  double high = 4;
  std::vector<TestAttribute> attributes = {};
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::log(1 + std::exp(x)); }
double float_of(double x) { return static_cast<double>(static_cast<float>(x)); }

const UnaryCase kCases[] = {
    {"Abs", 13, [](double x) { return x < 0 ? -x : x; }},
    {"Ceil", 7, [](double x) { return -std::floor(-x); }},
    {"Celu", 12, [](double x) { return std::max(0.0, x) + std::min(0.0, std::exp(x) - 1); }},
    {"Celu",
     12,
     [](double x) { return std::max(0.0, x) + std::min(0.0, 2 * (std::exp(x / 2) - 1)); },
     -4,
     4,
     {{"alpha", 2.0}}},
    {"Cos", 7, [](double x) { return std::sin(x + std::numbers::pi / 2); }},
    {"Elu", 7, [](double x) { return x >= 0 ? x : std::exp(x) - 1; }},
    {"Elu",
     22,
     [](double x) { return x >= 0 ? x : 0.5 * (std::exp(x) - 1); },
     -4,
     4,
     {{"alpha", 0.5}}},
    {"Erf", 9, [](double x) { return 1 - std::erfc(x); }},
    {"Exp", 7, [](double x) { return std::pow(std::numbers::e, x); }},
    {"Floor", 7, [](double x) { return std::trunc(x) - (x < std::trunc(x) ? 1 : 0); }},
    {"Gelu", 20, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
    {"Gelu",
     20,
     [](double x) {
       const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * std::pow(x, 3));
       return x / 2 * (1 + std::tanh(inner));
     },
     -4,
     4,
     {{"approximate", "tanh"}}},
    {"HardSigmoid", 7,
     [](double x) { return std::max(0.0, std::min(1.0, float_of(0.2) * x + 0.5)); }},
    {"HardSigmoid",
     22,
     [](double x) { return std::max(0.0, std::min(1.0, 0.75 * x + 0.25)); },
     -4,
     4,
     {{"alpha", 0.75}, {"beta", 0.25}}},
    {"HardSwish", 14, [](double x) { return x * std::max(0.0, std::min(6.0, x + 3)) / 6; }},
    {"LeakyRelu", 7, [](double x) { return x >= 0 ? x : float_of(0.01) * x; }},
    {"LeakyRelu", 16, [](double x) { return x >= 0 ? x : 0.25 * x; }, -4, 4, {{"alpha", 0.25}}},
    {"Log", 7, [](double x) { return std::log2(x) * std::numbers::ln2; }, 0.01, 9},
    {"Mish", 18, [](double x) { return x * std::tanh(softplus(x)); }},
    {"Neg", 7, [](double x) { return 0 - x; }},
    {"Reciprocal", 13, [](double x) { return std::pow(x, -1); }, 0.25, 4},
    {"Relu", 7, [](double x) { return std::max(0.0, x); }},
    {"Round", 11, [](double x) { return std::floor(x + 0.5); }},
    {"Selu", 7,
     [](double x) {
       return float_of(1.05070102) * (x > 0 ? x : float_of(1.67326319) * (std::exp(x) - 1));
     }},
    {"Sigmoid", 13, sigmoid, -30, 30},
    {"Sign", 9, [](double x) { return x / std::abs(x); }, -4, 4},
    {"Sin", 7, [](double x) { return std::cos(x - std::numbers::pi / 2); }},
    {"Softplus", 7, softplus},
    {"Softsign", 22, [](double x) { return x >= 0 ? x / (1 + x) : x / (1 - x); }},
    {"Sqrt", 7, [](double x) { return std::pow(x, 0.5); }, 0, 9},
    {"Swish", 24, [](double x) { return x * sigmoid(x); }},
    {"Swish", 24, [](double x) { return x * sigmoid(2 * x); }, -4, 4, {{"alpha", 2.0}}},
    {"Tan", 7, [](double x) { return std::sin(x) / std::cos(x); }, -1.25, 1.25},
    {"Tanh", 7, [](double x) { return 1 - 2 / (std::exp(2 * x) + 1); }},
    {"ThresholdedRelu", 10, [](double x) { return x > 1 ? x : 0; }},
    {"ThresholdedRelu", 22, [](double x) { return x > -2 ? x : 0; }, -4, 4, {{"alpha", -2.0}}},
};

OpCase to_op_case(const UnaryCase& c, const Shape& shape, DType dtype) {
  const TestTensor x = random_tensor(shape, 7, c.low, c.high, dtype);
  TestTensor y = x;
  for (double& value : y.values) value = c.oracle(value);
  return {.description = "of " + shape.to_string(),
          .node = {c.op_type, c.opset, c.attributes, {fed(x)}},
          .outputs = {y},
          .accumulation_length = 4,
          .magnitude = 1};
}

struct ListCase {
  const char* op_type;
  std::vector<double> x;
  std::vector<double> y;
  DType dtype = DType::kFloat32;
  int64_t opset = 14;
};

const ListCase kSpecialCases[] = {
    {"Abs", {-2, 2, -kInfinity, kNaN}, {2, 2, kInfinity, kNaN}},
    {"Ceil", {-0.5, 0.5, kInfinity, kNaN}, {-0.0, 1, kInfinity, kNaN}},
    {"Erf",
     {-kInfinity, -4, 0, 1e-30, kInfinity, kNaN},
     {-1, -1, 0, 1e-30 * 1.1283791670955126, 1, kNaN}},
    {"Exp", {-kInfinity, kInfinity, 200, -200, kNaN}, {0, kInfinity, kInfinity, 0, kNaN}},
    {"Log", {0, -1, kInfinity, kNaN}, {-kInfinity, kNaN, kInfinity, kNaN}},
    {"Reciprocal", {2, kInfinity, 0}, {0.5, 0, kInfinity}},
#if defined(__wasm__)  // XNNPACK takes 0 for the maximum of NaN and 0 there
    {"Relu", {-kInfinity, kInfinity}, {0, kInfinity}},
#else
    {"Relu", {-kInfinity, kInfinity, kNaN}, {0, kInfinity, kNaN}},
#endif
    {"Round", {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.501}, {-2, -2, 0, 0, 2, 2, 3}},
    {"Sigmoid", {-kInfinity, kInfinity, kNaN}, {0, 1, kNaN}},
    {"Sign", {-kInfinity, -3, 0, 3, kNaN}, {-1, -1, 0, 1, kNaN}},
    {"Sqrt", {-1, 0, 1e30}, {kNaN, 0, 1e15}},
    {"Softplus", {-200, 200}, {0, 200}},
    {"Tanh", {-kInfinity, kInfinity}, {-1, 1}},
};

const ListCase kIntegerCases[] = {
    {"Abs", {-128, -1, 0, 127}, {-128, 1, 0, 127}, DType::kInt8},
    {"Abs", {0, 255}, {0, 255}, DType::kUInt8},
    {"Neg", {-3, 0, 2147483647}, {3, 0, -2147483647}, DType::kInt32},
    {"Neg", {-3, 0, 4}, {3, 0, -4}, DType::kInt64},
    {"Relu", {-3, 0, 4}, {0, 0, 4}, DType::kInt32},
    {"Sign", {-3, 0, 4}, {-1, 0, 1}, DType::kInt64},
};

void check(std::span<const ListCase> list) {
  std::vector<OpCase> cases;
  for (const ListCase& c : list) {
    const Shape shape{static_cast<int64_t>(c.x.size())};
    cases.push_back({.description = std::string(dtype_name(c.dtype)),
                     .node = {c.op_type, c.opset, {}, {fed({shape, c.x, c.dtype})}},
                     .outputs = {{shape, c.y, c.dtype}},
                     .accumulation_length = c.dtype == DType::kFloat32 ? 2u : 0u});
  }
  run_op_cases(cases);
}

}  // namespace

TEST_CASE("unary functions agree with their definitions on tensors of every rank") {
  std::vector<OpCase> cases;
  for (const UnaryCase& c : kCases) {
    for (const Shape& shape :
         {Shape{}, Shape{2, 3, 5}, Shape{1, 2, 1, 3, 1, 2, 1, 2}, Shape{3, 0}}) {
      cases.push_back(to_op_case(c, shape, DType::kFloat32));
    }
    if (std::string(c.op_type) != "Celu") {
      cases.push_back(to_op_case(c, {4, 3}, DType::kFloat64));
    }
  }
  run_op_cases(cases);
}

TEST_CASE("unary functions keep infinities, NaN and ties as IEEE 754 has them") {
  check(kSpecialCases);
}

TEST_CASE("Abs, Neg, Relu and Sign compute integers") { check(kIntegerCases); }

TEST_CASE("unary functions refuse other element types and attributes by name") {
  const TestTensor integers{{2}, {1, 2}, DType::kInt32};
  const TestTensor halves{{2}, {1, 2}, DType::kFloat16};
  const TestTensor floats{{2}, {1, 2}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"of integers",
       {"Exp", 13, {}, {fed(integers)}},
       ErrorCode::kUnsupportedType,
       {"int32", "float32"}},
      {"of float16",
       {"Sigmoid", 13, {}, {fed(halves)}},
       ErrorCode::kUnsupportedType,
       {"float16", "float32"}},
      {"another approximation",
       {"Gelu", 20, {{"approximate", "sigmoid"}}, {fed(floats)}},
       ErrorCode::kUnsupportedOp,
       {"\"sigmoid\"", "tanh"}},
      {"an attribute of another kind",
       {"Elu", 7, {{"alpha", "one"}}, {fed(floats)}},
       ErrorCode::kInvalidModel,
       {"alpha", "float"}},
      {"too early an opset",
       {"Mish", 17, {}, {fed(floats)}},
       ErrorCode::kUnsupportedOp,
       {"opset 17"}},
  });
}

}  // namespace synsight::test
