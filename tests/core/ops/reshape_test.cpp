// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

CaseInput ints(std::vector<int64_t> values) {
  const std::vector<double> elements(values.begin(), values.end());
  return constant({{static_cast<int64_t>(elements.size())}, elements, DType::kInt64});
}

/// An operator that keeps the elements and gives them the shape `y`.
struct ReshapeCase {
  const char* op_type;
  int64_t opset;
  Shape x;
  std::vector<int64_t> list;  // the shape or the axes
  Shape y;
  std::vector<TestAttribute> attributes = {};
  DType dtype = DType::kFloat32;
};

const ReshapeCase kReshapeCases[] = {
    {"Reshape", 7, {2, 3, 4}, {6, 4}, {6, 4}},
    {"Reshape", 13, {2, 3, 4}, {-1}, {24}},
    {"Reshape", 14, {2, 3, 4}, {4, -1, 2}, {4, 3, 2}},
    {"Reshape", 14, {2, 3, 4}, {0, 0, 2, -1}, {2, 3, 2, 2}},
    {"Reshape", 14, {2, 3, 4}, {1, 2, 1, 3, 1, 2, 1, 2}, {1, 2, 1, 3, 1, 2, 1, 2}},
    {"Reshape", 8, {1, 1}, {}, {}},
    {"Reshape", 13, {}, {1, 1}, {1, 1}},
    {"Reshape", 21, {2, 0, 3}, {0, 0, 3}, {2, 0, 3}},
    {"Reshape", 14, {2, 0, 3}, {3, 0, 7}, {3, 0, 7}, {{"allowzero", 1}}},
    {"Reshape", 14, {0, 3}, {-1, 3}, {0, 3}},
    {"Reshape", 13, {2, 2}, {4}, {4}, {}, DType::kInt64},
    {"Reshape", 13, {2, 2}, {4}, {4}, {}, DType::kFloat16},
    {"Reshape", 13, {2, 2}, {4}, {4}, {}, DType::kBool},
    {"Squeeze", 13, {1, 3, 1, 5}, {0}, {3, 1, 5}},
    {"Squeeze", 13, {1, 3, 1, 5}, {-2}, {1, 3, 5}},
    {"Squeeze", 13, {1, 3, 1, 5}, {2, 0}, {3, 5}},
    {"Squeeze", 21, {1, 1}, {0, 1}, {}},
    {"Unsqueeze", 13, {3, 4}, {0}, {1, 3, 4}},
    {"Unsqueeze", 13, {3, 4}, {-1, 1}, {3, 1, 4, 1}},
    {"Unsqueeze", 13, {}, {0, 1}, {1, 1}},
    {"Unsqueeze", 13, {3, 4}, {0, 2, 4, 5, 6, 7}, {1, 3, 1, 4, 1, 1, 1, 1}},
};

TestTensor counting(const Shape& shape, DType dtype) {
  return dtype == DType::kBool ? random_tensor(shape, 1, 0, 2, dtype)
                               : counting_tensor(shape, 1, 1, dtype);
}

}  // namespace

TEST_CASE("Reshape, Squeeze and Unsqueeze keep the elements in their order") {
  std::vector<OpCase> cases;
  for (const ReshapeCase& c : kReshapeCases) {
    const TestTensor x = counting(c.x, c.dtype);
    TestTensor y = x;
    y.shape = c.y;
    cases.push_back({c.x.to_string() + " to " + c.y.to_string(),
                     {c.op_type, c.opset, c.attributes, {fed(x), ints(c.list)}},
                     {y}});
  }
  run_op_cases(cases);
}

TEST_CASE("Squeeze and Unsqueeze take their axes as an attribute before opset 13") {
  const TestTensor x = counting_tensor({1, 3, 1});
  run_op_cases(std::vector<OpCase>{
      {"named", {"Squeeze", 7, {{"axes", {0}}}, {fed(x)}}, {counting_tensor({3, 1})}},
      {"all", {"Squeeze", 11, {}, {fed(x)}}, {counting_tensor({3})}},
      {"all, opset 13", {"Squeeze", 13, {}, {fed(x)}}, {counting_tensor({3})}},
      {"inserted",
       {"Unsqueeze", 7, {{"axes", {0, 4}}}, {fed(x)}},
       {counting_tensor({1, 1, 3, 1, 1})}},
  });
}

TEST_CASE("Identity copies any element type") {
  std::vector<OpCase> cases;
  for (const DType dtype : {DType::kFloat32, DType::kUInt8, DType::kInt64, DType::kBFloat16}) {
    const TestTensor x = counting_tensor({3, 2}, 0, 1, dtype);
    cases.push_back({std::string(dtype_name(dtype)), {"Identity", 13, {}, {fed(x)}}, {x}});
  }
  run_op_cases(cases);
}

TEST_CASE("Shape and Size tell the input's dimensions") {
  const TestTensor x = random_tensor({2, 3, 4, 5}, 1);
  const auto shape_case = [&](int64_t opset, std::vector<TestAttribute> attributes,
                              std::vector<double> wanted) {
    const Shape rank{static_cast<int64_t>(wanted.size())};
    return OpCase{"of 4 axes",
                  {"Shape", opset, std::move(attributes), {fed(x)}},
                  {{rank, wanted, DType::kInt64}}};
  };
  run_op_cases(std::vector<OpCase>{
      shape_case(7, {}, {2, 3, 4, 5}),
      shape_case(15, {{"start", 1}}, {3, 4, 5}),
      shape_case(15, {{"start", -2}}, {4, 5}),
      shape_case(19, {{"start", 1}, {"end", -1}}, {3, 4}),
      shape_case(15, {{"end", 99}}, {2, 3, 4, 5}),
      shape_case(15, {{"start", 3}, {"end", 1}}, {}),
      shape_case(15, {{"start", -99}, {"end", 2}}, {2, 3}),
      {"a scalar", {"Shape", 13, {}, {fed({{}, {1}})}}, {{{0}, {}, DType::kInt64}}},
      {"of 120", {"Size", 13, {}, {fed(x)}}, {{{}, {120}, DType::kInt64}}},
      {"of nothing", {"Size", 7, {}, {fed({{3, 0}, {}})}}, {{{}, {0}, DType::kInt64}}},
  });
}

TEST_CASE("Reshape, Squeeze and Unsqueeze refuse shapes that do not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto reshape = [&](std::vector<int64_t> shape) {
    return OpNode{"Reshape", 14, {}, {fed(x), ints(std::move(shape))}};
  };
  OpNode both = reshape({0, -1});
  both.attributes = {{"allowzero", 1}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"too few", reshape({5}), ErrorCode::kShapeMismatch, {"[2,3]", "[5]"}},
      {"no multiple", reshape({4, -1}), ErrorCode::kShapeMismatch, {"[2,3]", "[4,-1]"}},
      {"two unknown", reshape({-1, -1}), ErrorCode::kInvalidModel, {"[-1,-1]"}},
      {"negative", reshape({-2, 3}), ErrorCode::kInvalidModel, {"[-2,3]"}},
      {"0 beyond the input", reshape({2, 3, 0}), ErrorCode::kShapeMismatch, {"[2,3,0]"}},
      {"0 and unknown", both, ErrorCode::kShapeMismatch, {"[0,-1]"}},
      {"overflow", reshape({int64_t{1} << 62, 8, -1}), ErrorCode::kShapeMismatch, {"[2,3]"}},
      {"9 dimensions", reshape({1, 1, 1, 1, 1, 1, 1, 2, 3}), ErrorCode::kInvalidModel, {"9", "8"}},
      {"a shape of two dimensions",
       {"Reshape", 14, {}, {fed(x), constant({{1, 1}, {6}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"shape has shape [1,1]"}},
      {"not constant",
       {"Reshape", 14, {}, {fed(x), fed({{1}, {6}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"constant shape"}},
      {"not 1",
       {"Squeeze", 13, {}, {fed(x), ints({1})}},
       ErrorCode::kShapeMismatch,
       {"axis 1", "[2,3]"}},
      {"no such axis",
       {"Squeeze", 11, {{"axes", {2}}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"axis 2"}},
      {"twice",
       {"Unsqueeze", 13, {}, {fed(x), ints({0, -4})}},
       ErrorCode::kInvalidModel,
       {"twice"}},
      {"beyond the output",
       {"Unsqueeze", 13, {}, {fed(x), ints({3})}},
       ErrorCode::kInvalidModel,
       {"axis 3"}},
      {"too many axes",
       {"Unsqueeze", 13, {}, {fed(x), ints({0, 1, 2, 3, 4, 5, 6})}},
       ErrorCode::kInvalidModel,
       {"9", "8"}},
  });
}

}  // namespace synsight::test
