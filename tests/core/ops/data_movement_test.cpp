// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

using Index = std::span<const int64_t>;

CaseInput ints(const std::vector<int64_t>& values, DType dtype = DType::kInt64) {
  const std::vector<double> elements(values.begin(), values.end());
  return constant({{static_cast<int64_t>(elements.size())}, elements, dtype});
}

double at(const TestTensor& tensor, const std::vector<int64_t>& index) {
  return element_at(tensor, index);
}

TestTensor generate_as(DType dtype, const Shape& shape,
                       const std::function<double(Index)>& element) {
  TestTensor tensor = generate(shape, element);
  tensor.dtype = dtype;
  return tensor;
}

OpCase transpose_case(const Shape& shape, const std::vector<size_t>& perm,
                      DType dtype = DType::kFloat32) {
  const TestTensor x = counting_tensor(shape, 0, 1, dtype);
  Shape y_shape;
  for (const size_t axis : perm) y_shape.push_back(shape[axis]);
  TestTensor y = generate_as(dtype, y_shape, [&](Index index) {
    std::vector<int64_t> x_index(perm.size());
    for (size_t axis = 0; axis < perm.size(); ++axis) x_index[perm[axis]] = index[axis];
    return at(x, x_index);
  });
  const std::vector<int64_t> attribute(perm.begin(), perm.end());
  return {shape.to_string(), {"Transpose", 13, {{"perm", attribute}}, {fed(x)}}, {y}};
}

OpCase concat_case(const std::vector<Shape>& shapes, int64_t axis, size_t normalized,
                   DType dtype = DType::kFloat32) {
  OpCase op_case{"axis " + std::to_string(axis), {"Concat", 13, {{"axis", axis}}, {}}, {}};
  std::vector<TestTensor> inputs;
  Shape shape = shapes[0];
  shape[normalized] = 0;
  for (const Shape& input : shapes) {
    inputs.push_back(counting_tensor(input, 100.0 * static_cast<double>(inputs.size()), 1, dtype));
    op_case.node.inputs.push_back(fed(inputs.back()));
    shape[normalized] += input[normalized];
  }
  op_case.outputs.push_back(generate_as(dtype, shape, [&](Index index) {
    std::vector<int64_t> own(index.begin(), index.end());
    size_t input = 0;
    for (; own[normalized] >= inputs[input].shape[normalized]; ++input) {
      own[normalized] -= inputs[input].shape[normalized];
    }
    return at(inputs[input], own);
  }));
  return op_case;
}

/// Split of [3, 6, 2] along `axis` (normalized 1) into `sizes`.
OpCase split_case(std::string description, int64_t opset, std::vector<TestAttribute> attributes,
                  std::vector<CaseInput> more_inputs, const std::vector<int64_t>& sizes,
                  int64_t dim = 6) {
  const TestTensor x = counting_tensor({3, dim, 2});
  OpCase op_case{std::move(description), {"Split", opset, std::move(attributes), {fed(x)}}, {}};
  for (CaseInput& input : more_inputs) op_case.node.inputs.push_back(std::move(input));
  int64_t start = 0;
  for (const int64_t size : sizes) {
    op_case.outputs.push_back(generate(
        {3, size, 2}, [&](Index index) { return at(x, {index[0], index[1] + start, index[2]}); }));
    start += size;
  }
  return op_case;
}

OpCase expand_case(const Shape& from, const std::vector<int64_t>& asked, const Shape& to,
                   DType dtype = DType::kFloat32) {
  const TestTensor x = counting_tensor(from, 0, 1, dtype);
  TestTensor y = generate_as(dtype, to, [&](Index index) {
    std::vector<int64_t> own(index.end() - static_cast<std::ptrdiff_t>(from.rank()), index.end());
    for (size_t axis = 0; axis < own.size(); ++axis) own[axis] %= from[axis];
    return at(x, own);
  });
  return {
      from.to_string() + " to " + to.to_string(), {"Expand", 13, {}, {fed(x), ints(asked)}}, {y}};
}

OpCase tile_case(const Shape& shape, const std::vector<int64_t>& repeats,
                 DType dtype = DType::kFloat32) {
  const TestTensor x = counting_tensor(shape, 0, 1, dtype);
  Shape tiled = shape;
  for (size_t axis = 0; axis < shape.rank(); ++axis) tiled[axis] *= repeats[axis];
  TestTensor y = generate_as(dtype, tiled, [&](Index index) {
    std::vector<int64_t> own(index.begin(), index.end());
    for (size_t axis = 0; axis < own.size(); ++axis) own[axis] %= shape[axis];
    return at(x, own);
  });
  return {shape.to_string(), {"Tile", 13, {}, {fed(x), ints(repeats)}}, {y}};
}

/// Y[n, c, h, w] of DepthToSpace by ONNX's definition.
OpCase depth_to_space_case(const Shape& shape, int64_t block, bool is_crd) {
  const TestTensor x = counting_tensor(shape);
  const int64_t channels = shape[1] / (block * block);
  const Shape y_shape{shape[0], channels, shape[2] * block, shape[3] * block};
  TestTensor y = generate(y_shape, [&](Index i) {
    const int64_t in_block = i[2] % block * block + i[3] % block;
    const int64_t depth = is_crd ? i[1] * block * block + in_block : in_block * channels + i[1];
    return at(x, {i[0], depth, i[2] / block, i[3] / block});
  });
  return {is_crd ? "CRD" : "DCR",
          {"DepthToSpace", 13, {{"blocksize", block}, {"mode", is_crd ? "CRD" : "DCR"}}, {fed(x)}},
          {y}};
}

OpCase space_to_depth_case(const Shape& shape, int64_t block, bool is_crd) {
  const TestTensor x = counting_tensor(shape);
  const int64_t channels = shape[1];
  const Shape y_shape{shape[0], channels * block * block, shape[2] / block, shape[3] / block};
  TestTensor y = generate(y_shape, [&](Index i) {
    const int64_t in_block = is_crd ? i[1] % (block * block) : i[1] / channels;
    const int64_t channel = is_crd ? i[1] / (block * block) : i[1] % channels;
    return at(x, {i[0], channel, i[2] * block + in_block / block, i[3] * block + in_block % block});
  });
  return {is_crd ? "CRD" : "DCR",
          {"SpaceToDepth", 28, {{"blocksize", block}, {"mode", is_crd ? "CRD" : "DCR"}}, {fed(x)}},
          {y}};
}

}  // namespace

TEST_CASE("Transpose moves every element to its permuted index") {
  const TestTensor x = counting_tensor({2, 3});
  run_op_cases(std::vector<OpCase>{
      transpose_case({2, 3, 4, 5}, {0, 2, 3, 1}),
      transpose_case({2, 3, 4, 5}, {0, 3, 1, 2}),
      transpose_case({2, 3, 4, 5}, {3, 2, 1, 0}),
      transpose_case({2, 3, 4}, {1, 0, 2}),
      transpose_case({3, 4}, {1, 0}),
      transpose_case({7}, {0}),
      transpose_case({}, {}),
      transpose_case({2, 1, 3, 1, 2, 2, 1, 3}, {7, 0, 3, 2, 6, 5, 1, 4}),
      transpose_case({2, 0, 3}, {2, 1, 0}),
      transpose_case({2, 3, 4}, {2, 0, 1}, DType::kInt64),
      transpose_case({2, 3, 4}, {2, 0, 1}, DType::kUInt8),
      transpose_case({2, 3, 4}, {2, 0, 1}, DType::kFloat16),
      {"reversed", {"Transpose", 7, {}, {fed(x)}}, {{{3, 2}, {0, 3, 1, 4, 2, 5}}}}});
}

TEST_CASE("Concat joins along any axis") {
  run_op_cases(std::vector<OpCase>{
      concat_case({{2, 3, 4}, {2, 1, 4}, {2, 5, 4}}, 1, 1), concat_case({{2, 3}, {4, 3}}, 0, 0),
      concat_case({{1, 4, 3, 3}, {1, 8, 3, 3}}, 1, 1),
      concat_case({{2, 4, 3, 3}, {2, 2, 3, 3}, {2, 4, 3, 3}}, 1, 1),
      concat_case({{2, 3}, {2, 1}}, -1, 1), concat_case({{5}}, 0, 0),
      concat_case({{2, 0}, {2, 3}, {2, 0}}, 1, 1), concat_case({{0, 2}, {0, 3}}, 1, 1),
      concat_case({{3}, {1}}, 0, 0, DType::kInt64), concat_case({{3}, {1}}, 0, 0, DType::kFloat16),
      concat_case({{1, 1, 2, 1, 1, 1, 2, 2}, {1, 1, 3, 1, 1, 1, 2, 2}}, 2, 2)});
}

TEST_CASE("Split cuts by an attribute, an input, or evenly") {
  const std::vector<TestAttribute> axis = {{"axis", 1}};
  run_op_cases(std::vector<OpCase>{
      split_case("evenly", 7, axis, {}, {2, 2, 2}),
      split_case("attribute", 11, {{"axis", -2}, {"split", {1, 0, 5}}}, {}, {1, 0, 5}),
      split_case("input", 13, axis, {ints({4, 2})}, {4, 2}),
      split_case("evenly, opset 13", 13, axis, {}, {3, 3}),
      split_case("one", 13, axis, {}, {6}),
      split_case("num_outputs", 18, {{"axis", 1}, {"num_outputs", 3}}, {}, {2, 2, 2}),
      split_case("a smaller last one", 18, {{"axis", 1}, {"num_outputs", 3}}, {}, {3, 3, 1}, 7),
      split_case("more outputs than elements", 18, {{"axis", 1}, {"num_outputs", 3}}, {}, {1, 1, 0},
                 2),
  });
}

TEST_CASE("Split leaves out an output that the node leaves out") {
  OpCase op_case = split_case("middle", 13, {{"axis", 1}}, {ints({1, 2, 3})}, {1, 2, 3});
  op_case.outputs[1] = {{}, {}, DType::kUndefined};
  run_op_cases(std::vector<OpCase>{op_case});
}

TEST_CASE("Expand and Tile repeat elements") {
  run_op_cases(std::vector<OpCase>{
      expand_case({3, 1}, {3, 4}, {3, 4}), expand_case({3, 1}, {2, 1, 6}, {2, 3, 6}),
      expand_case({3, 4}, {1}, {3, 4}), expand_case({3, 1, 2}, {1, 5, 1}, {3, 5, 2}),
      expand_case({}, {2, 2}, {2, 2}), expand_case({1}, {0}, {0}),
      expand_case({2, 1}, {1, 3}, {2, 3}, DType::kInt64), tile_case({2, 3}, {2, 2}),
      tile_case({2, 3, 2}, {1, 4, 1}), tile_case({3}, {1}), tile_case({}, {}),
      tile_case({2, 2}, {0, 3}), tile_case({1, 2, 1, 2, 1, 2, 1, 2}, {2, 1, 2, 1, 2, 1, 2, 1}),
      tile_case({2, 3}, {3, 1}, DType::kUInt8)});
}

TEST_CASE("DepthToSpace and SpaceToDepth move blocks between channels and space") {
  OpCase to_space = depth_to_space_case({1, 8, 2, 3}, 2, false);
  OpCase to_depth = space_to_depth_case({1, 2, 6, 3}, 3, false);
  for (OpCase* without_mode : {&to_space, &to_depth}) {
    without_mode->node.opset = 7;
    without_mode->node.attributes.pop_back();
  }
  run_op_cases(std::vector<OpCase>{
      to_space, to_depth, depth_to_space_case({2, 8, 2, 3}, 2, false),
      depth_to_space_case({2, 8, 2, 3}, 2, true), depth_to_space_case({1, 18, 1, 2}, 3, false),
      depth_to_space_case({1, 18, 1, 2}, 3, true), depth_to_space_case({1, 2, 2, 3}, 1, true),
      space_to_depth_case({2, 3, 4, 6}, 2, false), space_to_depth_case({2, 3, 4, 6}, 2, true),
      space_to_depth_case({1, 2, 6, 3}, 3, true)});
}

TEST_CASE("data movement refuses what does not fit") {
  const TestTensor x = random_tensor({2, 3, 4}, 1);
  const TestTensor integers = random_tensor({2, 3, 4}, 1, 0, 4, DType::kInt32);
  const TestTensor other = random_tensor({2, 2, 5}, 2);
  const auto huge = ints({int64_t{1} << 40, 1, 1});
  run_op_error_cases(std::vector<OpErrorCase>{
      {"too short a perm",
       {"Transpose", 13, {{"perm", {1, 0}}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"perm", "2", "3"}},
      {"an axis twice",
       {"Transpose", 13, {{"perm", {0, 1, 1}}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"twice"}},
      {"shapes",
       {"Concat", 13, {{"axis", 1}}, {fed(x), fed(other)}},
       ErrorCode::kShapeMismatch,
       {"[2,3,4]", "[2,2,5]", "axis 1"}},
      {"ranks",
       {"Concat", 13, {{"axis", 0}}, {fed(x), fed(random_tensor({3, 4}, 1))}},
       ErrorCode::kShapeMismatch,
       {"[3,4]"}},
      {"scalars",
       {"Concat", 13, {{"axis", 0}}, {fed({{}, {1}}), fed({{}, {1}})}},
       ErrorCode::kInvalidModel,
       {"rank 0"}},
      {"no axis", {"Concat", 13, {}, {fed(x)}}, ErrorCode::kInvalidModel, {"axis"}},
      {"two element types",
       {"Concat", 13, {{"axis", 0}}, {fed(x), fed(integers)}},
       ErrorCode::kInvalidModel,
       {"int32", "float32"}},
      {"uneven", {"Split", 13, {{"axis", 1}}, {fed(x)}}, ErrorCode::kShapeMismatch, {"3", "2"}, 2},
      {"sizes beyond the axis",
       {"Split", 13, {{"axis", 1}}, {fed(x), ints({2, 2})}},
       ErrorCode::kShapeMismatch,
       {"2", "3"},
       2},
      {"sizes short of the axis",
       {"Split", 11, {{"axis", 1}, {"split", {1, 1}}}, {fed(x)}},
       ErrorCode::kShapeMismatch,
       {"1 of 3"},
       2},
      {"negative sizes",
       {"Split", 13, {{"axis", 1}}, {fed(x), ints({-1, 4})}},
       ErrorCode::kShapeMismatch,
       {"-1"},
       2},
      {"as many sizes as outputs",
       {"Split", 13, {{"axis", 1}}, {fed(x), ints({1, 1, 1})}},
       ErrorCode::kInvalidModel,
       {"3 sizes", "2"},
       2},
      {"a shape that does not broadcast",
       {"Expand", 13, {}, {fed(x), ints({2, 3, 5})}},
       ErrorCode::kShapeMismatch,
       {"[2,3,4]", "[2,3,5]"}},
      {"a negative shape",
       {"Expand", 13, {}, {fed(x), ints({-1, 3, 4})}},
       ErrorCode::kShapeMismatch,
       {"unknown dimension"}},
      {"an absurd shape",
       {"Expand", 13, {}, {fed({{1}, {1}}), huge}},
       ErrorCode::kShapeMismatch,
       {"1099511627776"}},
      {"not constant",
       {"Expand", 13, {}, {fed(x), fed({{1}, {4}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"constant shape"}},
      {"too few repeats",
       {"Tile", 13, {}, {fed(x), ints({1, 2})}},
       ErrorCode::kShapeMismatch,
       {"2", "3"}},
      {"negative repeats",
       {"Tile", 13, {}, {fed(x), ints({1, 1, -1})}},
       ErrorCode::kShapeMismatch,
       {"-1"}},
      {"absurd repeats", {"Tile", 13, {}, {fed(x), huge}}, ErrorCode::kShapeMismatch, {}},
      {"blocks",
       {"DepthToSpace", 13, {{"blocksize", 2}}, {fed(random_tensor({1, 6, 2, 2}, 1))}},
       ErrorCode::kShapeMismatch,
       {"2", "[1,6,2,2]"}},
      {"no image",
       {"SpaceToDepth", 13, {{"blocksize", 2}}, {fed(x)}},
       ErrorCode::kShapeMismatch,
       {"[2,3,4]"}},
      {"no blocksize",
       {"SpaceToDepth", 13, {}, {fed(random_tensor({1, 1, 2, 2}, 1))}},
       ErrorCode::kInvalidModel,
       {"blocksize"}},
  });
}

}  // namespace synsight::test
