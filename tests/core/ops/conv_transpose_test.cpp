// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct TransposedCase {
  const char* description;
  Shape x;
  Shape w;
  Shape y;
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  std::vector<int64_t> pads =
      {};  // all begins, then all ends; where they are implied, their values
  std::vector<int64_t> output_padding = {};
  std::vector<int64_t> output_shape = {};
  const char* auto_pad = nullptr;
  int64_t group = 1;
  bool has_bias = true;
  DType dtype = DType::kFloat32;
};

// One output element, found from the inputs that reach it: those where (position + pad - tap *
// dilation) is a multiple of the stride.
double transposed_element(const TransposedCase& c, const TestTensor& x, const TestTensor& w,
                          const TestTensor& b, std::span<const int64_t> y_index) {
  const int64_t m = y_index[1];
  const int64_t channels = c.x[1] / c.group;
  double sum = c.has_bias ? b.values[static_cast<size_t>(m)] : 0;
  Shape taps = c.w;
  taps[0] = channels;
  taps[1] = 1;
  generate(taps, [&](std::span<const int64_t> tap) {
    const int64_t channel = m / c.w[1] * channels + tap[0];
    std::vector<int64_t> x_index = {y_index[0], channel};
    std::vector<int64_t> w_index(tap.begin(), tap.end());
    w_index[0] = channel;
    w_index[1] = m % c.w[1];
    for (size_t i = 2; i < c.x.rank(); ++i) {
      const int64_t stride = c.strides.empty() ? 1 : c.strides[i - 2];
      const int64_t dilation = c.dilations.empty() ? 1 : c.dilations[i - 2];
      const int64_t pad = c.pads.empty() ? 0 : c.pads[i - 2];
      const int64_t reached = y_index[i] + pad - tap[i] * dilation;
      x_index.push_back(reached % stride == 0 ? reached / stride : -1);
    }
    const auto position = flat_index(c.x, x_index);
    if (position) sum += x.values[*position] * element_at(w, w_index);
    return 0;
  });
  return sum;
}

OpCase to_op_case(const TransposedCase& c) {
  const TestTensor x = random_tensor(c.x, 1, -1, 1, c.dtype);
  const TestTensor w = random_tensor(c.w, 2, -1, 1, c.dtype);
  const TestTensor b = random_tensor({c.y[1]}, 3, -1, 1, c.dtype);
  OpCase op_case{c.description, {"ConvTranspose", 11, {}, {fed(x), constant(w)}}, {}};
  OpNode& node = op_case.node;
  if (c.has_bias) node.inputs.push_back(constant(b));
  if (!c.strides.empty()) node.attributes.push_back({"strides", c.strides});
  if (!c.dilations.empty()) node.attributes.push_back({"dilations", c.dilations});
  if (!c.output_padding.empty()) node.attributes.push_back({"output_padding", c.output_padding});
  if (!c.output_shape.empty()) node.attributes.push_back({"output_shape", c.output_shape});
  if (c.auto_pad != nullptr) {
    node.attributes.push_back({"auto_pad", c.auto_pad});
  } else if (!c.pads.empty() && c.output_shape.empty()) {
    node.attributes.push_back({"pads", c.pads});
  }
  if (c.group != 1) node.attributes.push_back({"group", c.group});
  op_case.outputs.push_back(generate(
      c.y, [&](std::span<const int64_t> index) { return transposed_element(c, x, w, b, index); }));
  op_case.outputs[0].dtype = c.dtype;
  op_case.accumulation_length = c.w.num_elements() / static_cast<size_t>(c.w[1]) + 1;
  return op_case;
}

const TransposedCase kCases[] = {
    {.description = "3x3", .x = {1, 2, 4, 5}, .w = {2, 3, 3, 3}, .y = {1, 3, 6, 7}},
    {.description = "stride 2, batch 2, without a bias",
     .x = {2, 3, 4, 3},
     .w = {3, 2, 2, 2},
     .y = {2, 2, 8, 6},
     .strides = {2, 2},
     .has_bias = false},
    {.description = "asymmetric pads, strides and dilations",
     .x = {1, 2, 5, 4},
     .w = {2, 3, 3, 2},
     .y = {1, 3, 11, 9},
     .strides = {2, 3},
     .dilations = {2, 1},
     .pads = {1, 0, 1, 2}},
    {.description = "output padding",
     .x = {1, 1, 3, 3},
     .w = {1, 2, 3, 3},
     .y = {1, 2, 10, 8},
     .strides = {3, 2},
     .output_padding = {1, 1}},
    {.description = "an output shape",
     .x = {1, 1, 3, 3},
     .w = {1, 2, 3, 3},
     .y = {1, 2, 8, 6},
     .strides = {3, 2},
     .pads = {1, 1, 0, 0},
     .output_shape = {8, 6}},
    {.description = "an output shape larger than what is reached",
     .x = {1, 1, 3, 3},
     .w = {1, 2, 3, 3},
     .y = {1, 2, 10, 8},
     .strides = {3, 2},
     .output_shape = {10, 8}},
    {.description = "SAME_UPPER",
     .x = {1, 2, 4, 5},
     .w = {2, 1, 3, 4},
     .y = {1, 1, 8, 10},
     .strides = {2, 2},
     .pads = {0, 1, 1, 1},
     .auto_pad = "SAME_UPPER"},
    {.description = "SAME_LOWER",
     .x = {1, 2, 4, 5},
     .w = {2, 1, 3, 4},
     .y = {1, 1, 8, 10},
     .strides = {2, 2},
     .pads = {1, 1, 0, 1},
     .auto_pad = "SAME_LOWER"},
    {.description = "VALID",
     .x = {1, 2, 4, 5},
     .w = {2, 1, 3, 4},
     .y = {1, 1, 9, 12},
     .strides = {2, 2},
     .auto_pad = "VALID"},
    {.description = "2 groups",
     .x = {2, 4, 3, 4},
     .w = {4, 3, 2, 2},
     .y = {2, 6, 4, 5},
     .group = 2},
    {.description = "depthwise",
     .x = {1, 3, 4, 4},
     .w = {3, 1, 3, 3},
     .y = {1, 3, 7, 7},
     .strides = {2, 2},
     .pads = {1, 1, 1, 1},
     .group = 3},
    {.description = "1-D",
     .x = {2, 2, 5},
     .w = {2, 3, 4},
     .y = {2, 3, 11},
     .strides = {2},
     .pads = {1, 0}},
    {.description = "no batch", .x = {0, 2, 4, 5}, .w = {2, 3, 3, 3}, .y = {0, 3, 6, 7}},
    {.description = "f64",
     .x = {1, 2, 4, 5},
     .w = {2, 3, 3, 3},
     .y = {1, 3, 6, 7},
     .dtype = DType::kFloat64},
};

OpNode transposed_node(Shape x, Shape w, std::vector<TestAttribute> attributes = {}) {
  return {"ConvTranspose",
          11,
          std::move(attributes),
          {fed(random_tensor(x, 1)), constant(random_tensor(w, 2))}};
}

}  // namespace

TEST_CASE("ConvTranspose spreads each input over the outputs under its kernel") {
  std::vector<OpCase> cases;
  for (const TransposedCase& c : kCases) cases.push_back(to_op_case(c));
  run_op_cases(cases);
}

TEST_CASE("ConvTranspose refuses what does not fit") {
  const OpErrorCase cases[] = {
      {"channels",
       transposed_node({1, 3, 4, 4}, {2, 3, 3, 3}),
       ErrorCode::kShapeMismatch,
       {"[2,3,3,3]", "[1,3,4,4]"}},
      {"groups",
       transposed_node({1, 3, 4, 4}, {3, 1, 3, 3}, {{"group", 2}}),
       ErrorCode::kInvalidModel,
       {"\"group\" is 2", "3 input channels"}},
      {"pads that leave nothing",
       transposed_node({1, 3, 2, 2}, {3, 1, 2, 2}, {{"pads", {2, 2, 2, 2}}}),
       ErrorCode::kShapeMismatch,
       {"pads of 2 and 2", "output of 3"}},
      {"too many output paddings",
       transposed_node({1, 3, 2, 2}, {3, 1, 2, 2}, {{"output_padding", {1, 1, 1}}}),
       ErrorCode::kInvalidModel,
       {"\"output_padding\" has 3 entries", "wanted 2"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
