// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

using Index = std::span<const int64_t>;

/// The index that stands at `index` of a padded axis, or -1 for the fill value: walking from there
/// back into the axis, one step of the mode at a time.
int64_t source(std::string_view mode, int64_t index, int64_t dim) {
  while (index < 0 || index >= dim) {
    if (mode == "constant") return -1;
    if (mode == "edge") index = index < 0 ? 0 : dim - 1;
    if (mode == "wrap") index += index < 0 ? dim : -dim;
    if (mode == "reflect") index = index < 0 ? -index : 2 * (dim - 1) - index;
  }
  return index;
}

TestTensor padded(const TestTensor& x, const std::vector<int64_t>& pads, std::string_view mode,
                  double fill) {
  const size_t rank = x.shape.rank();
  Shape shape = x.shape;
  for (size_t axis = 0; axis < rank; ++axis) shape[axis] += pads[axis] + pads[axis + rank];
  TestTensor y = generate(shape, [&](Index index) {
    std::vector<int64_t> from;
    for (size_t axis = 0; axis < rank; ++axis) {
      from.push_back(source(mode, index[axis] - pads[axis], x.shape[axis]));
    }
    const auto position = flat_index(x.shape, from);
    return position ? x.values[*position] : fill;
  });
  y.dtype = x.dtype;
  return y;
}

struct PadCase {
  Shape shape;
  std::vector<int64_t> pads;
  const char* mode = "constant";
  int64_t opset = 13;
  double fill = 0;
  DType dtype = DType::kFloat32;
};

const PadCase kCases[] = {
    {{1, 2, 3, 4}, {0, 0, 1, 1, 0, 0, 1, 1}},
    {{1, 2, 3, 4}, {0, 0, 0, 0, 0, 0, 1, 1}},
    {{1, 2, 3, 4}, {0, 0, 2, 0, 0, 0, 1, 3}, "constant", 7},
    {{1, 2, 3, 4}, {0, 3, 0, 0, 0, 1, 0, 0}, "constant", 13, -1.5},
    {{2, 3}, {0, 0, 0, 0}},
    {{2, 3}, {1, -1, 0, 1}, "constant", 11, 2},
    {{2, 3}, {0, -3, 2, 3}, "constant", 13, 4},
    {{}, {}},
    {{0, 2}, {1, 0, 1, 1}, "constant", 13, 3},
    {{1, 2, 1, 2, 1, 2, 1, 2}, {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1}},
    {{2, 3}, {1, 1, 1, 1}, "constant", 13, 7, DType::kInt64},
    {{2, 3}, {1, 1, 1, 1}, "constant", 13, 1, DType::kBool},
    {{2, 3}, {1, 1, 1, 1}, "constant", 13, 0.5, DType::kFloat16},
    {{3, 4}, {2, 3, 1, 2}, "reflect"},
    {{3, 4}, {0, 1, 0, 0}, "reflect", 7},
    {{2, 3}, {5, 0, 0, 7}, "reflect"},
    {{3, 4}, {2, 3, 1, 2}, "edge"},
    {{1, 2, 3, 3}, {0, 0, 1, 1, 0, 0, 1, 1}, "edge", 9},
    {{3, 4}, {2, 3, 1, 9}, "wrap", 19},
    {{3, 4}, {-1, 2, 1, -2}, "edge"},
    {{2, 3}, {1, 2, 2, 1}, "reflect", 13, 0, DType::kUInt8},
};

OpCase to_op_case(const PadCase& c) {
  const TestTensor x = c.dtype == DType::kBool ? random_tensor(c.shape, 1, 0, 2, c.dtype)
                                               : counting_tensor(c.shape, 1, 1, c.dtype);
  OpCase op_case{std::string(c.mode) + " " + c.shape.to_string(),
                 {"Pad", c.opset, {{"mode", c.mode}}, {fed(x)}},
                 {padded(x, c.pads, c.mode, c.fill)}};
  if (c.opset < 11) {
    op_case.node.attributes.push_back({"pads", c.pads});
    if (c.fill != 0) op_case.node.attributes.push_back({"value", c.fill});
  } else {
    op_case.node.inputs.push_back(constant(integers(c.pads)));
    if (c.fill != 0) op_case.node.inputs.push_back(constant({{}, {c.fill}, c.dtype}));
  }
  return op_case;
}

}  // namespace

TEST_CASE("Pad fills, reflects, repeats the edge or wraps, and crops where negative") {
  std::vector<OpCase> cases;
  for (const PadCase& c : kCases) cases.push_back(to_op_case(c));
  run_op_cases(cases);
}

TEST_CASE("Pad pads the axes that it names and takes a fed fill value") {
  const TestTensor x = counting_tensor({2, 3, 4});
  const TestTensor fill{{}, {9}};
  run_op_cases(std::vector<OpCase>{
      {"axes",
       {"Pad",
        18,
        {},
        {fed(x), constant(integers({1, 0, 2, 3})), absent(), constant(integers({-1, 0}))}},
       {padded(x, {0, 0, 1, 3, 0, 2}, "constant", 0)}},
      {"a fed value",
       {"Pad", 13, {}, {fed(x), constant(integers({0, 1, 0, 0, 0, 1})), fed(fill)}},
       {padded(x, {0, 1, 0, 0, 0, 1}, "constant", 9)}},
      {"a value in opset 9",
       {"Pad", 9, {{"pads", {0, 1, 0, 0, 0, 1}}, {"value", 2.5}}, {fed(x)}},
       {padded(x, {0, 1, 0, 0, 0, 1}, "constant", 2.5)}},
  });
}

TEST_CASE("Pad refuses what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto pad = [&](const std::vector<int64_t>& pads,
                       std::vector<TestAttribute> attributes = {}) {
    return OpNode{"Pad", 13, std::move(attributes), {fed(x), constant(integers(pads))}};
  };
  OpNode integer_fill = pad({0, 0, 0, 0});
  integer_fill.inputs.push_back(constant({{}, {1}, DType::kInt64}));
  OpNode empty = pad({1, 0, 0, 0}, {{"mode", "edge"}});
  empty.inputs[0] = fed({{0, 3}, {}});
  run_op_error_cases(std::vector<OpErrorCase>{
      {"too few pads", pad({1, 1}), ErrorCode::kInvalidModel, {"2 pads", "2 axes"}},
      {"another mode",
       pad({0, 0, 0, 0}, {{"mode", "mirror"}}),
       ErrorCode::kUnsupportedOp,
       {"mirror", "reflect"}},
      {"below nothing", pad({0, -2, 0, -2}), ErrorCode::kShapeMismatch, {"axis of 3", "-2"}},
      {"more than there is", pad({0, -4, 0, 5}), ErrorCode::kShapeMismatch, {"axis of 3", "-4"}},
      {"absurd", pad({0, int64_t{1} << 40, 0, 0}), ErrorCode::kShapeMismatch, {"1099511627779"}},
      {"overflowing",
       pad({0, std::numeric_limits<int64_t>::max(), 0, 1}),
       ErrorCode::kShapeMismatch,
       {"axis of 3"}},
      {"a fill value of another type",
       integer_fill,
       ErrorCode::kInvalidModel,
       {"int64", "float32"}},
      {"nothing to repeat", empty, ErrorCode::kShapeMismatch, {"axis of 0"}},
      {"pads not constant",
       {"Pad", 13, {}, {fed(x), fed(integers({0, 0, 0, 0}))}},
       ErrorCode::kShapeMismatch,
       {"constant pads"}},
      {"integers in an old opset",
       {"Pad", 10, {{"pads", {0, 0}}}, {fed({{1}, {1}, DType::kInt64})}},
       ErrorCode::kUnsupportedType,
       {"int64"}},
  });
}

}  // namespace synsight::test
