// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

const Shape kShapes[] = {{1, 3, 7, 7},    {3, 5, 1, 1}, {2, 4, 9},
                         {1, 2, 3, 4, 5}, {0, 3, 4, 4}, {1, 1, 112, 113}};

// Each plane's result: `reduce` gets the plane's elements.
template <typename Reduce>
OpCase make_case(const char* op_type, const Shape& x_shape, int64_t opset, DType dtype,
                 const Reduce& reduce) {
  const TestTensor x = random_tensor(x_shape, 5, 0, 2, dtype);
  Shape y_shape = x_shape;
  for (size_t axis = 2; axis < y_shape.rank(); ++axis) y_shape[axis] = 1;
  TestTensor y{y_shape, {}, dtype};
  const size_t num_planes = y_shape.num_elements();
  const size_t size = num_planes == 0 ? 0 : x.values.size() / num_planes;
  for (size_t plane = 0; plane < num_planes; ++plane) {
    y.values.push_back(reduce(std::span(x.values).subspan(plane * size, size)));
  }
  return {
      dtype == DType::kFloat64 ? "f64" : x_shape.to_string(), {op_type, opset, {}, {fed(x)}}, {y}};
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("GlobalAveragePool gives each plane's mean") {
  std::vector<OpCase> cases;
  for (const Shape& shape : kShapes) {
    cases.push_back(make_case("GlobalAveragePool", shape, 7, DType::kFloat32, mean));
    cases.back().accumulation_length = 64;
  }
  cases.push_back(make_case("GlobalAveragePool", {2, 3, 5, 4}, 22, DType::kFloat64, mean));
  cases.back().accumulation_length = 20;
  run_op_cases(cases);
}

TEST_CASE("GlobalMaxPool gives each plane's largest element") {
  const auto largest = [](std::span<const double> values) {
    return *std::max_element(values.begin(), values.end());
  };
  std::vector<OpCase> cases;
  for (const Shape& shape : kShapes) {
    cases.push_back(make_case("GlobalMaxPool", shape, 7, DType::kFloat32, largest));
  }
  cases.push_back(make_case("GlobalMaxPool", {2, 3, 5, 4}, 22, DType::kFloat64, largest));
  run_op_cases(cases);
}

TEST_CASE("global pools refuse inputs without planes") {
  const OpErrorCase cases[] = {
      {"no spatial dimension",
       {"GlobalAveragePool", 7, {}, {fed(random_tensor({2, 3}, 1))}},
       ErrorCode::kShapeMismatch,
       {"[2,3]", "spatial dimension"}},
      {"an empty plane",
       {"GlobalMaxPool", 7, {}, {fed(random_tensor({2, 3, 0, 4}, 1))}},
       ErrorCode::kShapeMismatch,
       {"[2,3,0,4]"}},
      {"integers",
       {"GlobalMaxPool", 7, {}, {fed(random_tensor({2, 3, 2}, 1, 0, 9, DType::kInt32))}},
       ErrorCode::kUnsupportedType,
       {"int32"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
