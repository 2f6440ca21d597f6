// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Values = std::span<const double>;

double sum_of(Values values, double (*term)(double)) {
  double sum = 0;
  for (const double value : values) sum += term(value);
  return sum;
}

double sum(Values values) {
  return sum_of(values, [](double x) { return x; });
}
double sum_of_squares(Values values) {
  return sum_of(values, [](double x) { return x * x; });
}

struct Reduction {
  const char* name;
  double (*oracle)(Values values);
};

const Reduction kReductions[] = {
    {"L1", [](Values v) { return sum_of(v, [](double x) { return std::abs(x); }); }},
    {"L2", [](Values v) { return std::sqrt(sum_of_squares(v)); }},
    {"LogSum", [](Values v) { return std::log(sum(v)); }},
    {"LogSumExp",
     [](Values v) { return std::log(sum_of(v, [](double x) { return std::exp(x); })); }},
    {"Max", [](Values v) { return *std::max_element(v.begin(), v.end()); }},
    {"Mean", [](Values v) { return sum(v) / static_cast<double>(v.size()); }},
    {"Min", [](Values v) { return *std::min_element(v.begin(), v.end()); }},
    {"Prod",
     [](Values v) {
       double product = 1;
       for (const double value : v) product *= value;
       return product;
     }},
    {"Sum", sum},
    {"SumSquare", sum_of_squares},
};

/// The axes as ONNX gives them, and which they are.
struct Axes {
  Shape shape;
  std::vector<int64_t> given;
  std::vector<bool> is_reduced;
};

const Axes kAxes[] = {
    {{2, 3, 4, 5}, {2, 3}, {false, false, true, true}},
    {{2, 3, 4, 5}, {-1}, {false, false, false, true}},
    {{2, 3, 4, 5}, {0, -2}, {true, false, true, false}},
    {{2, 3, 4, 5}, {1}, {false, true, false, false}},
    {{3, 4}, {}, {true, true}},
    {{7}, {0}, {true}},
    {{}, {}, {}},
    {{1, 2, 1, 2, 1, 2, 1, 3}, {7, 1, 4}, {false, true, false, false, true, false, false, true}},
};

/// The oracle over all elements of x whose index agrees with an output's where it is not reduced.
TestTensor reduce(const TestTensor& x, const std::vector<bool>& is_reduced, bool keep_dims,
                  double (*oracle)(Values)) {
  Shape kept = x.shape;
  for (size_t axis = 0; axis < kept.rank(); ++axis) kept[axis] = is_reduced[axis] ? 1 : kept[axis];
  TestTensor y = generate(kept, [&](std::span<const int64_t> at) {
    std::vector<double> values;
    generate(x.shape, [&](std::span<const int64_t> index) {
      bool belongs = true;
      for (size_t axis = 0; axis < index.size(); ++axis) {
        belongs = belongs && (is_reduced[axis] || index[axis] == at[axis]);
      }
      if (belongs) values.push_back(element_at(x, index));
      return 0;
    });
    return oracle(values);
  });
  y.dtype = x.dtype;
  if (keep_dims) return y;
  y.shape = {};
  for (size_t axis = 0; axis < kept.rank(); ++axis) {
    if (!is_reduced[axis]) y.shape.push_back(kept[axis]);
  }
  return y;
}

OpCase reduce_case(const Reduction& reduction, const Axes& axes, bool keep_dims,
                   bool axes_are_input) {
  const TestTensor x = random_tensor(axes.shape, 3, 0.25, 2);
  const std::string op_type = std::string("Reduce") + reduction.name;
  OpCase op_case{.description = axes.shape.to_string() + (axes_are_input ? ", input" : ""),
                 .node = {op_type, axes_are_input ? 18 : 11, {}, {fed(x)}},
                 .outputs = {reduce(x, axes.is_reduced, keep_dims, reduction.oracle)},
                 .accumulation_length = axes.shape.num_elements() + 4,
                 .magnitude = 1};
  if (!keep_dims) op_case.node.attributes.push_back({"keepdims", 0});
  if (!axes.given.empty() && axes_are_input) {
    const std::vector<double> values(axes.given.begin(), axes.given.end());
    op_case.node.inputs.push_back(
        constant({{static_cast<int64_t>(values.size())}, values, DType::kInt64}));
  } else if (!axes.given.empty()) {
    op_case.node.attributes.push_back({"axes", axes.given});
  }
  return op_case;
}

struct EmptyCase {
  const char* op_type;
  double wanted;
  DType dtype = DType::kFloat32;
};

const EmptyCase kEmptyCases[] = {
    {"ReduceL1", 0},
    {"ReduceL2", 0},
    {"ReduceLogSum", -kInfinity},
    {"ReduceLogSumExp", -kInfinity},
    {"ReduceMax", -kInfinity},
    {"ReduceMin", kInfinity},
    {"ReduceProd", 1},
    {"ReduceSum", 0},
    {"ReduceSumSquare", 0},
    {"ReduceMax", -128, DType::kInt8},
    {"ReduceMin", 2147483647, DType::kInt32},
};

const TestTensor kAxis0{{1}, {0}, DType::kInt64};

}  // namespace

TEST_CASE("reductions agree with sums over every combination of axes") {
  std::vector<OpCase> cases;
  for (const Reduction& reduction : kReductions) {
    for (const Axes& axes : kAxes) {
      for (const bool keep_dims : {true, false}) {
        cases.push_back(reduce_case(reduction, axes, keep_dims, false));
        cases.push_back(reduce_case(reduction, axes, keep_dims, true));
      }
    }
  }
  run_op_cases(cases);
}

TEST_CASE("ReduceSum takes its axes as an input from opset 13 on") {
  const TestTensor x = counting_tensor({2, 3});
  run_op_cases(std::vector<OpCase>{
      {"opset 13", {"ReduceSum", 13, {}, {fed(x), constant(kAxis0)}}, {{{1, 3}, {3, 5, 7}}}, 2},
      {"opset 12", {"ReduceSum", 12, {{"axes", {0}}}, {fed(x)}}, {{{1, 3}, {3, 5, 7}}}, 2}});
}

TEST_CASE("reductions over no axes do nothing but their function where the model says so") {
  const TestTensor x{{1, 2}, {-3, 4}};
  const std::vector<TestAttribute> no_op = {{"noop_with_empty_axes", 1}};
  const TestTensor no_axes{{0}, {}, DType::kInt64};
  run_op_cases(std::vector<OpCase>{
      {"no axes", {"ReduceSum", 13, no_op, {fed(x)}}, {x}},
      {"an empty list", {"ReduceMax", 18, no_op, {fed(x), constant(no_axes)}}, {x}},
      {"squares", {"ReduceSumSquare", 18, no_op, {fed(x)}}, {{{1, 2}, {9, 16}}}},
      {"absolutes", {"ReduceL1", 18, no_op, {fed(x)}}, {{{1, 2}, {3, 4}}}},
      {"all", {"ReduceSum", 13, {}, {fed(x), constant(no_axes)}}, {{{1, 1}, {1}}}},
  });
}

TEST_CASE("reductions of integers are exact, wrap around and truncate") {
  const TestTensor x{{4}, {100, 100, -7, -8}, DType::kInt8};
  run_op_cases(std::vector<OpCase>{
      {"sum", {"ReduceSum", 13, {}, {fed(x)}}, {{{1}, {-71}, DType::kInt8}}},
      {"mean",
       {"ReduceMean", 18, {}, {fed({{2}, {-7, -8}, DType::kInt32})}},
       {{{1}, {-7}, DType::kInt32}}},
      {"max", {"ReduceMax", 13, {}, {fed(x)}}, {{{1}, {100}, DType::kInt8}}},
      {"min", {"ReduceMin", 13, {}, {fed(x)}}, {{{1}, {-8}, DType::kInt8}}},
      {"L2",
       {"ReduceL2", 13, {}, {fed({{2}, {3, -4}, DType::kInt64})}},
       {{{1}, {5}, DType::kInt64}}},
      {"2^53 + 1",
       {"ReduceSum", 13, {{"keepdims", 0}}, {fed({{3}, {0x1p53, 1, -0x1p53}, DType::kInt64})}},
       {{{}, {1}, DType::kInt64}}},
      {"any",
       {"ReduceMax", 20, {}, {fed({{3}, {0, 1, 0}, DType::kBool})}},
       {{{1}, {1}, DType::kBool}}},
  });
}

TEST_CASE("LogSumExp does not overflow") {
  run_op_cases(std::vector<OpCase>{{"large",
                                    {"ReduceLogSumExp", 18, {}, {fed({{2}, {1000, 1000}})}},
                                    {{{1}, {1000 + std::log(2.0)}}},
                                    4},
                                   {"infinite",
                                    {"ReduceLogSumExp", 18, {}, {fed({{2}, {1, kInfinity}})}},
                                    {{{1}, {kInfinity}}}}});
}

TEST_CASE("reductions of nothing give what ONNX defines") {
  std::vector<OpCase> cases;
  for (const EmptyCase& c : kEmptyCases) {
    cases.push_back({"of nothing",
                     {c.op_type, 20, {}, {fed({{0, 2}, {}, c.dtype}), constant(kAxis0)}},
                     {{{1, 2}, {c.wanted, c.wanted}, c.dtype}}});
  }
  run_op_cases(cases);
}

TEST_CASE("reductions refuse axes that do not fit, and unknown ones") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto axes = [](const std::vector<double>& values) {
    return constant({{static_cast<int64_t>(values.size())}, values, DType::kInt64});
  };
  run_op_error_cases(std::vector<OpErrorCase>{
      {"too large",
       {"ReduceMean", 11, {{"axes", {2}}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"axis 2", "rank 2"}},
      {"twice",
       {"ReduceMax", 18, {}, {fed(x), axes({1, -1})}},
       ErrorCode::kInvalidModel,
       {"axis -1", "twice"}},
      {"not constant",
       {"ReduceSum", 13, {}, {fed(x), fed(kAxis0)}},
       ErrorCode::kShapeMismatch,
       {"constant axes"}},
      {"floats",
       {"ReduceSum", 13, {}, {fed(x), constant({{1}, {0}})}},
       ErrorCode::kUnsupportedType,
       {"axes", "float32", "int64"}},
      {"booleans",
       {"ReduceSum", 13, {}, {fed({{1}, {1}, DType::kBool})}},
       ErrorCode::kUnsupportedType,
       {"bool"}},
  });
}

}  // namespace synsight::test
