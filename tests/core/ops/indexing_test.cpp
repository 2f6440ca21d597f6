// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

using Index = std::span<const int64_t>;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TestTensor list(const std::vector<int64_t>& values, DType dtype = DType::kInt64) {
  const std::vector<double> elements(values.begin(), values.end());
  return {{static_cast<int64_t>(elements.size())}, elements, dtype};
}

double at(const TestTensor& tensor, const std::vector<int64_t>& index) {
  return element_at(tensor, index);
}

/// Slice of 0, 1, ... 9 along axis 1 of [2, 10, 3]; `taken` are the indices that it takes.
struct SliceCase {
  int64_t start;
  int64_t end;
  int64_t step;
  std::vector<int64_t> taken;
};

const SliceCase kSliceCases[] = {
    {2, 5, 1, {2, 3, 4}},
    {0, kMax, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
    {-3, kMax, 1, {7, 8, 9}},
    {-99, -7, 1, {0, 1, 2}},
    {1, 8, 3, {1, 4, 7}},
    {9, kMin, -1, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
    {-1, 2, -3, {9, 6, 3}},
    {99, 5, -2, {9, 7}},
    {4, 4, 1, {}},
    {6, 2, 1, {}},
    {2, 6, -1, {}},
    {99, kMax, 1, {}},
    {3, 99, kMax, {3}},
    {3, kMin, kMin, {3}},
};

TestTensor taken_along_1(const TestTensor& x, const std::vector<int64_t>& taken) {
  return generate({x.shape[0], static_cast<int64_t>(taken.size()), x.shape[2]}, [&](Index index) {
    return at(x, {index[0], taken[static_cast<size_t>(index[1])], index[2]});
  });
}

}  // namespace

TEST_CASE("Slice takes what Python's slices take") {
  const TestTensor x = counting_tensor({2, 10, 3});
  std::vector<OpCase> cases;
  for (const SliceCase& c : kSliceCases) {
    const TestTensor y = taken_along_1(x, c.taken);
    const std::string description =
        std::to_string(c.start) + ":" + std::to_string(c.end) + ":" + std::to_string(c.step);
    cases.push_back({description,
                     {"Slice",
                      11,
                      {},
                      {fed(x), constant(list({c.start})), constant(list({c.end})),
                       constant(list({-2})), constant(list({c.step}))}},
                     {y}});
    if (c.step != 1) continue;
    const std::vector<int64_t> starts = {c.start};
    const std::vector<int64_t> ends = {c.end};
    cases.push_back({description,
                     {"Slice", 7, {{"starts", starts}, {"ends", ends}, {"axes", {1}}}, {fed(x)}},
                     {y}});
  }
  run_op_cases(cases);
}

TEST_CASE("Slice takes several axes, any element type, int32 bounds and no axes") {
  const TestTensor x = counting_tensor({3, 4, 5}, 0, 1, DType::kUInt8);
  TestTensor y = generate({2, 4, 2}, [&](Index i) { return at(x, {2 - i[0], i[1], i[2] * 3}); });
  TestTensor front = generate({1, 2, 5}, [&](Index i) { return at(x, {i[0] + 1, i[1], i[2]}); });
  y.dtype = front.dtype = DType::kUInt8;
  const auto ints = [](const std::vector<int64_t>& values) {
    return constant(list(values, DType::kInt32));
  };
  run_op_cases(std::vector<OpCase>{
      {"two axes",
       {"Slice", 13, {}, {fed(x), ints({0, 2}), ints({9, 0}), ints({2, 0}), ints({3, -1})}},
       {y}},
      {"no axes", {"Slice", 10, {}, {fed(x), ints({1, 0}), ints({2, 2})}}, {front}},
      {"no axes, steps",
       {"Slice", 10, {}, {fed(x), ints({1, 0}), ints({2, 2}), absent(), ints({1, 1})}},
       {front}},
      {"an empty input",
       {"Slice", 13, {}, {fed({{0}, {}}), ints({-1}), ints({-9}), ints({0}), ints({-1})}},
       {{{0}, {}}}}});
}

TEST_CASE("Gather takes slices along any axis") {
  const TestTensor x = counting_tensor({3, 4, 2});
  const TestTensor indices{{2, 2}, {3, -4, 0, -1}, DType::kInt64};
  const std::vector<int64_t> positive = {3, 0, 0, 3};
  const TestTensor along_1 = generate({3, 2, 2, 2}, [&](Index i) {
    return at(x, {i[0], positive[static_cast<size_t>(i[1] * 2 + i[2])], i[3]});
  });
  const TestTensor row = generate({4, 2}, [&](Index i) { return at(x, {2, i[0], i[1]}); });
  const TestTensor last = generate({3, 4, 1}, [&](Index i) { return at(x, {i[0], i[1], 1}); });
  run_op_cases(std::vector<OpCase>{
      {"fed indices", {"Gather", 13, {{"axis", 1}}, {fed(x), fed(indices)}}, {along_1}},
      {"constant indices", {"Gather", 7, {{"axis", 1}}, {fed(x), constant(indices)}}, {along_1}},
      {"a scalar drops the axis",
       {"Gather", 13, {}, {fed(x), constant({{}, {-1}, DType::kInt32})}},
       {row}},
      {"a negative axis", {"Gather", 11, {{"axis", -1}}, {fed(x), constant(list({1}))}}, {last}},
      {"no indices", {"Gather", 13, {}, {fed(x), constant(list({}))}}, {{{0, 4, 2}, {}}}},
      {"int64 data",
       {"Gather", 13, {}, {fed(list({10, 20, 30})), constant({{}, {1}, DType::kInt64})}},
       {{{}, {20}, DType::kInt64}}}});
}

TEST_CASE("GatherElements and GatherND take single elements and slices") {
  const TestTensor x = counting_tensor({3, 2});
  const TestTensor cube = counting_tensor({2, 2, 2});
  run_op_cases(std::vector<OpCase>{
      {"axis 0",
       {"GatherElements", 13, {}, {fed(x), fed({{2, 2}, {2, 0, -3, 1}, DType::kInt64})}},
       {{{2, 2}, {4, 1, 0, 3}}}},
      {"axis -1",
       {"GatherElements", 11, {{"axis", -1}}, {fed(x), fed({{3, 1}, {1, -1, 0}, DType::kInt32})}},
       {{{3, 1}, {1, 3, 4}}}},
      {"elements",
       {"GatherND", 11, {}, {fed(x), fed({{2, 2}, {2, 1, -3, -1}, DType::kInt64})}},
       {{{2}, {5, 1}}}},
      {"slices",
       {"GatherND", 13, {}, {fed(x), constant({{2, 1, 1}, {2, 0}, DType::kInt64})}},
       {{{2, 1, 2}, {4, 5, 0, 1}}}},
      {"batches",
       {"GatherND",
        12,
        {{"batch_dims", 1}},
        {fed(cube), constant({{2, 1}, {1, 0}, DType::kInt64})}},
       {{{2, 2}, {2, 3, 4, 5}}}}});
}

TEST_CASE("ScatterND writes elements and slices, or reduces them into what is there") {
  const TestTensor x = counting_tensor({3, 2});
  const TestTensor numbers = counting_tensor({4}, 1, 1, DType::kInt32);
  const TestTensor twice{{3, 1}, {1, 3, 1}, DType::kInt64};
  const auto reduced = [&](const char* reduction, std::vector<double> wanted) {
    return OpCase{reduction,
                  {"ScatterND",
                   18,
                   {{"reduction", reduction}},
                   {fed(numbers), fed(twice), fed({{3}, {5, -2, 3}, DType::kInt32})}},
                  {{{4}, std::move(wanted), DType::kInt32}}};
  };
  run_op_cases(std::vector<OpCase>{
      {"elements",
       {"ScatterND",
        11,
        {},
        {fed(x), constant({{2, 2}, {2, 1, -3, -1}, DType::kInt64}), fed({{2}, {-7, -8}})}},
       {{{3, 2}, {0, -8, 2, 3, 4, -7}}}},
      {"slices",
       {"ScatterND",
        16,
        {},
        {fed(x), constant({{2, 1}, {2, 0}, DType::kInt64}), fed({{2, 2}, {6, 7, 8, 9}})}},
       {{{3, 2}, {8, 9, 2, 3, 6, 7}}}},
      {"a grid of tuples",
       {"ScatterND",
        13,
        {},
        {fed(x), fed({{1, 2, 2}, {0, 0, 1, 1}, DType::kInt64}), fed({{1, 2}, {-1, -2}})}},
       {{{3, 2}, {-1, 1, 2, -2, 4, 5}}}},
      {"nothing",
       {"ScatterND",
        13,
        {},
        {fed(x), constant({{0, 1}, {}, DType::kInt64}), constant({{0, 2}, {}})}},
       {x}},
      reduced("add", {1, 10, 3, 2}),
      reduced("mul", {1, 30, 3, -8}),
      reduced("max", {1, 5, 3, 4}),
      reduced("min", {1, 2, 3, -2})});
}

TEST_CASE("ScatterND refuses what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto scatter = [&](TestTensor indices, TestTensor updates) {
    return OpNode{"ScatterND", 18, {}, {fed(x), fed(std::move(indices)), fed(std::move(updates))}};
  };
  OpNode other = scatter({{1, 1}, {0}, DType::kInt64}, {{1, 3}, {0, 0, 0}});
  other.attributes = {{"reduction", "mean"}};
  run_op_error_cases(std::vector<OpErrorCase>{
      {"an index outside",
       scatter({{1, 1}, {2}, DType::kInt64}, {{1, 3}, {0, 0, 0}}),
       ErrorCode::kInvalidArgument,
       {"index 2", "axis of 2"}},
      {"tuples longer than the data's rank",
       scatter({{1, 3}, {0, 0, 0}, DType::kInt64}, {{1}, {0}}),
       ErrorCode::kShapeMismatch,
       {"[1,3]", "[2,3]"}},
      {"updates of another shape",
       scatter({{1, 1}, {0}, DType::kInt64}, {{1, 2}, {0, 0}}),
       ErrorCode::kShapeMismatch,
       {"updates of shape [1,2]"}},
      {"indices of floats",
       scatter({{1, 1}, {0}}, {{1, 3}, {0, 0, 0}}),
       ErrorCode::kUnsupportedType,
       {"indices", "float32"}},
      {"updates of another type",
       scatter({{1, 1}, {0}, DType::kInt64}, {{1, 3}, {0, 0, 0}, DType::kInt64}),
       ErrorCode::kUnsupportedType,
       {"updates", "int64"}},
      {"another reduction", other, ErrorCode::kUnsupportedOp, {"mean"}}});
}

TEST_CASE("Slice and Gather refuse what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto slice = [&](std::vector<CaseInput> bounds) {
    OpNode node{"Slice", 13, {}, {fed(x)}};
    node.inputs.insert(node.inputs.end(), bounds.begin(), bounds.end());
    return node;
  };
  const auto one = constant(list({0}));
  run_op_error_cases(std::vector<OpErrorCase>{
      {"a step of 0", slice({one, one, one, one}), ErrorCode::kInvalidModel, {"step of 0"}},
      {"lists of different lengths",
       slice({constant(list({0, 0})), one}),
       ErrorCode::kInvalidModel,
       {"2 starts", "1 ends"}},
      {"no such axis",
       slice({one, one, constant(list({2}))}),
       ErrorCode::kInvalidModel,
       {"axis 2"}},
      {"starts not constant",
       slice({fed(list({0})), one}),
       ErrorCode::kShapeMismatch,
       {"constant starts"}},
      {"bounds of floats",
       slice({constant({{1}, {0}}), one}),
       ErrorCode::kUnsupportedType,
       {"starts", "float32"}},
      {"an index outside",
       {"Gather", 13, {}, {fed(x), constant(list({2}))}},
       ErrorCode::kInvalidArgument,
       {"index 2", "2"}},
      {"a fed index outside",
       {"Gather", 13, {{"axis", 1}}, {fed(x), fed(list({-4}))}},
       ErrorCode::kInvalidArgument,
       {"index -4", "3"}},
      {"indices of floats",
       {"Gather", 13, {}, {fed(x), fed({{1}, {0}})}},
       ErrorCode::kUnsupportedType,
       {"indices", "float32"}},
      {"data of rank 0",
       {"Gather", 13, {}, {fed({{}, {1}}), fed(list({0}))}},
       ErrorCode::kInvalidModel,
       {"rank 0"}},
      {"too high a rank",
       {"Gather",
        13,
        {},
        {fed(random_tensor({1, 1, 1, 1, 1}, 1)), fed({{1, 1, 1, 1, 1}, {0}, DType::kInt64})}},
       ErrorCode::kInvalidModel,
       {"9", "8"}},
      {"ranks of GatherElements",
       {"GatherElements", 13, {}, {fed(x), fed(list({0}))}},
       ErrorCode::kShapeMismatch,
       {"[1]", "[2,3]"}},
      {"an element outside",
       {"GatherElements", 13, {}, {fed(x), fed({{1, 1}, {2}, DType::kInt64})}},
       ErrorCode::kInvalidArgument,
       {"index 2"}},
      {"tuples that are too long",
       {"GatherND", 13, {}, {fed(x), fed({{1, 3}, {0, 0, 0}, DType::kInt64})}},
       ErrorCode::kShapeMismatch,
       {"[1,3]", "[2,3]"}},
  });
}

}  // namespace synsight::test
