// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/unary.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"

namespace synsight::cuda {

namespace {

using test::TestTensor;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// A function with its parameters a and b, by its definition in doubles.
struct Row {
  UnaryFunction function;
  double (*oracle)(double x, double a, double b);
  float a = 0;
  float b = 0;
  double low = -6;
  double high = 6;
  double at_nan = kNan;
};

double softplus_of(double x) { return std::log(1 + std::exp(x)); }

const Row kRows[] = {
    {UnaryFunction::kIdentity, [](double x, double, double) { return x; }},
    {UnaryFunction::kAbs, [](double x, double, double) { return x < 0 ? -x : x; }},
    {UnaryFunction::kCeil, [](double x, double, double) { return std::ceil(x); }},
    {UnaryFunction::kCelu,
     [](double x, double a, double) {
       return std::fmax(0, x) + std::fmin(0, a * (std::exp(x / a) - 1));
     },
     1.5F},
    {UnaryFunction::kClip,
     [](double x, double a, double b) { return std::fmin(b, std::fmax(a, x)); }, -1.25F, 3.5F},
    {UnaryFunction::kCos, [](double x, double, double) { return std::cos(x); }},
    {UnaryFunction::kElu,
     [](double x, double a, double) { return x < 0 ? a * (std::exp(x) - 1) : x; }, 0.7F},
    {UnaryFunction::kErf, [](double x, double, double) { return std::erf(x); }},
    {UnaryFunction::kExp, [](double x, double, double) { return std::exp(x); }},
    {UnaryFunction::kFloor, [](double x, double, double) { return std::floor(x); }},
    {UnaryFunction::kGelu,
     [](double x, double, double) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
    {UnaryFunction::kGeluByTanh,
     [](double x, double, double) {
       return x / 2 *
              (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * std::pow(x, 3))));
     }},
    {UnaryFunction::kHardSigmoid,
     [](double x, double a, double b) { return std::fmax(0, std::fmin(1, a * x + b)); }, 0.2F,
     0.5F},
    {UnaryFunction::kHardSwish,
     [](double x, double, double) { return x * std::fmax(0, std::fmin(1, x / 6 + 0.5)); }},
    {UnaryFunction::kIsInf, [](double, double, double) { return 0.0; }, 1, 1, -6, 6, 0},
    {UnaryFunction::kIsNaN, [](double, double, double) { return 0.0; }, 0, 0, -6, 6, 1},
    {UnaryFunction::kLeakyRelu, [](double x, double a, double) { return x < 0 ? a * x : x; }, 0.1F},
    {UnaryFunction::kLog, [](double x, double, double) { return std::log(x); }, 0, 0, 0.1, 6},
    {UnaryFunction::kMish, [](double x, double, double) { return x * std::tanh(softplus_of(x)); }},
    {UnaryFunction::kNeg, [](double x, double, double) { return -x; }},
    {UnaryFunction::kNot, [](double x, double, double) { return x == 0 ? 1.0 : 0.0; }, 0, 0, -6, 6,
     0},
    {UnaryFunction::kReciprocal, [](double x, double, double) { return 1 / x; }, 0, 0, 0.5, 6},
    {UnaryFunction::kRelu, [](double x, double, double) { return x > 0 ? x : 0; }},
    {UnaryFunction::kRound, [](double x, double, double) { return std::nearbyint(x); }},
    {UnaryFunction::kSelu,
     [](double x, double a, double b) {
       return b * (std::fmax(0, x) + std::fmin(0, a * std::exp(x) - a));
     },
     1.6F, 1.05F},
    {UnaryFunction::kSigmoid, [](double x, double, double) { return 1 / (1 + std::exp(-x)); }},
    {UnaryFunction::kSign,
     [](double x, double, double) { return x < 0   ? -1.0
                                           : x > 0 ? 1.0
                                                   : 0.0; }},
    {UnaryFunction::kSin, [](double x, double, double) { return std::sin(x); }},
    {UnaryFunction::kSoftplus, [](double x, double, double) { return softplus_of(x); }},
    {UnaryFunction::kSoftsign, [](double x, double, double) { return x / (1 + std::fabs(x)); }},
    {UnaryFunction::kSqrt, [](double x, double, double) { return std::sqrt(x); }, 0, 0, 0, 6},
    {UnaryFunction::kSwish, [](double x, double a, double) { return x / (1 + std::exp(-a * x)); },
     1.7F},
    {UnaryFunction::kTan, [](double x, double, double) { return std::tan(x); }, 0, 0, -1.4, 1.4},
    {UnaryFunction::kTanh, [](double x, double, double) { return std::tanh(x); }},
    {UnaryFunction::kThresholdedRelu, [](double x, double a, double) { return x > a ? x : 0; },
     2.5F},
};

Tensor run(const Row& row, const Tensor& x, DType dtype, const Clamp& clamp = {}) {
  Tensor y = test::unwritten(dtype, x.shape());
  const Unary unary{.function = row.function,
                    .alpha = row.a,
                    .beta = row.b,
                    .clamp = clamp,
                    .num_elements = static_cast<int64_t>(x.shape().num_elements()),
                    .y = test::elements_of(y),
                    .x = test::elements_of(x)};
  test::run_each(unary, unary.num_packs());
  return y;
}

TestTensor apply(const Row& row, const TestTensor& x, DType dtype) {
  TestTensor y{x.shape, {}, dtype};
  for (const double value : x.values) y.values.push_back(row.oracle(value, row.a, row.b));
  return y;
}

}  // namespace

TEST_CASE("unary functions are right for every storage and size") {
  for (const Row& row : kRows) {
    CAPTURE(&row - kRows);
    for (const DType dtype : test::kStorages) {
      CAPTURE(dtype_name(dtype));
      for (const int64_t size : test::kSizes) {
        CAPTURE(size);
        const TestTensor x = test::stored_tensor({size}, dtype, 3, row.low, row.high);
        const Tensor y = run(row, test::to_tensor(x), dtype);
        CHECK(test::difference(y, apply(row, x, dtype), 1, 8) == "");
      }
    }
  }
}

TEST_CASE("unary functions read one type and write another") {
  const Row& row = kRows[0];
  for (const DType from : test::kStorages) {
    for (const DType to : test::kStorages) {
      const TestTensor x = test::stored_tensor({29}, from, 4);
      const Tensor y = run(row, test::to_tensor(x), to);
      CHECK(test::mismatch(y.view(), test::to_tensor({x.shape, x.values, to}).view(), 0) == "");
    }
  }
}

TEST_CASE("what is not a number stays so") {
  for (const Row& row : kRows) {
    CAPTURE(&row - kRows);
    for (const int64_t size : {1, 8}) {
      const auto count = static_cast<size_t>(size);
      const Tensor x = test::to_tensor({{size}, std::vector<double>(count, kNan)});
      const TestTensor wanted{{size}, std::vector<double>(count, row.at_nan)};
      CHECK(test::difference(run(row, x, DType::kFloat32), wanted, 0) == "");
    }
  }
}

TEST_CASE("the ends of the range give the functions' limits") {
  const auto at = [](UnaryFunction function, double x) {
    const Tensor tensor = test::to_tensor({{1}, {x}});
    return test::to_doubles(run({function, nullptr, 1, 1}, tensor, DType::kFloat32).view())[0];
  };
  CHECK(at(UnaryFunction::kSigmoid, -kInf) == 0);
  CHECK(at(UnaryFunction::kSigmoid, -1000) == 0);
  CHECK(at(UnaryFunction::kSigmoid, 1000) == 1);
  CHECK(at(UnaryFunction::kSoftplus, 1000) == 1000);
  CHECK(at(UnaryFunction::kSoftplus, -1000) == 0);
  CHECK(at(UnaryFunction::kMish, 1000) == 1000);
  CHECK(at(UnaryFunction::kGelu, 1000) == 1000);
  CHECK(at(UnaryFunction::kGelu, -1000) == 0);
  CHECK(at(UnaryFunction::kElu, -1000) == -1);
  CHECK(at(UnaryFunction::kIsInf, -kInf) == 1);
  CHECK(at(UnaryFunction::kIsInf, kInf) == 1);
  CHECK(at(UnaryFunction::kRound, 2.5) == 2);
  CHECK(at(UnaryFunction::kRound, 3.5) == 4);
  CHECK(at(UnaryFunction::kLog, 0) == -kInf);
}

TEST_CASE("IsInf can be asked for one sign") {
  const Tensor x = test::to_tensor({{4}, {-kInf, kInf, 1, kNan}});
  const Row negative{UnaryFunction::kIsInf, nullptr, 1, 0};
  CHECK(test::difference(run(negative, x, DType::kBool), {{4}, {1, 0, 0, 0}, DType::kBool}, 0) ==
        "");
  const Row positive{UnaryFunction::kIsInf, nullptr, 0, 1};
  CHECK(test::difference(run(positive, x, DType::kBool), {{4}, {0, 1, 0, 0}, DType::kBool}, 0) ==
        "");
}

TEST_CASE("an activation follows the function, in place too") {
  const TestTensor x = test::stored_tensor({19}, DType::kFloat16, 5);
  TestTensor wanted = x;
  for (double& value : wanted.values) value = std::fmin(3, std::fmax(-0.5, -value));
  const Row row{UnaryFunction::kNeg, nullptr};
  CHECK(test::difference(run(row, test::to_tensor(x), DType::kFloat16, {-0.5F, 3}), wanted, 0) ==
        "");

  Tensor both = test::to_tensor(x);
  const Unary in_place{.function = UnaryFunction::kNeg,
                       .clamp = {-0.5F, 3},
                       .num_elements = 19,
                       .y = test::elements_of(both),
                       .x = {both.data(), both.dtype()}};
  test::run_each(in_place, in_place.num_packs());
  CHECK(test::difference(both, wanted, 0) == "");
}

TEST_CASE("bounds in the wrong order give the upper one, as ONNX says") {
  const Tensor x = test::to_tensor({{3}, {-5, 0, 5}});
  const Row clip{UnaryFunction::kClip, nullptr, 2, 1};
  CHECK(test::difference(run(clip, x, DType::kFloat32), {{3}, {1, 1, 1}}, 0) == "");
}

TEST_CASE("unary functions write nothing behind the last element") {
  for (const int64_t size : test::kSizes) {
    const Tensor x = test::to_tensor(test::counting_tensor({size + kPack}));
    Tensor y = test::fenced(DType::kBFloat16, size);
    const Unary unary{.num_elements = size, .y = test::elements_of(y), .x = test::elements_of(x)};
    test::run_each(unary, unary.num_packs());
    CHECK(test::is_fence_whole(y, size));
  }
}

}  // namespace synsight::cuda
