// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/core/ops/broadcast_oracle.h"
#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kInt32Min = std::numeric_limits<int32_t>::min();
constexpr double kInt64Min = -0x1p63;

struct BinaryCase {
  const char* op_type;
  int64_t opset;
  double (*oracle)(double a, double b);
  DType dtype = DType::kFloat32;
  double a_low = -4;
  double b_low = -4;
  std::vector<TestAttribute> attributes = {};
};

const BinaryCase kCases[] = {
    {"Add", 7, [](double a, double b) { return a + b; }},
    {"Add", 14, [](double a, double b) { return a + b; }, DType::kInt8},
    {"Add", 13, [](double a, double b) { return a + b; }, DType::kInt64},
    {"Sub", 13, [](double a, double b) { return a - b; }},
    {"Sub", 14, [](double a, double b) { return a - b; }, DType::kInt32},
    {"Mul", 7, [](double a, double b) { return a * b; }},
    {"Mul", 14, [](double a, double b) { return a * b; }, DType::kInt16},
    {"Div", 7, [](double a, double b) { return a / b; }, DType::kFloat32, -4, 1},
    {"Div", 14, [](double a, double b) { return std::trunc(a / b); }, DType::kInt64, -4, 1},
    {"Max", 8, [](double a, double b) { return a > b ? a : b; }},
    {"Max", 12, [](double a, double b) { return a > b ? a : b; }, DType::kInt64},
    {"Min", 8, [](double a, double b) { return a < b ? a : b; }},
    {"Min", 13, [](double a, double b) { return a < b ? a : b; }, DType::kUInt8, 0, 0},
    {"Sum", 8, [](double a, double b) { return a + b; }},
    {"Mean", 13, [](double a, double b) { return (a + b) / 2; }},
    {"Pow", 7, [](double a, double b) { return std::pow(a, b); }, DType::kFloat32, 0.5},
    {"Mod", 10, [](double a, double b) { return a - b * std::floor(a / b); }, DType::kInt32, -4, 1},
    {"Mod",
     13,
     [](double a, double b) { return a - b * std::trunc(a / b); },
     DType::kInt32,
     -4,
     1,
     {{"fmod", 1}}},
    {"Mod",
     13,
     [](double a, double b) { return a - b * std::trunc(a / b); },
     DType::kFloat64,
     -4,
     1,
     {{"fmod", 1}}},
};

/// Two shapes that broadcast together.
struct Shapes {
  Shape a;
  Shape b;
};

const Shapes kShapes[] = {
    {{2, 3, 4}, {2, 3, 4}},
    {{2, 3, 4}, {}},
    {{}, {2, 3, 4}},
    {{}, {}},
    {{1, 6, 5, 7}, {1, 6, 1, 1}},
    {{1, 6, 1, 1}, {2, 6, 5, 7}},
    {{2, 3, 4}, {4}},
    {{3, 1, 4}, {2, 1, 5, 1}},
    {{1, 2, 1, 2, 1, 2, 1, 3}, {2, 1, 2, 1, 2, 1, 2, 1}},
    {{0, 3}, {1, 3}},
    {{2, 0}, {1}},
};

OpCase to_op_case(const BinaryCase& c, const Shapes& shapes) {
  const TestTensor a = random_tensor(shapes.a, 1, c.a_low, 4, c.dtype);
  const TestTensor b = random_tensor(shapes.b, 2, c.b_low, 4, c.dtype);
  return {.description = std::string(dtype_name(c.dtype)) + " " + shapes.a.to_string() + " and " +
                         shapes.b.to_string(),
          .node = {c.op_type, c.opset, c.attributes, {fed(a), fed(b)}},
          .outputs = {broadcast({a, b},
                                [&](std::span<const double> x) { return c.oracle(x[0], x[1]); })},
          .accumulation_length = 4};
}

/// One operator on lists of as many elements.
struct ListCase {
  const char* op_type;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> y;
  DType dtype = DType::kFloat32;
  std::vector<TestAttribute> attributes = {};
};

const ListCase kListCases[] = {
    {"Add", {127, -128}, {1, -1}, {-128, 127}, DType::kInt8},
    {"Sub", {0, 5}, {1, 7}, {4294967295, 4294967294}, DType::kUInt32},
    {"Mul", {65536, 2}, {65536, -3}, {0, -6}, DType::kInt32},
    {"Div",
     {7, -7, 7, -7, kInt32Min},
     {2, 2, -2, -2, -1},
     {3, -3, -3, 3, kInt32Min},
     DType::kInt32},
    {"Div", {kInt64Min, kInt64Min, 9}, {-1, 2, -1}, {kInt64Min, -0x1p62, -9}, DType::kInt64},
    {"Div", {1, -1, 0}, {0, 0, 0}, {kInfinity, -kInfinity, kNaN}},
    {"Mod", {7, -7, 7, -7, kInt32Min}, {3, 3, -3, -3, -1}, {1, 2, -2, -1, 0}, DType::kInt32},
    {"Mod", {kInt64Min, kInt64Min}, {-1, 10}, {0, 2}, DType::kInt64},
    {"Mod", {5.5, -5.5, 5.5, -5.5}, {2, 2, -2, -2}, {1.5, 0.5, -0.5, -1.5}},
    {"Mod",
     {kInfinity, 1, 2, 2, -2, kNaN, 1},
     {2, 0, kInfinity, -kInfinity, kInfinity, 1, kNaN},
     {kNaN, kNaN, 2, -kInfinity, kInfinity, kNaN, kNaN}},
    {"Mod", {7, -7, 7, -7}, {3, 3, -3, -3}, {1, -1, 1, -1}, DType::kInt64, {{"fmod", 1}}},
    {"Mod",
     {5.5, -5.5, 1, kInfinity},
     {2, 2, kInfinity, 2},
     {1.5, -1.5, 1, kNaN},
     DType::kFloat32,
     {{"fmod", 1}}},
    {"Max", {1, 1, -kInfinity}, {2, kInfinity, -1}, {2, kInfinity, -1}},
    {"Min", {1, 1, -kInfinity}, {2, kInfinity, -1}, {1, 1, -kInfinity}},
    {"And", {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 0, 0, 1}, DType::kBool},
    {"Or", {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 1}, DType::kBool},
    {"Xor", {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 0}, DType::kBool},
    {"Pow", {2, -2, 3, 0, 2, -1}, {10, 3, 0, 0, -1, -3}, {1024, -8, 1, 1, 0, -1}, DType::kInt32},
    {"PRelu", {-2, 2, -3, 3}, {3, 3, -1, -1}, {-6, 2, 3, 3}, DType::kInt32},
};

OpCase variadic(const char* op_type, const std::vector<TestTensor>& inputs,
                double (*oracle)(std::span<const double>)) {
  OpCase op_case{.description = std::to_string(inputs.size()) + " inputs",
                 .node = {op_type, 13, {}, {}},
                 .outputs = {broadcast(inputs, oracle)},
                 .accumulation_length = 8};
  for (const TestTensor& input : inputs) op_case.node.inputs.push_back(fed(input));
  return op_case;
}

OpCase prelu(const Shape& x_shape, const Shape& slope_shape, bool is_constant) {
  const TestTensor x = random_tensor(x_shape, 3, -2, 2);
  const TestTensor slope = random_tensor(slope_shape, 4, -1, 1);
  return {
      .description = "slope of " + slope_shape.to_string(),
      .node = {"PRelu", 9, {}, {fed(x), is_constant ? constant(slope) : fed(slope)}},
      .outputs = {broadcast(
          {x, slope}, [](std::span<const double> v) { return v[0] >= 0 ? v[0] : v[0] * v[1]; })},
      .accumulation_length = 1};
}

}  // namespace

TEST_CASE("two operands broadcast every way") {
  std::vector<OpCase> cases;
  for (const BinaryCase& c : kCases) {
    for (const Shapes& shapes : kShapes) cases.push_back(to_op_case(c, shapes));
  }
  run_op_cases(cases);
}

TEST_CASE("a constant operand gives the same as one that is fed") {
  const TestTensor x = random_tensor({1, 8, 4, 4}, 5);
  const TestTensor bias = random_tensor({8, 1, 1}, 6);
  const auto subtract = [](std::span<const double> v) { return v[0] - v[1]; };
  run_op_cases(std::vector<OpCase>{
      {"second", {"Sub", 13, {}, {fed(x), constant(bias)}}, {broadcast({x, bias}, subtract)}, 1},
      {"first", {"Sub", 13, {}, {constant(bias), fed(x)}}, {broadcast({bias, x}, subtract)}, 1},
      {"both", {"Sub", 13, {}, {constant(bias), constant(x)}}, {broadcast({bias, x}, subtract)}, 1},
  });
}

TEST_CASE("integers wrap around and truncate, floats keep NaN and infinities") {
  std::vector<OpCase> cases;
  for (const ListCase& c : kListCases) {
    const Shape shape{static_cast<int64_t>(c.a.size())};
    cases.push_back({.description = std::string(dtype_name(c.dtype)),
                     .node = {c.op_type,
                              14,
                              c.attributes,
                              {fed({shape, c.a, c.dtype}), fed({shape, c.b, c.dtype})}},
                     .outputs = {{shape, c.y, c.dtype}}});
  }
  run_op_cases(cases);
}

TEST_CASE("Max, Min, Mean and Sum take any number of inputs") {
  const std::vector<TestTensor> all = {random_tensor({2, 3, 4}, 1), random_tensor({4}, 2),
                                       random_tensor({2, 1, 1}, 3), random_tensor({}, 4),
                                       random_tensor({2, 3, 4}, 5)};
  std::vector<OpCase> cases;
  for (size_t count = 1; count <= all.size(); ++count) {
    const std::vector<TestTensor> inputs(all.begin(),
                                         all.begin() + static_cast<std::ptrdiff_t>(count));
    cases.push_back(variadic("Max", inputs, [](std::span<const double> v) {
      return *std::max_element(v.begin(), v.end());
    }));
    cases.push_back(variadic("Min", inputs, [](std::span<const double> v) {
      return *std::min_element(v.begin(), v.end());
    }));
    cases.push_back(variadic("Sum", inputs, [](std::span<const double> v) {
      double sum = 0;
      for (const double value : v) sum += value;
      return sum;
    }));
    cases.push_back(variadic("Mean", inputs, [](std::span<const double> v) {
      double sum = 0;
      for (const double value : v) sum += value;
      return sum / static_cast<double>(v.size());
    }));
  }
  run_op_cases(cases);
}

TEST_CASE("PRelu's slope broadcasts to the input") {
  run_op_cases(std::vector<OpCase>{prelu({1, 4, 3, 5}, {4, 1, 1}, true),
                                   prelu({2, 4, 3, 5}, {1}, true), prelu({2, 3}, {2, 3}, true),
                                   prelu({2, 3}, {}, false), prelu({2, 4, 3, 3}, {4, 1, 1}, false),
                                   prelu({1, 4, 3, 5}, {5}, true)});
}

TEST_CASE("Pow takes an exponent of another element type") {
  const TestTensor base{{3}, {1.5, 2, 3}};
  run_op_cases(std::vector<OpCase>{
      {"int64",
       {"Pow", 12, {}, {fed(base), fed({{}, {2}, DType::kInt64})}},
       {{{3}, {2.25, 4, 9}}},
       2},
      {"float64",
       {"Pow", 13, {}, {fed(base), fed({{3}, {0, 1, 2}, DType::kFloat64})}},
       {{{3}, {1, 2, 9}}},
       2},
      {"int32 to a float",
       {"Pow", 13, {}, {fed({{2}, {4, 9}, DType::kInt32}), fed({{}, {0.5}})}},
       {{{2}, {2, 3}, DType::kInt32}}},
  });
}

TEST_CASE("arithmetic refuses what does not fit, naming what was found and wanted") {
  const TestTensor floats = random_tensor({2, 3}, 1);
  const TestTensor longs = random_tensor({2, 3}, 1, -2, 2, DType::kInt64);
  const TestTensor zero{{1}, {0}, DType::kInt64};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"shapes",
       {"Add", 13, {}, {fed(floats), fed(random_tensor({2}, 2))}},
       ErrorCode::kShapeMismatch,
       {"[2,3]", "[2]"}},
      {"two element types",
       {"Mul", 13, {}, {fed(floats), fed(longs)}},
       ErrorCode::kInvalidModel,
       {"input 1", "int64", "float32"}},
      {"booleans",
       {"Add", 13, {}, {fed({{1}, {1}, DType::kBool}), fed({{1}, {1}, DType::kBool})}},
       ErrorCode::kUnsupportedType,
       {"bool", "float32"}},
      {"numbers",
       {"And", 7, {}, {fed(floats), fed(floats)}},
       ErrorCode::kUnsupportedType,
       {"float32", "bool"}},
      {"division by zero",
       {"Div", 13, {}, {fed(longs), fed(zero)}},
       ErrorCode::kInvalidArgument,
       {"zero"}},
      {"remainder by zero",
       {"Mod", 13, {}, {fed(longs), constant(zero)}},
       ErrorCode::kInvalidArgument,
       {"zero"}},
      {"a slope that is too large",
       {"PRelu", 9, {}, {fed(floats), constant(random_tensor({4, 2, 3}, 2))}},
       ErrorCode::kShapeMismatch,
       {"[4,2,3]", "[2,3]"}},
      {"one input", {"Sub", 13, {}, {fed(floats)}}, ErrorCode::kInvalidModel, {"1 inputs", "2"}},
      {"a missing input",
       {"Max", 13, {}, {fed(floats), absent(), fed(floats)}},
       ErrorCode::kInvalidModel,
       {"input 1"}},
  });
}

}  // namespace synsight::test
