// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

// Mean and variance of the elements of `x` for which `is_member` says yes.
template <typename IsMember>
std::pair<double, double> moments(const TestTensor& x, const IsMember& is_member) {
  std::vector<double> members;
  size_t next = 0;
  generate(x.shape, [&](std::span<const int64_t> index) {
    const double value = x.values[next++];
    if (is_member(index)) members.push_back(value);
    return 0;
  });
  const auto count = static_cast<double>(members.size());
  double mean = 0;
  double variance = 0;
  for (const double value : members) mean += value / count;
  for (const double value : members) variance += (value - mean) * (value - mean) / count;
  return {mean, variance};
}

TestTensor scale_tensor(const Shape& shape, uint32_t seed, DType dtype = DType::kFloat32) {
  return random_tensor(shape, seed, 0.5, 2, dtype);
}

OpCase batch_case(const char* description, const Shape& shape, int64_t opset, double epsilon,
                  DType dtype = DType::kFloat32) {
  const TestTensor x = random_tensor(shape, 1, -3, 3, dtype);
  const Shape channels{shape[1]};
  const TestTensor scale = scale_tensor(channels, 2, dtype);
  const TestTensor bias = random_tensor(channels, 3, -1, 1, dtype);
  const TestTensor mean = random_tensor(channels, 4, -1, 1, dtype);
  const TestTensor variance = random_tensor(channels, 5, 0.01, 2, dtype);
  const TestTensor y = generate(shape, [&](std::span<const int64_t> index) {
    const auto c = static_cast<size_t>(index[1]);
    const double normalized =
        (element_at(x, index) - mean.values[c]) /
        std::sqrt(variance.values[c] + static_cast<double>(static_cast<float>(epsilon)));
    return normalized * scale.values[c] + bias.values[c];
  });
  OpCase op_case{description,
                 {"BatchNormalization",
                  opset,
                  {{"epsilon", epsilon}},
                  {fed(x), constant(scale), constant(bias), constant(mean), constant(variance)}},
                 {{y.shape, y.values, dtype}}};
  op_case.accumulation_length = 4;
  return op_case;
}

// InstanceNormalization where num_groups is 0.
OpCase group_case(const char* description, const Shape& shape, int64_t num_groups, int64_t opset,
                  DType dtype = DType::kFloat32) {
  const bool is_instance = num_groups == 0;
  const double epsilon = static_cast<double>(0.001f);  // as the attribute holds it
  const int64_t group_size = is_instance ? 1 : shape[1] / num_groups;
  const int64_t num_scales = is_instance || opset >= 21 ? shape[1] : num_groups;
  const TestTensor x = random_tensor(shape, 1, -3, 3, dtype);
  const TestTensor scale = scale_tensor({num_scales}, 2, dtype);
  const TestTensor bias = random_tensor({num_scales}, 3, -1, 1, dtype);
  const TestTensor y = generate(shape, [&](std::span<const int64_t> index) {
    const auto [mean, variance] = moments(x, [&](std::span<const int64_t> other) {
      return other[0] == index[0] && other[1] / group_size == index[1] / group_size;
    });
    const double normalized = (element_at(x, index) - mean) / std::sqrt(variance + epsilon);
    const auto s = static_cast<size_t>(num_scales == shape[1] ? index[1] : index[1] / group_size);
    return normalized * scale.values[s] + bias.values[s];
  });
  OpCase op_case{description,
                 {is_instance ? "InstanceNormalization" : "GroupNormalization",
                  opset,
                  {{"epsilon", epsilon}},
                  {fed(x), constant(scale), constant(bias)}},
                 {{y.shape, y.values, dtype}}};
  if (!is_instance) op_case.node.attributes.push_back({"num_groups", num_groups});
  op_case.accumulation_length = 16;
  return op_case;
}

struct LayerCase {
  const char* description;
  Shape shape;
  int64_t axis;
  size_t first_axis;
  Shape scale_shape;
  bool has_bias = true;
  size_t num_outputs = 1;
  DType dtype = DType::kFloat32;
};

OpCase layer_case(const LayerCase& c) {
  const double epsilon = static_cast<double>(0.001f);  // as the attribute holds it
  const TestTensor x = random_tensor(c.shape, 1, -3, 3, c.dtype);
  const TestTensor scale = scale_tensor(c.scale_shape, 2, c.dtype);
  const TestTensor bias = random_tensor(c.scale_shape, 3, -1, 1, c.dtype);
  const auto moments_at = [&](std::span<const int64_t> index) {
    return moments(x, [&](std::span<const int64_t> other) {
      return std::equal(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(c.first_axis),
                        other.begin());
    });
  };
  const TestTensor y = generate(c.shape, [&](std::span<const int64_t> index) {
    const auto [mean, variance] = moments_at(index);
    std::vector<int64_t> scale_index(
        index.end() - static_cast<std::ptrdiff_t>(c.scale_shape.rank()), index.end());
    for (size_t i = 0; i < scale_index.size(); ++i) {
      if (c.scale_shape[i] == 1) scale_index[i] = 0;
    }
    const size_t s = *flat_index(c.scale_shape, scale_index);
    const double normalized = (element_at(x, index) - mean) / std::sqrt(variance + epsilon);
    return normalized * scale.values[s] + (c.has_bias ? bias.values[s] : 0);
  });
  OpCase op_case{c.description,
                 {"LayerNormalization",
                  17,
                  {{"axis", c.axis}, {"epsilon", epsilon}},
                  {fed(x), constant(scale)}},
                 {{y.shape, y.values, c.dtype}}};
  if (c.has_bias) op_case.node.inputs.push_back(constant(bias));
  Shape statistics = c.shape;
  for (size_t i = c.first_axis; i < statistics.rank(); ++i) statistics[i] = 1;
  if (c.num_outputs > 1) {
    op_case.outputs.push_back(generate(
        statistics, [&](std::span<const int64_t> index) { return moments_at(index).first; }));
  }
  if (c.num_outputs > 2) {
    op_case.outputs.push_back(generate(statistics, [&](std::span<const int64_t> index) {
      return 1 / std::sqrt(moments_at(index).second + epsilon);
    }));
  }
  op_case.accumulation_length = 16;
  return op_case;
}

std::vector<CaseInput> batch_inputs(const Shape& x, const std::vector<Shape>& others) {
  std::vector<CaseInput> inputs = {fed(random_tensor(x, 1))};
  for (const Shape& shape : others) inputs.push_back(constant(random_tensor(shape, 2, 0.5, 2)));
  return inputs;
}

}  // namespace

TEST_CASE("BatchNormalization applies the given statistics") {
  const OpCase cases[] = {
      batch_case("4-D, opset 7", {2, 3, 5, 7}, 7, 1e-5),
      batch_case("batch 3, opset 9", {3, 6, 1, 1}, 9, 0.001),
      batch_case("2-D", {4, 5}, 14, 1e-5),
      batch_case("3-D", {2, 4, 9}, 15, 0.01),
      batch_case("5-D", {1, 2, 3, 2, 4}, 15, 1e-5),
      batch_case("no batch", {0, 3, 5, 7}, 15, 1e-5),
      batch_case("f64", {2, 3, 5, 7}, 15, 1e-5, DType::kFloat64),
  };
  run_op_cases(cases);
}

TEST_CASE("BatchNormalization with training_mode takes its input's own statistics") {
  const double epsilon = static_cast<double>(0.01f);
  const double momentum = static_cast<double>(0.75f);
  const TestTensor x = random_tensor({2, 3, 4, 5}, 1, -3, 3);
  const TestTensor scale = random_tensor({3}, 2, 0.5, 2);
  const TestTensor bias = random_tensor({3}, 3);
  const TestTensor mean = random_tensor({3}, 4);
  const TestTensor variance = random_tensor({3}, 5, 0.5, 2);
  const auto own = [&](int64_t c) {
    return moments(x, [&](std::span<const int64_t> other) { return other[1] == c; });
  };
  const auto moved = [&](double given, double found) {
    return given * momentum + found * (1 - momentum);
  };
  const TestTensor y = generate(x.shape, [&](std::span<const int64_t> index) {
    const auto c = static_cast<size_t>(index[1]);
    const auto [m, v] = own(index[1]);
    return (element_at(x, index) - m) / std::sqrt(v + epsilon) * scale.values[c] + bias.values[c];
  });
  const TestTensor means = generate({3}, [&](std::span<const int64_t> index) {
    return moved(element_at(mean, index), own(index[0]).first);
  });
  const TestTensor variances = generate({3}, [&](std::span<const int64_t> index) {
    return moved(element_at(variance, index), own(index[0]).second);
  });
  const OpNode node{"BatchNormalization",
                    14,
                    {{"training_mode", 1}, {"epsilon", epsilon}, {"momentum", momentum}},
                    {fed(x), constant(scale), constant(bias), constant(mean), constant(variance)}};
  const OpCase cases[] = {{"training", node, {y}, 16},
                          {"training, with statistics", node, {y, means, variances}, 16}};
  run_op_cases(cases);
}

TEST_CASE("BatchNormalization refuses training of old opsets and wrong statistics") {
  const auto inputs = batch_inputs({2, 3, 4, 4}, {{3}, {3}, {3}, {3}});
  const OpErrorCase cases[] = {
      {"statistics as outputs",
       {"BatchNormalization", 9, {}, inputs},
       ErrorCode::kUnsupportedOp,
       {"training"},
       3},
      {"statistics of single elements",
       {"BatchNormalization", 7, {{"spatial", 0}}, inputs},
       ErrorCode::kUnsupportedOp,
       {"\"spatial\" is 0"}},
      {"too long a scale",
       {"BatchNormalization", 9, {}, batch_inputs({2, 3, 4, 4}, {{4}, {3}, {3}, {3}})},
       ErrorCode::kShapeMismatch,
       {"input 1 has shape [4]", "wanted [3]"}},
      {"a variance of two dimensions",
       {"BatchNormalization", 9, {}, batch_inputs({2, 3, 4, 4}, {{3}, {3}, {3}, {3, 1}})},
       ErrorCode::kShapeMismatch,
       {"input 4 has shape [3,1]", "wanted [3]"}},
      {"one dimension",
       {"BatchNormalization", 9, {}, batch_inputs({3}, {{3}, {3}, {3}, {3}})},
       ErrorCode::kShapeMismatch,
       {"[3]", "[N,C,...]"}},
  };
  run_op_error_cases(cases);
}

TEST_CASE("InstanceNormalization normalizes each plane") {
  const OpCase cases[] = {
      group_case("2-D planes", {2, 3, 5, 4}, 0, 7),
      group_case("1-D planes", {1, 4, 9}, 0, 22),
      group_case("3-D planes", {2, 2, 2, 3, 4}, 0, 7),
      group_case("no batch", {0, 3, 5, 4}, 0, 7),
      group_case("f64", {2, 3, 5, 4}, 0, 7, DType::kFloat64),
  };
  run_op_cases(cases);
}

TEST_CASE("GroupNormalization normalizes each group of planes") {
  const OpCase cases[] = {
      group_case("a scale for each group, opset 18", {2, 6, 3, 4}, 3, 18),
      group_case("a scale for each channel, opset 21", {2, 6, 3, 4}, 3, 21),
      group_case("one group", {1, 4, 5}, 1, 21),
      group_case("planes of many elements", {2, 4, 7, 9}, 2, 21),
      group_case("as many groups as channels", {2, 4, 3, 3}, 4, 21),
      group_case("f64", {2, 6, 3, 4}, 2, 21, DType::kFloat64),
  };
  run_op_cases(cases);
}

TEST_CASE("group normalizations refuse what does not fit") {
  const OpErrorCase cases[] = {
      {"a scale of another length",
       {"InstanceNormalization", 7, {}, batch_inputs({2, 3, 4, 4}, {{4}, {3}})},
       ErrorCode::kShapeMismatch,
       {"input 1 has shape [4]", "wanted [3]"}},
      {"no spatial dimension",
       {"InstanceNormalization", 7, {}, batch_inputs({2, 3}, {{3}, {3}})},
       ErrorCode::kShapeMismatch,
       {"[2,3]"}},
      {"no num_groups",
       {"GroupNormalization", 21, {}, batch_inputs({2, 4, 3}, {{4}, {4}})},
       ErrorCode::kInvalidModel,
       {"\"num_groups\" is 0"}},
      {"groups that do not divide the channels",
       {"GroupNormalization", 21, {{"num_groups", 3}}, batch_inputs({2, 4, 3}, {{4}, {4}})},
       ErrorCode::kInvalidModel,
       {"\"num_groups\" is 3", "4 channels"}},
      {"a scale for each channel before opset 21",
       {"GroupNormalization", 18, {{"num_groups", 2}}, batch_inputs({2, 4, 3}, {{4}, {4}})},
       ErrorCode::kShapeMismatch,
       {"[4]", "wanted [2]"}},
  };
  run_op_error_cases(cases);
}

TEST_CASE("LayerNormalization normalizes the last dimensions") {
  const LayerCase layers[] = {
      {.description = "the last axis",
       .shape = {2, 3, 8},
       .axis = -1,
       .first_axis = 2,
       .scale_shape = {8}},
      {.description = "two axes",
       .shape = {2, 3, 4},
       .axis = 1,
       .first_axis = 1,
       .scale_shape = {3, 4}},
      {.description = "all axes",
       .shape = {2, 5},
       .axis = 0,
       .first_axis = 0,
       .scale_shape = {2, 5}},
      {.description = "without a bias",
       .shape = {3, 7},
       .axis = -1,
       .first_axis = 1,
       .scale_shape = {7},
       .has_bias = false},
      {.description = "a scale that broadcasts",
       .shape = {2, 3, 4},
       .axis = -2,
       .first_axis = 1,
       .scale_shape = {3, 1}},
      {.description = "one scale",
       .shape = {2, 3, 4},
       .axis = 1,
       .first_axis = 1,
       .scale_shape = {4}},
      {.description = "with mean and deviation",
       .shape = {2, 3, 4},
       .axis = 1,
       .first_axis = 1,
       .scale_shape = {3, 4},
       .num_outputs = 3},
      {.description = "with the mean",
       .shape = {2, 3, 4},
       .axis = -1,
       .first_axis = 2,
       .scale_shape = {4},
       .num_outputs = 2},
      {.description = "rows of many elements, and some over",
       .shape = {3, 9, 77},
       .axis = -1,
       .first_axis = 2,
       .scale_shape = {77}},
      {.description = "many elements without a bias",
       .shape = {2, 64},
       .axis = -1,
       .first_axis = 1,
       .scale_shape = {64},
       .has_bias = false},
      {.description = "f64",
       .shape = {2, 3, 8},
       .axis = -1,
       .first_axis = 2,
       .scale_shape = {8},
       .dtype = DType::kFloat64},
  };
  std::vector<OpCase> cases;
  for (const LayerCase& layer : layers) cases.push_back(layer_case(layer));
  run_op_cases(cases);
}

TEST_CASE("LayerNormalization keeps rows apart, whether constant, large, infinite or NaN") {
  constexpr int64_t kSize = 70;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr int64_t kConstant = 0;
  constexpr int64_t kLarge = 1;
  const TestTensor scale = scale_tensor({kSize}, 1);
  const TestTensor bias = random_tensor({kSize}, 2);
  // Of mean 1e6 and variance 2, the mean of the squares of -2, -1, 0, 1, 2.
  const auto difference = [](int64_t i) { return static_cast<double>(i % 5 - 2); };
  TestTensor x = generate({5, kSize}, [&](std::span<const int64_t> index) {
    return index[0] == kLarge ? 1e6 + difference(index[1]) : static_cast<double>(0.1f);
  });
  x.values[2 * kSize + 3] = kNaN;
  x.values[3 * kSize + 40] = kInfinity;
  x.values[4 * kSize] = -kInfinity;
  const TestTensor y = generate(x.shape, [&](std::span<const int64_t> index) {
    const auto column = index.subspan(1);
    if (index[0] == kConstant) return element_at(bias, column);
    if (index[0] != kLarge) return kNaN;
    const double normalized = difference(index[1]) / std::sqrt(2 + static_cast<double>(1e-5f));
    return normalized * element_at(scale, column) + element_at(bias, column);
  });
  const OpCase cases[] = {
      {"constant, large, NaN, infinity",
       {"LayerNormalization", 17, {}, {fed(x), constant(scale), constant(bias)}},
       {y},
       16}};
  run_op_cases(cases);
}

TEST_CASE("LayerNormalization refuses what does not fit") {
  const auto inputs = [](Shape scale) {
    return std::vector<CaseInput>{fed(random_tensor({2, 3, 4}, 1)),
                                  constant(random_tensor(scale, 2))};
  };
  const OpErrorCase cases[] = {
      {"a scale of another length",
       {"LayerNormalization", 17, {}, inputs({3})},
       ErrorCode::kShapeMismatch,
       {"scale has shape [3]", "[4]"}},
      {"a scale of too many dimensions",
       {"LayerNormalization", 17, {}, inputs({3, 4})},
       ErrorCode::kShapeMismatch,
       {"[3,4]", "[4]"}},
      {"an axis outside",
       {"LayerNormalization", 17, {{"axis", 3}}, inputs({4})},
       ErrorCode::kInvalidModel,
       {"axis 3", "rank 3"}},
      {"half precision statistics",
       {"LayerNormalization", 17, {{"stash_type", 10}}, inputs({4})},
       ErrorCode::kUnsupportedOp,
       {"\"stash_type\" is 10"}},
      {"before opset 17",
       {"LayerNormalization", 16, {}, inputs({4})},
       ErrorCode::kUnsupportedOp,
       {"opset 16"}},
  };
  run_op_error_cases(cases);
}

}  // namespace synsight::test
