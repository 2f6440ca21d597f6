// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/binary.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/core/ops/broadcast_oracle.h"
#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using test::TestTensor;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Row {
  BinaryFunction function;
  double (*oracle)(double a, double b);
  double low = -4;
  double high = 4;
};

const Row kRows[] = {
    {BinaryFunction::kAdd, [](double a, double b) { return a + b; }},
    {BinaryFunction::kAnd, [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; }, 0, 2},
    {BinaryFunction::kDiv, [](double a, double b) { return a / b; }, 0.5, 4},
    {BinaryFunction::kEqual, [](double a, double b) { return a == b ? 1.0 : 0.0; }, 0, 2},
    {BinaryFunction::kFmod, [](double a, double b) { return a - b * std::trunc(a / b); }, 1, 9},
    {BinaryFunction::kGreater, [](double a, double b) { return a > b ? 1.0 : 0.0; }},
    {BinaryFunction::kGreaterOrEqual, [](double a, double b) { return a >= b ? 1.0 : 0.0; }, 0, 2},
    {BinaryFunction::kLess, [](double a, double b) { return a < b ? 1.0 : 0.0; }},
    {BinaryFunction::kLessOrEqual, [](double a, double b) { return a <= b ? 1.0 : 0.0; }, 0, 2},
    {BinaryFunction::kMax, [](double a, double b) { return std::fmax(a, b); }},
    {BinaryFunction::kMin, [](double a, double b) { return std::fmin(a, b); }},
    {BinaryFunction::kMod, [](double a, double b) { return a - b * std::floor(a / b); }, -9, 9},
    {BinaryFunction::kMul, [](double a, double b) { return a * b; }},
    {BinaryFunction::kOr, [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; }, 0, 2},
    {BinaryFunction::kPow, [](double a, double b) { return std::exp(b * std::log(a)); }, 0.25, 3},
    {BinaryFunction::kPRelu,
     [](double a, double b) { return std::fmax(a, 0) + b * std::fmin(a, 0); }},
    {BinaryFunction::kSub, [](double a, double b) { return a - b; }},
    {BinaryFunction::kXor, [](double a, double b) { return (a != 0) != (b != 0) ? 1.0 : 0.0; }, 0,
     2},
};

struct Shapes {
  Shape a;
  Shape b;
};

const Shapes kShapes[] = {
    {{}, {}},
    {{61}, {61}},
    {{2, 3, 4}, {2, 3, 4}},
    {{2, 5, 16}, {1}},
    {{}, {3, 7}},
    {{2, 5, 16}, {16}},
    {{2, 5, 12}, {12}},
    {{2, 5, 16}, {5, 1}},
    {{2, 5, 16}, {2, 1, 16}},
    {{2, 1, 16}, {1, 5, 1}},
    {{3, 1}, {1, 4}},
    {{8}, {2, 1, 3, 8}},
    {{2, 2, 2, 2, 2, 1, 2, 8}, {2, 1, 2, 1, 2, 3, 1, 8}},
    {{2, 3, 1, 2, 1, 3, 1, 2}, {1, 3, 2, 1, 2, 3, 2, 1}},
};

Binary plan(const Shape& shape, const Shape& a, const Shape& b) {
  Binary binary;
  binary.space =
      plan_index_space<3>(shape, {ops::row_major_strides(shape), ops::broadcast_strides(a, shape),
                                  ops::broadcast_strides(b, shape)});
  return binary;
}

void check(const Row& row, const Shapes& shapes, DType dtype) {
  const TestTensor a = test::stored_tensor(shapes.a, dtype, 6, row.low, row.high);
  const TestTensor b = test::stored_tensor(shapes.b, dtype, 7, row.low, row.high);
  const TestTensor wanted = test::broadcast(
      {a, b}, [&](std::span<const double> values) { return row.oracle(values[0], values[1]); });
  const Tensor first = test::to_tensor(a);
  const Tensor second = test::to_tensor(b);
  Tensor y = test::unwritten(dtype, wanted.shape);
  Binary binary = plan(wanted.shape, a.shape, b.shape);
  binary.function = row.function;
  binary.y = test::elements_of(y);
  binary.a = test::elements_of(first);
  binary.b = test::elements_of(second);
  test::run_each(binary, binary.space.num_packs());
  CHECK(test::difference(y, wanted, 1, 8) == "");
  binary.space.pack = 1;
  Tensor single = test::unwritten(dtype, wanted.shape);
  binary.y = test::elements_of(single);
  test::run_each(binary, binary.space.num_packs());
  CHECK(test::mismatch(single.view(), y.view(), 0) == "");
}

}  // namespace

TEST_CASE("binary functions are right for every broadcast and storage") {
  for (const Row& row : kRows) {
    CAPTURE(&row - kRows);
    for (const Shapes& shapes : kShapes) {
      CAPTURE(shapes.a.to_string());
      CAPTURE(shapes.b.to_string());
      for (const DType dtype : test::kStorages) {
        CAPTURE(dtype_name(dtype));
        check(row, shapes, dtype);
      }
    }
  }
}

TEST_CASE("operands may be of different types and layouts") {
  const Shape shape = {2, 8, 3, 5};
  const TestTensor a = test::stored_tensor(shape, DType::kFloat16, 8);
  const TestTensor b = test::stored_tensor({8, 1, 1}, DType::kFloat32, 9);
  const TestTensor wanted =
      test::broadcast({a, b}, [](std::span<const double> values) { return values[0] * values[1]; });
  Tensor a_last = test::unwritten(DType::kFloat16, {2, 3, 5, 8});
  const ops::Strides last = {120, 1, 40, 8};
  ops::for_each_offset<2>(shape, {ops::row_major_strides(shape), last},
                          [&](const std::array<int64_t, 2>& at) {
                            store(a_last.data(), DType::kFloat16, at[1],
                                  static_cast<float>(a.values[static_cast<size_t>(at[0])]));
                          });
  const Tensor second = test::to_tensor(b);
  Tensor y = test::unwritten(DType::kBFloat16, {240});
  Binary binary{.function = BinaryFunction::kMul};
  binary.space = plan_index_space<3>(shape, {last, last, ops::broadcast_strides(b.shape, shape)});
  CHECK(binary.space.pack == kPack);
  binary.y = test::elements_of(y);
  binary.a = {a_last.data(), a_last.dtype()};
  binary.b = test::elements_of(second);
  test::run_each(binary, binary.space.num_packs());
  TestTensor wanted_last{{240}, std::vector<double>(240), DType::kBFloat16};
  ops::for_each_offset<2>(
      shape, {ops::row_major_strides(shape), last}, [&](const std::array<int64_t, 2>& at) {
        wanted_last.values[static_cast<size_t>(at[1])] = wanted.values[static_cast<size_t>(at[0])];
      });
  CHECK(test::difference(y, wanted_last, 1) == "");
}

TEST_CASE("a divisor and an activation come last, and the result may lie in A's place") {
  for (const int64_t size : test::kSizes) {
    for (const int pack : {1, kPack}) {
      const TestTensor a = test::stored_tensor({size}, DType::kFloat32, 10);
      const TestTensor b = test::stored_tensor({size}, DType::kFloat32, 11);
      Tensor both = test::to_tensor(a);
      const Tensor second = test::to_tensor(b);
      Binary binary = plan({size}, {size}, {size});
      binary.space.pack = pack;
      binary.divisor = 3;
      binary.clamp = {0, 1};
      binary.y = test::elements_of(both);
      binary.a = {both.data(), both.dtype()};
      binary.b = test::elements_of(second);
      test::run_each(binary, binary.space.num_packs());
      const TestTensor wanted = test::broadcast({a, b}, [](std::span<const double> values) {
        return std::fmin(1, std::fmax(0, (values[0] + values[1]) / 3));
      });
      CHECK(test::difference(both, wanted, 2) == "");
    }
  }
}

TEST_CASE("binary functions write nothing behind the last element") {
  for (const int64_t size : test::kSizes) {
    const Tensor x = test::to_tensor(test::counting_tensor({size + kPack}));
    Tensor y = test::fenced(DType::kFloat16, size);
    Binary binary = plan({size}, {size}, {size});
    binary.y = test::elements_of(y);
    binary.a = test::elements_of(x);
    binary.b = test::elements_of(x);
    test::run_each(binary, binary.space.num_packs());
    CHECK(test::is_fence_whole(y, size));
  }
}

TEST_CASE("comparisons give bools") {
  const Tensor a = test::to_tensor({{9}, {1, 2, 3, kNan, 5, 6, 7, 8, 9}, DType::kFloat16});
  const Tensor b = test::to_tensor({{1}, {3}, DType::kFloat16});
  Tensor y = test::unwritten(DType::kBool, {9});
  Binary binary = plan({9}, {9}, {1});
  binary.function = BinaryFunction::kLessOrEqual;
  binary.y = test::elements_of(y);
  binary.a = test::elements_of(a);
  binary.b = test::elements_of(b);
  test::run_each(binary, binary.space.num_packs());
  const TestTensor wanted{{9}, {1, 1, 1, 0, 0, 0, 0, 0, 0}, DType::kBool};
  CHECK(test::difference(y, wanted, 0) == "");
}

TEST_CASE("Max and Min are NaN where one of the two is") {
  const Tensor a = test::to_tensor({{3}, {kNan, 1, 2}});
  const Tensor b = test::to_tensor({{3}, {1, kNan, 3}});
  for (const auto function : {BinaryFunction::kMax, BinaryFunction::kMin}) {
    Tensor y = test::unwritten(DType::kFloat32, {3});
    Binary binary = plan({3}, {3}, {3});
    binary.function = function;
    binary.y = test::elements_of(y);
    binary.a = test::elements_of(a);
    binary.b = test::elements_of(b);
    test::run_each(binary, binary.space.num_packs());
    const double last = function == BinaryFunction::kMax ? 3 : 2;
    CHECK(test::difference(y, {{3}, {kNan, kNan, last}}, 0) == "");
  }
}

}  // namespace synsight::cuda
