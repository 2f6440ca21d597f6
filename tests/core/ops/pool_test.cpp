// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

struct PoolCase {
  const char* description;
  Shape x;
  Shape y;
  std::vector<int64_t> kernel;
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  std::vector<int64_t> pads = {};  // all begins, then all ends; with auto_pad, what it comes to
  const char* auto_pad = nullptr;
  int64_t ceil_mode = 0;
  int64_t opset = 19;
  DType dtype = DType::kFloat32;
};

// What one window sees: the input's elements under it, where they lie, and how many of its taps lie
// inside the padded input.
struct Seen {
  std::vector<double> values;
  std::vector<size_t> positions;
  size_t num_padded_taps = 0;
};

Seen look(const PoolCase& c, const TestTensor& x, std::span<const int64_t> y_index) {
  Seen seen;
  Shape taps;
  for (const int64_t size : c.kernel) taps.push_back(size);
  generate(taps, [&](std::span<const int64_t> tap) {
    std::vector<int64_t> x_index = {y_index[0], y_index[1]};
    bool is_in_padded = true;
    for (size_t i = 0; i < c.kernel.size(); ++i) {
      const int64_t stride = c.strides.empty() ? 1 : c.strides[i];
      const int64_t dilation = c.dilations.empty() ? 1 : c.dilations[i];
      const int64_t begin = c.pads.empty() ? 0 : c.pads[i];
      const int64_t end = c.pads.empty() ? 0 : c.pads[c.kernel.size() + i];
      x_index.push_back(y_index[2 + i] * stride + tap[i] * dilation - begin);
      is_in_padded = is_in_padded && x_index.back() < c.x[2 + i] + end;
    }
    if (is_in_padded) ++seen.num_padded_taps;
    if (const auto position = flat_index(c.x, x_index)) {
      seen.values.push_back(x.values[*position]);
      seen.positions.push_back(*position);
    }
    return 0;
  });
  return seen;
}

OpCase to_op_case(const PoolCase& c, const char* op_type, const TestTensor& x) {
  OpCase op_case{c.description, {op_type, c.opset, {{"kernel_shape", c.kernel}}, {fed(x)}}, {}};
  std::vector<TestAttribute>& attributes = op_case.node.attributes;
  if (!c.strides.empty()) attributes.push_back({"strides", c.strides});
  if (!c.dilations.empty()) attributes.push_back({"dilations", c.dilations});
  if (c.ceil_mode != 0) attributes.push_back({"ceil_mode", c.ceil_mode});
  if (c.auto_pad != nullptr) {
    attributes.push_back({"auto_pad", c.auto_pad});
  } else if (!c.pads.empty()) {
    attributes.push_back({"pads", c.pads});
  }
  return op_case;
}

OpCase max_case(const PoolCase& c) {
  const TestTensor x = c.dtype == DType::kInt8 || c.dtype == DType::kUInt8
                           ? random_tensor(c.x, 1, c.dtype == DType::kInt8 ? -128 : 0, 100, c.dtype)
                           : random_tensor(c.x, 1, -1, 1, c.dtype);
  OpCase op_case = to_op_case(c, "MaxPool", x);
  op_case.outputs.push_back(generate(c.y, [&](std::span<const int64_t> index) {
    const Seen seen = look(c, x, index);
    return *std::max_element(seen.values.begin(), seen.values.end());
  }));
  op_case.outputs[0].dtype = c.dtype;
  return op_case;
}

OpCase average_case(const PoolCase& c, bool count_include_pad) {
  const TestTensor x = random_tensor(c.x, 1, -1, 1, c.dtype);
  OpCase op_case = to_op_case(c, "AveragePool", x);
  if (count_include_pad) {
    op_case.description += ", counting the padding";
    op_case.node.attributes.push_back({"count_include_pad", 1});
  }
  op_case.outputs.push_back(generate(c.y, [&](std::span<const int64_t> index) {
    const Seen seen = look(c, x, index);
    double sum = 0;
    for (const double value : seen.values) sum += value;
    const size_t count = count_include_pad ? seen.num_padded_taps : seen.values.size();
    return sum / static_cast<double>(count);
  }));
  op_case.outputs[0].dtype = c.dtype;
  size_t num_taps = 1;
  for (const int64_t size : c.kernel) num_taps *= static_cast<size_t>(size);
  op_case.accumulation_length = num_taps + 1;
  op_case.magnitude = 1;
  return op_case;
}

const PoolCase kCases[] = {
    {.description = "2x2, stride 2",
     .x = {1, 3, 8, 6},
     .y = {1, 3, 4, 3},
     .kernel = {2, 2},
     .strides = {2, 2},
     .opset = 7},
    {.description = "3x3, stride 1, padded, batch 3",
     .x = {3, 2, 5, 7},
     .y = {3, 2, 5, 7},
     .kernel = {3, 3},
     .pads = {1, 1, 1, 1}},
    {.description = "asymmetric pads and strides",
     .x = {1, 2, 9, 8},
     .y = {1, 2, 5, 4},
     .kernel = {3, 4},
     .strides = {2, 2},
     .pads = {0, 2, 2, 0}},
    {.description = "a stride larger than the kernel",
     .x = {1, 2, 11, 9},
     .y = {1, 2, 3, 3},
     .kernel = {2, 1},
     .strides = {4, 4}},
    {.description = "a window that hangs over (ceil_mode)",
     .x = {2, 2, 6, 7},
     .y = {2, 2, 3, 3},
     .kernel = {3, 3},
     .strides = {2, 3},
     .ceil_mode = 1},
    {.description = "a last window that begins in the padding is dropped (ceil_mode)",
     .x = {1, 1, 4, 4},
     .y = {1, 1, 2, 2},
     .kernel = {2, 2},
     .strides = {3, 3},
     .pads = {1, 1, 1, 1},
     .ceil_mode = 1},
    {.description = "padding and hanging over (ceil_mode)",
     .x = {1, 2, 7, 8},
     .y = {1, 2, 4, 5},
     .kernel = {3, 3},
     .strides = {2, 2},
     .pads = {1, 1, 0, 1},
     .ceil_mode = 1},
    {.description = "dilations",
     .x = {1, 2, 9, 7},
     .y = {1, 2, 5, 6},
     .kernel = {3, 2},
     .dilations = {2, 3},
     .pads = {0, 1, 0, 1}},
    {.description = "dilations down, padding to all sides but one",
     .x = {2, 3, 13, 11},
     .y = {2, 3, 4, 12},
     .kernel = {3, 2},
     .strides = {3, 1},
     .dilations = {2, 1},
     .pads = {2, 1, 0, 1}},
    {.description = "SAME_UPPER",
     .x = {1, 2, 7, 8},
     .y = {1, 2, 4, 4},
     .kernel = {3, 3},
     .strides = {2, 2},
     .pads = {1, 0, 1, 1},
     .auto_pad = "SAME_UPPER"},
    {.description = "SAME_LOWER",
     .x = {1, 2, 7, 8},
     .y = {1, 2, 4, 4},
     .kernel = {3, 3},
     .strides = {2, 2},
     .pads = {1, 1, 1, 0},
     .auto_pad = "SAME_LOWER"},
    {.description = "VALID",
     .x = {1, 2, 8, 8},
     .y = {1, 2, 3, 3},
     .kernel = {3, 3},
     .strides = {2, 2},
     .auto_pad = "VALID"},
    {.description = "the whole plane", .x = {2, 3, 5, 7}, .y = {2, 3, 1, 1}, .kernel = {5, 7}},
    {.description = "1x1 on a 1x1 image", .x = {1, 4, 1, 1}, .y = {1, 4, 1, 1}, .kernel = {1, 1}},
    {.description = "1-D", .x = {2, 3, 11}, .y = {2, 3, 5}, .kernel = {3}, .strides = {2}},
    {.description = "3-D",
     .x = {1, 2, 4, 5, 6},
     .y = {1, 2, 3, 3, 3},
     .kernel = {2, 3, 2},
     .strides = {1, 2, 2},
     .pads = {0, 1, 0, 0, 1, 0}},
    {.description = "no batch",
     .x = {0, 3, 8, 6},
     .y = {0, 3, 4, 3},
     .kernel = {2, 2},
     .strides = {2, 2}},
    {.description = "f64",
     .x = {1, 2, 6, 7},
     .y = {1, 2, 3, 3},
     .kernel = {3, 3},
     .strides = {2, 3},
     .ceil_mode = 1,
     .dtype = DType::kFloat64},
};

OpNode pool_node(const char* op_type, Shape x, std::vector<TestAttribute> attributes) {
  return {op_type, 12, std::move(attributes), {fed(random_tensor(x, 1))}};
}

}  // namespace

TEST_CASE("MaxPool gives the largest element under its window") {
  std::vector<OpCase> cases;
  for (const PoolCase& c : kCases) cases.push_back(max_case(c));
  for (const DType dtype : {DType::kInt8, DType::kUInt8}) {
    cases.push_back(max_case({.description = dtype == DType::kInt8 ? "int8" : "uint8",
                              .x = {1, 2, 6, 7},
                              .y = {1, 2, 3, 4},
                              .kernel = {2, 3},
                              .strides = {2, 2},
                              .pads = {0, 1, 0, 1},
                              .dtype = dtype}));
  }
  run_op_cases(cases);
}

TEST_CASE("MaxPool says where the first of the largest elements lies") {
  std::vector<OpCase> cases;
  for (const PoolCase& c : kCases) {
    OpCase op_case = max_case(c);
    // Few different values, so that many windows have more than one largest element.
    TestTensor& x = op_case.node.inputs[0].tensor;
    for (size_t i = 0; i < x.values.size(); ++i) x.values[i] = static_cast<double>(i * 7 % 3);
    op_case.outputs = {generate(c.y, [](auto) { return 0; }),
                       generate(c.y, [](auto) { return 0; })};
    op_case.outputs[0].dtype = c.dtype;
    op_case.outputs[1].dtype = DType::kInt64;
    op_case.node.opset = 12;
    size_t next = 0;
    generate(c.y, [&](std::span<const int64_t> index) {
      const Seen seen = look(c, x, index);
      const auto largest = std::max_element(seen.values.begin(), seen.values.end());
      op_case.outputs[0].values[next] = *largest;
      op_case.outputs[1].values[next++] =
          static_cast<double>(seen.positions[static_cast<size_t>(largest - seen.values.begin())]);
      return 0;
    });
    op_case.description += ", with Indices";
    cases.push_back(std::move(op_case));
  }
  run_op_cases(cases);
}

TEST_CASE("AveragePool gives the mean of the elements under its window") {
  std::vector<OpCase> cases;
  for (const PoolCase& c : kCases) {
    cases.push_back(average_case(c, false));
    cases.push_back(average_case(c, true));
  }
  run_op_cases(cases);
}

TEST_CASE("pools refuse what they cannot do") {
  const OpErrorCase cases[] = {
      {"no kernel_shape",
       pool_node("MaxPool", {1, 1, 4, 4}, {}),
       ErrorCode::kInvalidModel,
       {"\"kernel_shape\" is missing"}},
      {"ranks",
       pool_node("AveragePool", {1, 1, 4}, {{"kernel_shape", {2, 2}}}),
       ErrorCode::kShapeMismatch,
       {"[1,1,4]", "2 spatial dimensions"}},
      {"a window that does not fit",
       pool_node("AveragePool", {1, 1, 4, 4}, {{"kernel_shape", {2, 5}}}),
       ErrorCode::kShapeMismatch,
       {"a window of 5", "input of 4"}},
      {"padding as large as the window",
       pool_node("MaxPool", {1, 1, 4, 4}, {{"kernel_shape", {2, 2}}, {"pads", {2, 0, 0, 0}}}),
       ErrorCode::kUnsupportedOp,
       {"pads of 2 and 0", "window of 2"}},
      {"a kernel beyond all bounds",
       pool_node("MaxPool", {1, 1, 4, 4, 4},
                 {{"kernel_shape", {1 << 30, 1 << 30, 1 << 30}},
                  {"pads", {(1 << 30) - 1, (1 << 30) - 1, (1 << 30) - 1, 0, 0, 0}}}),
       ErrorCode::kShapeMismatch,
       {"too large"}},
      {"column-major indices",
       pool_node("MaxPool", {1, 1, 4, 4}, {{"kernel_shape", {2, 2}}, {"storage_order", 1}}),
       ErrorCode::kUnsupportedOp,
       {"\"storage_order\" is 1"}},
      {"integers",
       {"AveragePool",
        12,
        {{"kernel_shape", {2, 2}}},
        {fed({{1, 1, 2, 2}, {1, 2, 3, 4}, DType::kInt8})}},
       ErrorCode::kUnsupportedType,
       {"int8", "float32"}},
  };
  run_op_error_cases(cases);
}

TEST_CASE("MaxPool gives infinity where its window lies in the padding alone") {
  const double infinity = std::numeric_limits<double>::infinity();
  const OpCase cases[] = {
      {"a window in the padding alone",
       pool_node("MaxPool", {1, 1, 1},
                 {{"kernel_shape", {2}}, {"dilations", {2}}, {"pads", {1, 1}}}),
       {{{1, 1, 1}, {-infinity}}}},
  };
  run_op_cases(cases);
}

}  // namespace synsight::test
