// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/op_case.h"

namespace synsight::test {

namespace {

using Index = std::span<const int64_t>;

TestTensor floats(const std::vector<double>& values) {
  return {{static_cast<int64_t>(values.size())}, values};
}

/// Resize to sizes by the one attribute list; rows and columns are the last two axes.
OpNode resize(const TestTensor& x, const std::vector<int64_t>& sizes,
              std::vector<TestAttribute> attributes, int64_t opset = 13) {
  return {"Resize",
          opset,
          std::move(attributes),
          {fed(x), absent(), absent(), constant(integers(sizes))}};
}

/// Where an output index of an axis lies on the input's axis.
using Position = double (*)(double index, double input, double output);

double half_pixel(double i, double n, double m) { return (2 * i + 1) * n / (2 * m) - 0.5; }
double align_corners(double i, double n, double m) { return m == 1 ? 0 : i * (n - 1) / (m - 1); }
double asymmetric(double i, double n, double m) { return i * n / m; }
double tensorflow(double i, double n, double m) { return (i + 0.5) * n / m; }

using Filter = double (*)(double distance);

double triangle(double d) { return std::max(0.0, 1 - std::abs(d)); }
double keys(double d, double a) {
  d = std::abs(d);
  if (d >= 2) return 0;
  return d < 1 ? (a + 2) * d * d * d - (a + 3) * d * d + 1
               : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
}

/// How a filter meets the edge, and whether it widens.
struct Filtering {
  Position position = half_pixel;
  Filter filter = triangle;
  bool excludes_outside = false;
  bool has_antialias = false;
};

/// The weights of all inputs of an axis for one output, an outside input's on the edge's.
std::vector<double> weights(const Filtering& f, int64_t index, int64_t n, int64_t m) {
  const double at =
      f.position(static_cast<double>(index), static_cast<double>(n), static_cast<double>(m));
  const double shrink =
      f.has_antialias ? std::min(1.0, static_cast<double>(m) / static_cast<double>(n)) : 1;
  std::vector<double> result(static_cast<size_t>(n), 0.0);
  double total = 0;
  for (int64_t i = -9 * n; i <= 9 * n; ++i) {
    if (f.excludes_outside && (i < 0 || i >= n)) continue;
    const double weight = f.filter((static_cast<double>(i) - at) * shrink);
    result[static_cast<size_t>(std::clamp<int64_t>(i, 0, n - 1))] += weight;
    total += weight;
  }
  for (double& weight : result) weight /= total;
  return result;
}

/// x [H,W] with both axes resized.
TestTensor resized(const TestTensor& x, int64_t height, int64_t width, const Filtering& f) {
  TestTensor y = generate({height, width}, [&](Index index) {
    const auto rows = weights(f, index[0], x.shape[0], height);
    const auto columns = weights(f, index[1], x.shape[1], width);
    double sum = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t j = 0; j < columns.size(); ++j) {
        sum += rows[i] * columns[j] * x.values[i * columns.size() + j];
      }
    }
    return sum;
  });
  y.dtype = x.dtype;
  return y;
}

/// x [H,W], each output being the element at round(position).
template <typename Round>
TestTensor nearest(const TestTensor& x, int64_t height, int64_t width, Position position,
                   const Round& round) {
  TestTensor y = generate({height, width}, [&](Index index) {
    std::vector<int64_t> from;
    for (size_t axis = 0; axis < 2; ++axis) {
      const double at =
          position(static_cast<double>(index[axis]), static_cast<double>(x.shape[axis]),
                   static_cast<double>(axis == 0 ? height : width));
      from.push_back(std::clamp<int64_t>(static_cast<int64_t>(round(at)), 0, x.shape[axis] - 1));
    }
    return element_at(x, from);
  });
  y.dtype = x.dtype;
  return y;
}

/// The elements 0 to n - 1 by a scale of whole tenths, halves up: floor(i / scale + 0.5), exactly.
TestTensor halves_up(int64_t n, double scale) {
  const auto tenths = std::llround(scale * 10);
  return generate({n * tenths / 10}, [&](Index index) {
    const int64_t up = (20 * index[0] + tenths) / (2 * tenths);
    return static_cast<double>(std::min(up, n - 1));
  });
}

OpCase rounded(OpCase op_case) {
  op_case.accumulation_length = 16;
  op_case.magnitude = 2;
  return op_case;
}

}  // namespace

TEST_CASE("Resize takes the nearest element, of any type") {
  const TestTensor x = counting_tensor({3, 4});
  const TestTensor bytes = counting_tensor({3, 4}, 0, 1, DType::kUInt8);
  const auto down = [](double at) { return std::floor(at); };
  run_op_cases(std::vector<OpCase>{
      {"as PyTorch exports it",
       resize(x, {6, 8},
              {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}}),
       {nearest(x, 6, 8, asymmetric, down)}},
      {"as tf2onnx exports it",
       resize(
           x, {5, 8},
           {{"coordinate_transformation_mode", "tf_half_pixel_for_nn"}, {"nearest_mode", "floor"}}),
       {nearest(x, 5, 8, tensorflow, down)}},
      {"by scales",
       {"Resize",
        11,
        {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}},
        {fed(x), constant(floats({})), constant(floats({2, 1.5}))}},
       {nearest(x, 6, 6, asymmetric, down)}},
      {"by scales that f32 rounds up",
       {"Resize",
        11,
        {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}},
        {fed(floats({0, 1, 2, 3, 4, 5})), constant(floats({})), constant(floats({2.4}))}},
       {floats({0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5})}},
      // What is whole or a half of the scale that is meant is so of the nearest f32.
      {"a third, by scales",
       {"Resize",
        13,
        {{"nearest_mode", "floor"}},
        {fed(floats({0, 1, 2, 3, 4, 5})), absent(), constant(floats({1.0 / 3}))}},
       {floats({1, 4})}},
      {"halves up that f32 has not",
       {"Resize",
        13,
        {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "round_prefer_ceil"}},
        {fed(floats({0, 1, 2, 3, 4, 5, 6, 7, 8})), absent(), constant(floats({2.4}))}},
       {halves_up(9, 2.4)}},
      {"bytes, halves down",
       resize(bytes, {7, 2}, {}, 18),
       {nearest(bytes, 7, 2, half_pixel, [](double at) { return std::ceil(at - 0.5); })}},
      {"halves up",
       resize(x, {7, 2}, {{"nearest_mode", "round_prefer_ceil"}}),
       {nearest(x, 7, 2, half_pixel, [](double at) { return std::floor(at + 0.5); })}},
      {"up",
       resize(x, {2, 7},
              {{"nearest_mode", "ceil"}, {"coordinate_transformation_mode", "align_corners"}}),
       {nearest(x, 2, 7, align_corners, [](double at) { return std::ceil(at); })}},
      {"to nothing", resize(x, {0, 4}, {}), {{{0, 4}, {}}}}});
}

TEST_CASE("Resize and Upsample before opset 11 know one way") {
  const TestTensor x = counting_tensor({2, 4});
  const auto down = [](double at) { return std::floor(at); };
  // ONNX's own example of Resize-10: scales of 0.6 take the first row's first and third element.
  const TestTensor example{{1, 2}, {x.values[0], x.values[2]}};
  run_op_cases(std::vector<OpCase>{
      {"Resize-10",
       {"Resize", 10, {}, {fed(x), constant(floats({2, 1.5}))}},
       {nearest(x, 4, 6, asymmetric, down)}},
      {"Resize-10, smaller",
       {"Resize", 10, {{"mode", "nearest"}}, {fed(x), constant(floats({0.6, 0.6}))}},
       {example}},
      rounded({"Resize-10, linear",
               {"Resize", 10, {{"mode", "linear"}}, {fed(x), constant(floats({3, 2}))}},
               {resized(x, 6, 8, {asymmetric, triangle})}}),
      {"Upsample-9",
       {"Upsample", 9, {}, {fed(x), constant(floats({3, 2}))}},
       {nearest(x, 6, 8, asymmetric, down)}},
      rounded(
          {"Upsample-7",
           {"Upsample", 7, {{"mode", "linear"}, {"scales", std::vector<float>{2, 3}}}, {fed(x)}},
           {resized(x, 4, 12, {asymmetric, triangle})}}),
  });
  run_op_error_cases(std::vector<OpErrorCase>{
      {"no scales", {"Upsample", 7, {}, {fed(x)}}, ErrorCode::kInvalidModel, {"scales"}},
      {"too few scales",
       {"Upsample", 7, {{"scales", std::vector<float>{2}}}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"scales", "[1]", "[2]"}},
  });
}

TEST_CASE("Resize weights neighbours linearly and cubically") {
  const TestTensor x = random_tensor({4, 5}, 1);
  const TestTensor doubles = random_tensor({4, 5}, 2, -1, 1, DType::kFloat64);
  const Filter cubic = [](double d) { return keys(d, -0.75); };
  const Filter softer = [](double d) { return keys(d, -0.5); };
  const Filtering corners{align_corners, triangle};
  run_op_cases(std::vector<OpCase>{
      rounded({"linear", resize(x, {7, 12}, {{"mode", "linear"}}), {resized(x, 7, 12, {})}}),
      rounded({"linear, smaller", resize(x, {2, 3}, {{"mode", "linear"}}), {resized(x, 2, 3, {})}}),
      // At positions that f32 has.
      rounded(
          {"f64", resize(doubles, {8, 10}, {{"mode", "linear"}}), {resized(doubles, 8, 10, {})}}),
      rounded({"align_corners",
               resize(x, {7, 1},
                      {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}}),
               {resized(x, 7, 1, corners)}}),
      rounded(
          {"pytorch_half_pixel",
           resize(x, {8, 1},
                  {{"mode", "linear"}, {"coordinate_transformation_mode", "pytorch_half_pixel"}}),
           {resized(x, 8, 1, {[](double i, double n, double m) {
                      return m == 1 ? 0 : half_pixel(i, n, m);
                    }})}}),
      rounded({"cubic",
               resize(x, {9, 3}, {{"mode", "cubic"}}),
               {resized(x, 9, 3, {half_pixel, cubic})}}),
      rounded(
          {"cubic, without what is outside",
           resize(x, {9, 3}, {{"mode", "cubic"}, {"exclude_outside", 1}, {"cubic_coeff_a", -0.5}}),
           {resized(x, 9, 3, {half_pixel, softer, true})}}),
      rounded({"antialias",
               resize(x, {2, 8}, {{"mode", "linear"}, {"antialias", 1}}, 18),
               {resized(x, 2, 8, {half_pixel, triangle, false, true})}}),
  });
}

TEST_CASE("Resize resizes the axes that it names and keeps an aspect ratio") {
  const TestTensor x = random_tensor({4, 6}, 1);
  TestTensor planes = x;
  planes.shape = {1, 4, 6, 1};
  TestTensor y = resized(x, 8, 3, {});
  y.shape = {1, 8, 3, 1};
  const OpNode named = resize(planes, {3, 8}, {{"mode", "linear"}, {"axes", {-2, 1}}}, 18);
  const auto kept = [&](const char* policy) {
    return resize(x, {2, 9}, {{"mode", "linear"}, {"keep_aspect_ratio_policy", policy}}, 19);
  };
  run_op_cases(std::vector<OpCase>{
      rounded({"axes", named, {y}}),
      rounded({"not_larger", kept("not_larger"), {resized(x, 2, 3, {})}}),
      rounded({"not_smaller", kept("not_smaller"), {resized(x, 6, 9, {})}}),
  });
}

TEST_CASE("Resize takes no memory for more than its input and its output") {
  TestTensor x = random_tensor({1, 50000}, 1);
  TestTensor y{{1 << 20, 1}, std::vector<double>(size_t{1} << 20, x.values[0])};
  run_op_cases(std::vector<OpCase>{
      {"one axis grows, the other shrinks",
       resize(x, {1 << 20, 1}, {{"coordinate_transformation_mode", "asymmetric"}}),
       {y}}});
}

TEST_CASE("Resize refuses what does not fit") {
  const TestTensor x = random_tensor({2, 3}, 1);
  const auto scaled = [&](const std::vector<double>& scales) {
    return OpNode{"Resize", 13, {}, {fed(x), absent(), constant(floats(scales))}};
  };
  OpNode both = scaled({1, 2});
  both.inputs.push_back(constant(integers({2, 6})));
  run_op_error_cases(std::vector<OpErrorCase>{
      {"neither scales nor sizes",
       {"Resize", 13, {}, {fed(x)}},
       ErrorCode::kInvalidModel,
       {"either scales or sizes"}},
      {"scales and sizes", both, ErrorCode::kInvalidModel, {"either scales or sizes"}},
      {"too few scales", scaled({2}), ErrorCode::kInvalidModel, {"scales", "[1]", "[2]"}},
      {"a scale of 0", scaled({0, 1}), ErrorCode::kShapeMismatch, {"axis of 2"}},
      {"a scale below 0", scaled({1, -1}), ErrorCode::kShapeMismatch, {"axis of 3"}},
      {"no number",
       scaled({1, std::numeric_limits<double>::quiet_NaN()}),
       ErrorCode::kShapeMismatch,
       {"axis of 3"}},
      {"absurd", scaled({1, 1e30}), ErrorCode::kShapeMismatch, {"axis of 3"}},
      {"a size below 0", resize(x, {2, -1}, {}), ErrorCode::kShapeMismatch, {"axis of 3 to -1"}},
      {"something of nothing",
       resize({{0, 2}, {}}, {1, 2}, {}),
       ErrorCode::kShapeMismatch,
       {"axis of 0 to 1"}},
      {"an absurd size",
       resize(x, {int64_t{1} << 40, 3}, {}),
       ErrorCode::kShapeMismatch,
       {"1099511627776"}},
      {"an absurd size by an aspect ratio",
       resize(x, {int64_t{1} << 40, 3}, {{"keep_aspect_ratio_policy", "not_smaller"}}, 19),
       ErrorCode::kShapeMismatch,
       {"axis of 2", "not_smaller"}},
      {"sizes not constant",
       {"Resize", 13, {}, {fed(x), absent(), absent(), fed(integers({4, 4}))}},
       ErrorCode::kShapeMismatch,
       {"constant sizes"}},
      {"a crop",
       resize(x, {2, 3}, {{"coordinate_transformation_mode", "tf_crop_and_resize"}}),
       ErrorCode::kUnsupportedOp,
       {"tf_crop_and_resize"}},
      {"another mode", resize(x, {2, 3}, {{"mode", "area"}}), ErrorCode::kUnsupportedOp, {"area"}},
      {"sums of integers",
       resize({{1, 1}, {1}, DType::kUInt8}, {2, 2}, {{"mode", "linear"}}),
       ErrorCode::kUnsupportedType,
       {"uint8"}},
  });
}

}  // namespace synsight::test
