// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "core/backend/backend.h"
#include "tests/core/ops/broadcast_oracle.h"
#include "tests/support/backends.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/op_case.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Comparison {
  const char* op_type;
  bool (*oracle)(double a, double b);
};

const Comparison kComparisons[] = {
    {"Equal", [](double a, double b) { return a == b; }},
    {"Greater", [](double a, double b) { return a > b; }},
    {"GreaterOrEqual", [](double a, double b) { return a >= b; }},
    {"Less", [](double a, double b) { return a < b; }},
    {"LessOrEqual", [](double a, double b) { return a <= b; }},
};

OpCase compare_case(const Comparison& comparison, const TestTensor& a, const TestTensor& b) {
  TestTensor wanted = broadcast(
      {a, b}, [&](std::span<const double> v) { return comparison.oracle(v[0], v[1]) ? 1.0 : 0.0; });
  wanted.dtype = DType::kBool;
  return {std::string(dtype_name(a.dtype)) + " " + a.shape.to_string(),
          {comparison.op_type, 16, {}, {fed(a), fed(b)}},
          {wanted}};
}

}  // namespace

TEST_CASE("comparisons give booleans, broadcast, and are false for NaN") {
  std::vector<OpCase> cases;
  const TestTensor special{{5}, {1, kNaN, kInfinity, -kInfinity, 0}};
  const TestTensor others{{5, 1}, {1, kNaN, kInfinity, -kInfinity, -0.0}};
  for (const Comparison& comparison : kComparisons) {
    cases.push_back(compare_case(comparison, special, others));
    for (const DType dtype : {DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt64}) {
      cases.push_back(compare_case(comparison, random_tensor({3, 1, 5}, 1, -2, 2, dtype),
                                   random_tensor({4, 1}, 2, -2, 2, dtype)));
    }
    cases.push_back(compare_case(comparison, random_tensor({0, 2}, 1), random_tensor({}, 2)));
  }
  run_op_cases(cases);
}

TEST_CASE("Equal compares booleans") {
  const TestTensor a{{4}, {0, 0, 1, 1}, DType::kBool};
  const TestTensor b{{4}, {0, 1, 0, 1}, DType::kBool};
  run_op_cases(std::vector<OpCase>{
      {"bool", {"Equal", 7, {}, {fed(a), fed(b)}}, {{{4}, {1, 0, 0, 1}, DType::kBool}}}});
}

TEST_CASE("integers are compared to their last bit") {
  for (const Backend* backend : all_backends()) {
    GraphBuilder b;
    const ValueId large = b.initializer("large", {{1}, {0x1p53}, DType::kInt64});
    const ValueId one = b.initializer("one", {{1}, {1}, DType::kInt64});
    const ValueId larger = b.node("Add", {large, one});
    Graph graph = b.finish({b.node("Equal", {large, larger}), b.node("Less", {large, larger})});
    const auto outputs = expect(run_graph(*backend, std::move(graph), {}));
    CHECK(!outputs[0].as<bool>()[0]);
    CHECK(outputs[1].as<bool>()[0]);
  }
}

TEST_CASE("Not inverts booleans") {
  run_op_cases(std::vector<OpCase>{{"bool",
                                    {"Not", 7, {}, {fed({{2, 2}, {0, 1, 1, 0}, DType::kBool})}},
                                    {{{2, 2}, {1, 0, 0, 1}, DType::kBool}}}});
}

TEST_CASE("Where chooses between elements of any type") {
  const TestTensor condition{{2, 1}, {1, 0}, DType::kBool};
  std::vector<OpCase> cases;
  for (const DType dtype : {DType::kFloat32, DType::kInt64, DType::kUInt8, DType::kFloat16}) {
    const TestTensor x = counting_tensor({3}, 1, 1, dtype);
    const TestTensor y = counting_tensor({4, 1, 1}, 10, 1, dtype);
    TestTensor wanted = broadcast(
        {x, y, condition}, [](std::span<const double> v) { return v[2] != 0 ? v[0] : v[1]; });
    cases.push_back({std::string(dtype_name(dtype)),
                     {"Where", 9, {}, {fed(condition), fed(x), fed(y)}},
                     {wanted}});
  }
  run_op_cases(cases);
}

TEST_CASE("IsNaN and IsInf find what is no number") {
  const TestTensor x{{5}, {1, kNaN, kInfinity, -kInfinity, 0}};
  const auto is_inf = [&](std::vector<TestAttribute> attributes, std::vector<double> wanted) {
    return OpCase{
        "IsInf", {"IsInf", 10, std::move(attributes), {fed(x)}}, {{{5}, wanted, DType::kBool}}};
  };
  run_op_cases(std::vector<OpCase>{
      {"f32", {"IsNaN", 9, {}, {fed(x)}}, {{{5}, {0, 1, 0, 0, 0}, DType::kBool}}},
      is_inf({}, {0, 0, 1, 1, 0}),
      is_inf({{"detect_negative", 0}}, {0, 0, 1, 0, 0}),
      is_inf({{"detect_positive", 0}}, {0, 0, 0, 1, 0}),
  });
}

TEST_CASE("comparisons and Where refuse what does not fit") {
  const TestTensor booleans{{2}, {0, 1}, DType::kBool};
  const TestTensor floats{{2}, {0, 1}};
  const TestTensor longer{{3}, {0, 1, 2}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"an order of booleans",
       {"Less", 13, {}, {fed(booleans), fed(booleans)}},
       ErrorCode::kUnsupportedType,
       {"bool"}},
      {"shapes",
       {"Equal", 13, {}, {fed(floats), fed(longer)}},
       ErrorCode::kShapeMismatch,
       {"[2]", "[3]"}},
      {"two element types",
       {"Greater", 13, {}, {fed(floats), fed(booleans)}},
       ErrorCode::kInvalidModel,
       {"bool", "float32"}},
      {"a condition of floats",
       {"Where", 9, {}, {fed(floats), fed(floats), fed(floats)}},
       ErrorCode::kUnsupportedType,
       {"condition", "bool"}},
      {"shapes of Where",
       {"Where", 9, {}, {fed(booleans), fed(floats), fed(longer)}},
       ErrorCode::kShapeMismatch,
       {"[2]", "[3]"}},
      {"Not of floats", {"Not", 7, {}, {fed(floats)}}, ErrorCode::kUnsupportedType, {"float32"}},
  });
}

}  // namespace synsight::test
