// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Few different values, so that equal ones occur.
const TestTensor kX = random_tensor({3, 4, 5}, 11, -3, 3, DType::kInt32);

/// The elements of `x` along `axis` that agree with `at` elsewhere.
std::vector<double> line(const TestTensor& x, size_t axis, std::span<const int64_t> at) {
  std::vector<double> values;
  std::vector<int64_t> index(at.begin(), at.end());
  for (index[axis] = 0; index[axis] < x.shape[axis]; ++index[axis]) {
    values.push_back(element_at(x, index));
  }
  return values;
}

OpCase arg_case(const std::string& op_type, int64_t axis, size_t normalized, bool selects_last) {
  Shape shape = kX.shape;
  shape[normalized] = 1;
  TestTensor wanted = generate(shape, [&](std::span<const int64_t> at) {
    const std::vector<double> values = line(kX, normalized, at);
    const double best = op_type == "ArgMax" ? *std::max_element(values.begin(), values.end())
                                            : *std::min_element(values.begin(), values.end());
    const auto first = std::find(values.begin(), values.end(), best) - values.begin();
    const auto last = std::find(values.rbegin(), values.rend(), best) - values.rbegin();
    return static_cast<double>(selects_last ? static_cast<std::ptrdiff_t>(values.size()) - 1 - last
                                            : first);
  });
  wanted.dtype = DType::kInt64;
  OpCase op_case{
      "axis " + std::to_string(axis), {op_type, 12, {{"axis", axis}}, {fed(kX)}}, {wanted}};
  if (selects_last) op_case.node.attributes.push_back({"select_last_index", 1});
  return op_case;
}

OpCase top_k_case(int64_t axis, size_t normalized, int64_t k, bool is_largest) {
  Shape shape = kX.shape;
  shape[normalized] = k;
  const auto chosen = [&](std::span<const int64_t> at, bool wants_index) {
    const std::vector<double> values = line(kX, normalized, at);
    std::vector<std::pair<double, double>> ranked;  // by value, then by index
    for (size_t i = 0; i < values.size(); ++i) {
      ranked.push_back({is_largest ? -values[i] : values[i], static_cast<double>(i)});
    }
    std::sort(ranked.begin(), ranked.end());
    const auto [value, index] = ranked[static_cast<size_t>(at[normalized])];
    return wants_index ? index : is_largest ? -value : value;
  };
  TestTensor values = generate(shape, [&](auto at) { return chosen(at, false); });
  TestTensor indices = generate(shape, [&](auto at) { return chosen(at, true); });
  values.dtype = DType::kInt32;
  indices.dtype = DType::kInt64;
  return {"axis " + std::to_string(axis) + ", k " + std::to_string(k),
          {"TopK",
           11,
           {{"axis", axis}, {"largest", is_largest}},
           {fed(kX), constant({{1}, {static_cast<double>(k)}, DType::kInt64})}},
          {values, indices}};
}

}  // namespace

TEST_CASE("ArgMax and ArgMin give the first or last index along any axis") {
  std::vector<OpCase> cases;
  for (const char* op_type : {"ArgMax", "ArgMin"}) {
    for (const bool selects_last : {false, true}) {
      cases.push_back(arg_case(op_type, 0, 0, selects_last));
      cases.push_back(arg_case(op_type, 1, 1, selects_last));
      cases.push_back(arg_case(op_type, -1, 2, selects_last));
    }
  }
  run_op_cases(cases);
}

TEST_CASE("ArgMax drops the axis and defaults to the first") {
  const TestTensor x{{2, 3}, {5, 1, 7, 4, 9, 7}};
  run_op_cases(std::vector<OpCase>{
      {"keepdims 0",
       {"ArgMax", 7, {{"axis", 1}, {"keepdims", 0}}, {fed(x)}},
       {{{2}, {2, 1}, DType::kInt64}}},
      {"no attributes", {"ArgMax", 13, {}, {fed(x)}}, {{{1, 3}, {0, 1, 0}, DType::kInt64}}}});
}

TEST_CASE("TopK sorts, of equal elements the first index wins") {
  run_op_cases(std::vector<OpCase>{top_k_case(0, 0, 2, true), top_k_case(1, 1, 4, true),
                                   top_k_case(-1, 2, 3, true), top_k_case(-1, 2, 1, false),
                                   top_k_case(1, 1, 2, false), top_k_case(2, 2, 0, true)});
}

TEST_CASE("TopK ranks NaN above all numbers and takes k as an attribute before opset 10") {
  const TestTensor x{{4}, {1, kNaN, 3, 2}};
  run_op_cases(std::vector<OpCase>{{"opset 9",
                                    {"TopK", 9, {{"k", 2}}, {fed(x)}},
                                    {{{2}, {kNaN, 3}}, {{2}, {1, 2}, DType::kInt64}}}});
}

TEST_CASE("TopK gives many elements as well as few") {
  const TestTensor x = random_tensor({3, 50}, 1);
  const auto ranked = [&](int64_t row, bool is_index) {
    std::vector<std::pair<double, double>> elements;
    for (int64_t i = 0; i < 50; ++i) {
      const int64_t at[] = {row, i};
      elements.emplace_back(-element_at(x, at), static_cast<double>(i));
    }
    std::sort(elements.begin(), elements.end());
    std::vector<double> found;
    for (const auto& [value, index] : elements) found.push_back(is_index ? index : -value);
    return found;
  };
  std::vector<OpCase> cases;
  for (const int64_t k : {0, 32, 33, 50}) {
    const auto top = [&](bool is_index) {
      return generate({3, k}, [&](std::span<const int64_t> at) {
        return ranked(at[0], is_index)[static_cast<size_t>(at[1])];
      });
    };
    TestTensor indices = top(true);
    indices.dtype = DType::kInt64;
    cases.push_back(
        {"k " + std::to_string(k), {"TopK", 9, {{"k", k}}, {fed(x)}}, {top(false), indices}});
  }
  run_op_cases(cases);
}

TEST_CASE("ArgMax and TopK refuse what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const TestTensor k{{1}, {4}, DType::kInt64};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"axis",
       {"ArgMax", 13, {{"axis", 2}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"axis 2", "rank 2"}},
      {"no elements",
       {"ArgMin", 13, {}, {fed({{0, 2}, {}})}},
       ErrorCode::kShapeMismatch,
       {"axis 0", "[0,2]"}},
      {"k beyond the axis",
       {"TopK", 11, {}, {fed(x), constant(k)}},
       ErrorCode::kShapeMismatch,
       {"k", "[2,3]"},
       2},
      {"k not constant",
       {"TopK", 11, {}, {fed(x), fed(k)}},
       ErrorCode::kShapeMismatch,
       {"constant k"},
       2},
  });
}

}  // namespace synsight::test
