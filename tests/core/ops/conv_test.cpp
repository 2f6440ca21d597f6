// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/conv_oracle.h"
#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct ConvCase {
  const char* description;
  Shape x;
  Shape w;
  Shape y;
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  std::vector<int64_t> pads = {};  // all begins, then all ends; with auto_pad, what it comes to
  const char* auto_pad = nullptr;
  int64_t group = 1;
  int64_t opset = 11;
  bool has_bias = true;
  bool is_weight_fed = false;
  DType dtype = DType::kFloat32;
};

OpCase to_op_case(const ConvCase& c) {
  const TestTensor x = random_tensor(c.x, 1, -1, 1, c.dtype);
  const TestTensor w = random_tensor(c.w, 2, -1, 1, c.dtype);
  const TestTensor b = random_tensor({c.w[0]}, 3, -1, 1, c.dtype);
  OpCase op_case{c.description, {"Conv", c.opset, {}, {fed(x), constant(w)}}, {}};
  OpNode& node = op_case.node;
  if (c.is_weight_fed) node.inputs[1] = fed(w);
  if (c.has_bias) node.inputs.push_back(constant(b));
  if (!c.strides.empty()) node.attributes.push_back({"strides", c.strides});
  if (!c.dilations.empty()) node.attributes.push_back({"dilations", c.dilations});
  if (c.auto_pad != nullptr) {
    node.attributes.push_back({"auto_pad", c.auto_pad});
  } else if (!c.pads.empty()) {
    node.attributes.push_back({"pads", c.pads});
  }
  if (c.group != 1) node.attributes.push_back({"group", c.group});
  op_case.outputs.push_back(generate(c.y, [&](std::span<const int64_t> index) {
    const double sum = conv_sum(x, w, {c.strides, c.dilations, c.pads, c.group}, index);
    return c.has_bias ? sum + b.values[static_cast<size_t>(index[1])] : sum;
  }));
  op_case.outputs[0].dtype = c.dtype;
  op_case.accumulation_length = c.w.num_elements() / static_cast<size_t>(c.w[0]) + 1;
  return op_case;
}

const ConvCase kCases[] = {
    {.description = "3x3", .x = {1, 3, 8, 7}, .w = {4, 3, 3, 3}, .y = {1, 4, 6, 5}},
    {.description = "without a bias, batch 3",
     .x = {3, 2, 5, 5},
     .w = {3, 2, 3, 3},
     .y = {3, 3, 5, 5},
     .pads = {1, 1, 1, 1},
     .opset = 7,
     .has_bias = false},
    {.description = "asymmetric pads and strides",
     .x = {2, 3, 9, 11},
     .w = {5, 3, 3, 5},
     .y = {2, 5, 5, 4},
     .strides = {2, 3},
     .pads = {0, 2, 2, 1}},
    {.description = "pads larger than the kernel",
     .x = {1, 1, 2, 2},
     .w = {1, 1, 2, 2},
     .y = {1, 1, 7, 6},
     .pads = {3, 2, 3, 3}},
    {.description = "a stride larger than the kernel",
     .x = {1, 2, 10, 10},
     .w = {3, 2, 2, 1},
     .y = {1, 3, 3, 4},
     .strides = {4, 3}},
    {.description = "dilations",
     .x = {1, 2, 9, 10},
     .w = {2, 2, 3, 2},
     .y = {1, 2, 5, 9},
     .dilations = {2, 3},
     .pads = {0, 1, 0, 1}},
    {.description = "one output from one whole window",
     .x = {1, 3, 4, 6},
     .w = {2, 3, 4, 6},
     .y = {1, 2, 1, 1}},
    {.description = "1x1 kernel on a 1x1 image",
     .x = {2, 5, 1, 1},
     .w = {7, 5, 1, 1},
     .y = {2, 7, 1, 1}},
    {.description = "1x1 kernel, stride 2",
     .x = {1, 4, 7, 6},
     .w = {6, 4, 1, 1},
     .y = {1, 6, 4, 3},
     .strides = {2, 2},
     .opset = 22},
    {.description = "2 groups",
     .x = {2, 4, 6, 5},
     .w = {6, 2, 3, 3},
     .y = {2, 6, 4, 3},
     .group = 2},
    {.description = "depthwise",
     .x = {1, 5, 7, 7},
     .w = {5, 1, 3, 3},
     .y = {1, 5, 4, 4},
     .strides = {2, 2},
     .pads = {1, 1, 1, 1},
     .group = 5},
    {.description = "depthwise, multiplier 2, dilated",
     .x = {2, 3, 9, 8},
     .w = {6, 1, 3, 3},
     .y = {2, 6, 5, 4},
     .dilations = {2, 2},
     .group = 3},
    {.description = "SAME_UPPER, an odd rest",
     .x = {1, 2, 8, 9},
     .w = {3, 2, 3, 4},
     .y = {1, 3, 4, 5},
     .strides = {2, 2},
     .pads = {0, 1, 1, 2},
     .auto_pad = "SAME_UPPER"},
    {.description = "SAME_LOWER, an odd rest",
     .x = {1, 2, 8, 9},
     .w = {3, 2, 3, 4},
     .y = {1, 3, 4, 5},
     .strides = {2, 2},
     .pads = {1, 2, 0, 1},
     .auto_pad = "SAME_LOWER"},
    {.description = "SAME_UPPER, a stride larger than the kernel",
     .x = {1, 2, 7, 7},
     .w = {2, 2, 1, 1},
     .y = {1, 2, 4, 4},
     .strides = {2, 2},
     .pads = {0, 0, 0, 0},
     .auto_pad = "SAME_UPPER"},
    {.description = "VALID",
     .x = {1, 2, 8, 9},
     .w = {3, 2, 3, 4},
     .y = {1, 3, 3, 3},
     .strides = {2, 2},
     .auto_pad = "VALID"},
    {.description = "1-D",
     .x = {2, 3, 10},
     .w = {4, 3, 3},
     .y = {2, 4, 5},
     .strides = {2},
     .pads = {1, 0}},
    {.description = "3-D",
     .x = {1, 2, 4, 5, 3},
     .w = {3, 2, 2, 3, 2},
     .y = {1, 3, 4, 2, 4},
     .strides = {1, 2, 1},
     .pads = {1, 0, 1, 0, 0, 1}},
    {.description = "many channels, odd sizes",
     .x = {2, 35, 13, 11},
     .w = {37, 35, 3, 3},
     .y = {2, 37, 7, 6},
     .strides = {2, 2},
     .pads = {1, 1, 1, 1}},
    {.description = "many channels, 3x3, stride 1",
     .x = {2, 32, 21, 18},
     .w = {48, 32, 3, 3},
     .y = {2, 48, 21, 18},
     .pads = {1, 1, 1, 1}},
    {.description = "many channels, 3x3, stride 1, asymmetric pads",
     .x = {1, 16, 19, 20},
     .w = {32, 16, 3, 3},
     .y = {1, 32, 18, 21},
     .pads = {0, 2, 1, 1}},
    {.description = "many channels, 1x1",
     .x = {1, 67, 9, 7},
     .w = {33, 67, 1, 1},
     .y = {1, 33, 9, 7}},
    {.description = "no batch", .x = {0, 3, 8, 7}, .w = {4, 3, 3, 3}, .y = {0, 4, 6, 5}},
    {.description = "a weight that is fed",
     .x = {1, 2, 4, 4},
     .w = {2, 2, 3, 3},
     .y = {1, 2, 2, 2},
     .is_weight_fed = true},
    {.description = "f64",
     .x = {1, 3, 8, 7},
     .w = {4, 3, 3, 3},
     .y = {1, 4, 6, 5},
     .dtype = DType::kFloat64},
};

OpNode small_conv(Shape x, Shape w, std::vector<TestAttribute> attributes = {}) {
  return {
      "Conv", 11, std::move(attributes), {fed(random_tensor(x, 1)), constant(random_tensor(w, 2))}};
}

}  // namespace

TEST_CASE("Conv sums the weighted inputs under its kernel") {
  std::vector<OpCase> cases;
  for (const ConvCase& c : kCases) cases.push_back(to_op_case(c));
  run_op_cases(cases);
}

TEST_CASE("Conv refuses what does not fit") {
  OpNode long_bias = small_conv({1, 3, 4, 4}, {2, 3, 3, 3});
  long_bias.inputs.push_back(constant(random_tensor({3}, 3)));
  OpNode integer_input = small_conv({1, 3, 4, 4}, {2, 3, 3, 3});
  integer_input.inputs[0].tensor.dtype = DType::kInt32;
  OpNode mixed_types = small_conv({1, 3, 4, 4}, {2, 3, 3, 3});
  mixed_types.inputs[1].tensor.dtype = DType::kFloat64;
  const OpErrorCase cases[] = {
      {"channels",
       small_conv({1, 3, 4, 4}, {2, 4, 3, 3}),
       ErrorCode::kShapeMismatch,
       {"weight has 4 input channels", "input has 3 channels"}},
      {"channels of groups",
       small_conv({1, 6, 4, 4}, {4, 6, 3, 3}, {{"group", 2}}),
       ErrorCode::kShapeMismatch,
       {"6 input channels in each of 2 groups", "input has 6 channels"}},
      {"outputs of groups",
       small_conv({1, 4, 4, 4}, {3, 2, 3, 3}, {{"group", 2}}),
       ErrorCode::kInvalidModel,
       {"\"group\" is 2", "3 output channels"}},
      {"no group",
       small_conv({1, 4, 4, 4}, {3, 4, 3, 3}, {{"group", 0}}),
       ErrorCode::kInvalidModel,
       {"\"group\" is 0"}},
      {"ranks",
       small_conv({1, 3, 4}, {2, 3, 3, 3}),
       ErrorCode::kShapeMismatch,
       {"[1,3,4]", "2 spatial dimensions"}},
      {"no spatial dimension",
       small_conv({1, 3}, {2, 3}),
       ErrorCode::kShapeMismatch,
       {"[2,3]", "at least 3 dimensions"}},
      {"bias",
       std::move(long_bias),
       ErrorCode::kShapeMismatch,
       {"bias has shape [3]", "wanted [2]"}},
      {"kernel_shape",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"kernel_shape", {3, 2}}}),
       ErrorCode::kShapeMismatch,
       {"kernel_shape", "[2,3,3,3]"}},
      {"a window that does not fit",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"dilations", {1, 2}}}),
       ErrorCode::kShapeMismatch,
       {"a window of 5", "input of 4"}},
      {"too few strides",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"strides", {1}}}),
       ErrorCode::kInvalidModel,
       {"\"strides\" has 1 entries", "wanted 2"}},
      {"a stride of 0",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"strides", {1, 0}}}),
       ErrorCode::kInvalidModel,
       {"\"strides\" holds 0", "wanted 1 to 1073741824"}},
      {"a dilation beyond all bounds",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3},
                  {{"dilations", std::vector<int64_t>{1, int64_t{1} << 62}}}),
       ErrorCode::kInvalidModel,
       {"\"dilations\" holds 4611686018427387904"}},
      {"a negative pad",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"pads", {0, -1, 0, 0}}}),
       ErrorCode::kInvalidModel,
       {"\"pads\" holds -1", "wanted 0 to 1073741824"}},
      {"an unknown auto_pad",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"auto_pad", "SAME"}}),
       ErrorCode::kInvalidModel,
       {"\"SAME\"", "SAME_UPPER"}},
      {"an attribute of another kind",
       small_conv({1, 3, 4, 4}, {2, 3, 3, 3}, {{"group", 1.0}}),
       ErrorCode::kInvalidModel,
       {"\"group\" is not an integer"}},
      {"an empty kernel",
       small_conv({1, 3, 4, 4}, {2, 3, 0, 3}),
       ErrorCode::kInvalidModel,
       {"0 taps"}},
      {"an element type",
       std::move(integer_input),
       ErrorCode::kUnsupportedType,
       {"int32", "float32"}},
      {"two element types",
       std::move(mixed_types),
       ErrorCode::kInvalidModel,
       {"float64", "float32"}},
      {"an opset before 7",
       {"Conv", 6, {}, small_conv({1, 3, 4, 4}, {2, 3, 3, 3}).inputs},
       ErrorCode::kUnsupportedOp,
       {"Conv", "opset 6"}},
      {"a missing weight",
       {"Conv", 11, {}, {fed(random_tensor({1, 3, 4, 4}, 1)), absent()}},
       ErrorCode::kInvalidModel,
       {"input 1 is missing"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
