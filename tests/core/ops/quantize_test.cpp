// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct QuantizeCase {
  const char* description;
  Shape shape;
  Shape scale_shape;
  size_t axis = 1;  // along which the scales lie
  DType dtype = DType::kUInt8;
  bool has_zero_point = true;
  int64_t opset = 13;
  std::vector<TestAttribute> attributes = {};
};

std::pair<double, double> limits(DType dtype) {
  if (dtype == DType::kUInt8) return {0, 255};
  if (dtype == DType::kInt8) return {-128, 127};
  if (dtype == DType::kUInt16) return {0, 65535};
  if (dtype == DType::kInt16) return {-32768, 32767};
  return {-2147483648.0, 2147483647.0};
}

TestTensor scales(const QuantizeCase& c) { return random_tensor(c.scale_shape, 2, 0.01, 0.2); }

TestTensor zero_points(const QuantizeCase& c) {
  TestTensor zero = random_tensor(c.scale_shape, 3, limits(c.dtype).first / 4,
                                  std::min(limits(c.dtype).second, 1000.0) / 2, c.dtype);
  if (!c.has_zero_point) std::fill(zero.values.begin(), zero.values.end(), 0);
  return zero;
}

size_t scale_index(const QuantizeCase& c, std::span<const int64_t> index) {
  return c.scale_shape.num_elements() == 1 ? 0 : static_cast<size_t>(index[c.axis]);
}

OpNode make_node(const QuantizeCase& c, const char* op_type, const TestTensor& x) {
  OpNode node{op_type, c.opset, c.attributes, {fed(x), constant(scales(c))}};
  if (c.has_zero_point) node.inputs.push_back(constant(zero_points(c)));
  return node;
}

// Rounding to the nearest integer, a half to the even one.
double round_half_even(double value) {
  const double below = std::floor(value);
  if (value - below != 0.5) return std::floor(value + 0.5);
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

OpCase quantize_case(const QuantizeCase& c) {
  const double range = c.dtype == DType::kUInt8 || c.dtype == DType::kInt8 ? 30 : 5000;
  const TestTensor x = random_tensor(c.shape, 1, -range, range);
  const TestTensor scale = scales(c);
  const TestTensor zero = zero_points(c);
  TestTensor y = generate(c.shape, [&](std::span<const int64_t> index) {
    const size_t s = scale_index(c, index);
    const auto quotient =
        static_cast<float>(element_at(x, index)) / static_cast<float>(scale.values[s]);
    return std::clamp(round_half_even(static_cast<double>(quotient)) + zero.values[s],
                      limits(c.dtype).first, limits(c.dtype).second);
  });
  y.dtype = c.dtype;
  return {c.description, make_node(c, "QuantizeLinear", x), {y}};
}

OpCase dequantize_case(const QuantizeCase& c) {
  const double high = std::min(limits(c.dtype).second + 1, 100000.0);
  const TestTensor x =
      random_tensor(c.shape, 1, std::max(limits(c.dtype).first, -100000.0), high, c.dtype);
  const TestTensor scale = scales(c);
  const TestTensor zero = zero_points(c);
  OpCase op_case{c.description, make_node(c, "DequantizeLinear", x), {}};
  op_case.outputs.push_back(generate(c.shape, [&](std::span<const int64_t> index) {
    const size_t s = scale_index(c, index);
    return (element_at(x, index) - zero.values[s]) * scale.values[s];
  }));
  op_case.accumulation_length = 1;
  return op_case;
}

const QuantizeCase kCases[] = {
    {.description = "one scale", .shape = {2, 3, 4}, .scale_shape = {}, .opset = 10},
    {.description = "one scale of one dimension", .shape = {2, 3, 4}, .scale_shape = {1}},
    {.description = "int8",
     .shape = {2, 3, 4},
     .scale_shape = {},
     .dtype = DType::kInt8,
     .opset = 19},
    {.description = "without a zero point",
     .shape = {5},
     .scale_shape = {},
     .has_zero_point = false,
     .opset = 10},
    {.description = "a scale for each channel", .shape = {2, 3, 4}, .scale_shape = {3}},
    {.description = "a scale for each filter",
     .shape = {4, 3, 2, 2},
     .scale_shape = {4},
     .axis = 0,
     .dtype = DType::kInt8,
     .attributes = {{"axis", 0}}},
    {.description = "a negative axis",
     .shape = {2, 3, 4},
     .scale_shape = {4},
     .axis = 2,
     .attributes = {{"axis", -1}}},
    {.description = "a scalar", .shape = {}, .scale_shape = {}},
    {.description = "many elements", .shape = {2, 4097}, .scale_shape = {}, .dtype = DType::kInt8},
    {.description = "uint16",
     .shape = {2, 3, 7},
     .scale_shape = {},
     .dtype = DType::kUInt16,
     .opset = 21},
    {.description = "int16",
     .shape = {2, 3, 7},
     .scale_shape = {3},
     .dtype = DType::kInt16,
     .opset = 21},
    {.description = "no elements", .shape = {0, 3}, .scale_shape = {3}},
};

}  // namespace

TEST_CASE("QuantizeLinear rounds x / scale + zero point and saturates") {
  std::vector<OpCase> cases;
  for (const QuantizeCase& c : kCases) cases.push_back(quantize_case(c));
  QuantizeCase asked{.description = "output_dtype",
                     .shape = {2, 3},
                     .scale_shape = {},
                     .dtype = DType::kInt8,
                     .has_zero_point = false,
                     .opset = 21,
                     .attributes = {{"output_dtype", 3}}};
  cases.push_back(quantize_case(asked));
  cases.push_back({"halves go to the even number, both ends saturate",
                   {"QuantizeLinear",
                    13,
                    {},
                    {fed({{8}, {0.5, 1.5, 2.5, -0.5, -1.5, 1000, -1000, 3}}), constant({{}, {1}}),
                     constant({{}, {10}, DType::kInt8})}},
                   {{{8}, {10, 12, 12, 10, 8, 127, -128, 13}, DType::kInt8}}});
  cases.push_back(
      {"int32",
       {"QuantizeLinear", 13, {}, {fed({{3}, {7, -9, 100}, DType::kInt32}), constant({{}, {2}})}},
       {{{3}, {4, 0, 50}, DType::kUInt8}}});
  cases.push_back(
      {"one scale and zero point of other ranks",
       {"QuantizeLinear",
        13,
        {},
        {fed({{3}, {1, -1, 2}}), constant({{1}, {0.5}}), constant({{}, {7}, DType::kInt8})}},
       {{{3}, {9, 5, 11}, DType::kInt8}}});
  run_op_cases(cases);
}

TEST_CASE("DequantizeLinear gives (x - zero point) * scale") {
  std::vector<OpCase> cases;
  for (const QuantizeCase& c : kCases) cases.push_back(dequantize_case(c));
  cases.push_back(dequantize_case({.description = "an int32 bias",
                                   .shape = {6},
                                   .scale_shape = {6},
                                   .axis = 0,
                                   .dtype = DType::kInt32,
                                   .has_zero_point = false,
                                   .attributes = {{"axis", 0}}}));
  run_op_cases(cases);
}

TEST_CASE("quantization refuses what it cannot do") {
  const CaseInput x = fed(random_tensor({2, 3, 4}, 1));
  const CaseInput scale = constant({{}, {0.5}});
  const auto dequantize = [](std::vector<CaseInput> others, std::vector<TestAttribute> attributes) {
    others.insert(others.begin(), fed(random_tensor({2, 3, 4}, 1, 0, 9, DType::kInt8)));
    return OpNode{"DequantizeLinear", 23, std::move(attributes), std::move(others)};
  };
  const OpErrorCase cases[] = {
      {"blocks",
       {"QuantizeLinear", 21, {{"block_size", 2}}, {x, scale}},
       ErrorCode::kUnsupportedOp,
       {"\"block_size\" is 2"}},
      {"4-bit outputs",
       {"QuantizeLinear", 21, {{"output_dtype", 22}}, {x, scale}},
       ErrorCode::kUnsupportedType,
       {"\"output_dtype\" is 22"}},
      {"scales of another length",
       {"QuantizeLinear", 13, {}, {x, constant(random_tensor({4}, 2))}},
       ErrorCode::kShapeMismatch,
       {"scale has shape [4]", "[3]"}},
      {"an axis outside",
       {"QuantizeLinear", 13, {{"axis", 3}}, {x, constant(random_tensor({3}, 2))}},
       ErrorCode::kInvalidModel,
       {"axis 3", "rank 3"}},
      {"zero points of another shape",
       {"QuantizeLinear", 13, {}, {x, scale, constant({{3}, {1, 2, 3}, DType::kInt8})}},
       ErrorCode::kShapeMismatch,
       {"zero point has shape [3]", "[]"}},
      {"a zero point of another type",
       dequantize({scale, constant({{}, {1}, DType::kUInt8})}, {}),
       ErrorCode::kUnsupportedType,
       {"zero point", "uint8", "int8"}},
      {"half precision outputs",
       dequantize({scale}, {{"output_dtype", 10}}),
       ErrorCode::kUnsupportedType,
       {"\"output_dtype\" is 10"}},
      {"floats",
       {"DequantizeLinear", 13, {}, {x, scale}},
       ErrorCode::kUnsupportedType,
       {"float32", "uint8"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
