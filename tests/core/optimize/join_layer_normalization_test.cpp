// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/graph_builder.h"

namespace synsight::test {

namespace {

constexpr int64_t kSize = 6;

/// The parts of a LayerNormalization as exporters write them, and how they may differ.
struct Parts {
  const char* description;
  bool joins = true;
  int64_t opset = 13;
  std::vector<int64_t> axes = {-1};
  std::vector<int64_t> variance_axes = {-1};
  double exponent = 2;
  bool multiplies = false;  // squares by a product
  bool has_bias = true;
  bool is_row_first = false;
  Shape scale_shape = {kSize};
  Shape epsilon_shape = {};
  bool is_other_mean = false;
  bool is_returned = false;  // what is normalized, before the scale
  DType dtype = DType::kFloat32;
};

const Parts kCases[] = {
    {.description = "PyTorch's"},
    {.description = "opset 18", .opset = 18},
    {.description = "axes from the front", .axes = {2}, .variance_axes = {2}},
    {.description = "squares by a product", .multiplies = true},
    {.description = "without a bias", .has_bias = false},
    {.description = "constants first", .is_row_first = true},
    {.description = "an epsilon of one dimension", .epsilon_shape = {1}},
    {.description = "another axis", .joins = false, .axes = {1}, .variance_axes = {1}},
    {.description = "two axes", .joins = false, .axes = {1, 2}, .variance_axes = {1, 2}},
    {.description = "two kinds of axes", .joins = false, .variance_axes = {1}},
    {.description = "another power", .joins = false, .exponent = 4},
    {.description = "one scale", .joins = false, .scale_shape = {1}},
    {.description = "a scale for each row", .joins = false, .scale_shape = {3, kSize}},
    {.description = "an epsilon of more dimensions", .joins = false, .epsilon_shape = {1, 1, 1, 1}},
    {.description = "the mean of something else", .joins = false, .is_other_mean = true},
    {.description = "returned before the scale", .joins = false, .is_returned = true},
    {.description = "f64", .joins = false, .dtype = DType::kFloat64},
};

ValueId mean_of(GraphBuilder& b, ValueId value, const Parts& parts,
                const std::vector<int64_t>& axes) {
  if (parts.opset < 18) return b.node("ReduceMean", {value}, {{"axes", axes}});
  std::vector<double> numbers(axes.begin(), axes.end());
  const auto count = static_cast<int64_t>(axes.size());
  return b.node("ReduceMean",
                {value, b.initializer("axes", {{count}, std::move(numbers), DType::kInt64})});
}

Graph build(const Parts& parts) {
  GraphBuilder b(parts.opset);
  const auto constant = [&](const Shape& shape, double least, double most) {
    return b.initializer("constant", random_tensor(shape, 1, least, most, parts.dtype));
  };
  const auto join = [&](const char* op_type, ValueId value, ValueId row) {
    return parts.is_row_first ? b.node(op_type, {row, value}) : b.node(op_type, {value, row});
  };
  const ValueId x = b.input("x", {-1, 3, kSize}, parts.dtype);
  const ValueId other = parts.is_other_mean ? b.node("Neg", {x}) : x;
  const ValueId difference = b.node("Sub", {x, mean_of(b, other, parts, parts.axes)});
  const ValueId exponent = b.initializer("exponent", {{}, {parts.exponent}, parts.dtype});
  const ValueId square = parts.multiplies ? b.node("Mul", {difference, difference})
                                          : b.node("Pow", {difference, exponent});
  const ValueId variance = mean_of(b, square, parts, parts.variance_axes);
  const ValueId sum = b.node("Add", {variance, constant(parts.epsilon_shape, 0.01, 0.02)});
  const ValueId divided = b.node("Div", {difference, b.node("Sqrt", {sum})});
  ValueId result = join("Mul", divided, constant(parts.scale_shape, 0.5, 2));
  if (parts.has_bias) result = join("Add", result, constant({kSize}, -1, 1));
  std::vector<ValueId> outputs = {b.node("Neg", {result})};
  if (parts.is_returned) outputs.push_back(divided);
  return b.finish(outputs);
}

}  // namespace

TEST_CASE("the parts of a LayerNormalization become one, where they are all there") {
  for (const Parts& parts : kCases) {
    CAPTURE(parts.description);
    const Graph graph =
        check_pass(optimize::join_layer_normalization, [&] { return build(parts); }, 64);
    CHECK((op_types(graph) == "LayerNormalization Neg ") == parts.joins);
    if (!parts.joins) CHECK(op_types(graph).find("LayerNormalization") == std::string::npos);
  }
}

}  // namespace synsight::test
