// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/reduce.h"

#include <array>
#include <cmath>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

using cuda::Reduction;

constexpr Reduction kAll[] = {Reduction::kL1,        Reduction::kL2,   Reduction::kLogSum,
                              Reduction::kLogSumExp, Reduction::kMax,  Reduction::kMean,
                              Reduction::kMin,       Reduction::kProd, Reduction::kSum,
                              Reduction::kSumSquare};

double reduce(Reduction reduction, const std::vector<double>& values) {
  double sum = 0;
  double product = 1;
  double magnitude = 0;
  double squares = 0;
  double exponentials = 0;
  for (const double value : values) {
    sum += value;
    product *= value;
    magnitude += std::abs(value);
    squares += value * value;
    exponentials += std::exp(value);
  }
  switch (reduction) {
    case Reduction::kL1:
      return magnitude;
    case Reduction::kL2:
      return std::sqrt(squares);
    case Reduction::kLogSum:
      return std::log(sum);
    case Reduction::kLogSumExp:
      return std::log(exponentials);
    case Reduction::kMax:
      return *std::max_element(values.begin(), values.end());
    case Reduction::kMean:
      return sum / static_cast<double>(values.size());
    case Reduction::kMin:
      return *std::min_element(values.begin(), values.end());
    case Reduction::kProd:
      return product;
    case Reduction::kSumSquare:
      return squares;
    default:
      return sum;
  }
}

/// X [outer,length,inner], reduced over the middle axis.
template <typename T>
struct Reduce {
  int64_t outer;
  int64_t length;
  int64_t inner;
  std::vector<T> x;
  std::vector<T> y;
  cuda::ReduceShape<T> shape;

  Reduce(Reduction reduction, int64_t outer_size, int64_t middle_size, int64_t inner_size)
      : outer(outer_size), length(middle_size), inner(inner_size) {
    // A sum whose logarithm is taken must be positive.
    x = random_elements<T>(static_cast<size_t>(outer * length * inner), 1,
                           reduction == Reduction::kLogSum ? 0.1 : -1.5, 1.5);
    y = unwritten_elements<T>(outer * inner);
    const std::array<cuda::StridedAxis, 2> outputs = {{{outer, length * inner}, {inner, 1}}};
    const std::array<cuda::StridedAxis, 1> elements = {{{length, inner}}};
    shape = {x.data(),
             y.data(),
             cuda::StridedMap(outputs),
             cuda::StridedMap(elements),
             outer * inner,
             length,
             reduction,
             {}};
  }

  void check() const {
    std::vector<double> wanted;
    double magnitude = 1.5;
    for (int64_t i = 0; i < outer; ++i) {
      for (int64_t j = 0; j < inner; ++j) {
        std::vector<double> values;
        for (int64_t k = 0; k < length; ++k) values.push_back(at(x, (i * length + k) * inner + j));
        wanted.push_back(reduce(shape.reduction, values));
        magnitude = std::max(magnitude, std::abs(wanted.back()));
      }
    }
    check_elements(y, wanted, allowed_error<T>(length + 4, magnitude));
  }
};

}  // namespace

TEST_CASE("Every reduction gives what its name says, along the last axis") {
  for (const Reduction reduction : kAll) {
    CAPTURE(static_cast<int>(reduction));
    for_each_storage([&](auto type) {
      using T = decltype(type);
      Reduce<T> alone(reduction, 5, 13, 1);
      run_each(cuda::ReduceAlone<T>{alone.shape}, 5);
      alone.check();
      Reduce<T> rows(reduction, 5, 13, 1);
      run_rows(cuda::ReduceRows<T, 1>{rows.shape, cuda::Divider(5), 13}, 5);
      rows.check();
    });
  }
}

TEST_CASE("Every reduction of channels-last images takes a pack of channels at once") {
  for (const Reduction reduction : kAll) {
    CAPTURE(static_cast<int>(reduction));
    for_each_storage([&](auto type) {
      using T = decltype(type);
      constexpr int kWidth = cuda::kFullWidth<T>;
      Reduce<T> images(reduction, 3, 21, 2 * kWidth);
      run_rows(cuda::ReduceRows<T, kWidth>{images.shape, cuda::Divider(6), 21}, 6);
      images.check();
    });
  }
}

TEST_CASE("A long reduction is done in parts, which are joined") {
  for (const Reduction reduction : kAll) {
    if (reduction == Reduction::kLogSumExp) continue;  // each part would subtract another number
    CAPTURE(static_cast<int>(reduction));
    for_each_storage([&](auto type) {
      using T = decltype(type);
      constexpr int kWidth = cuda::kFullWidth<T>;
      constexpr int64_t kOutputs = int64_t{2} * kWidth;
      Reduce<T> images(reduction, 2, 50, kWidth);
      auto partial = unwritten_elements<float>(4 * kOutputs);
      // 14, 14, 14 and 8 elements.
      run_rows(cuda::ReduceRows<T, kWidth>{images.shape, cuda::Divider(2), 14, partial.data()}, 8);
      run_each(cuda::JoinParts<T>{partial.data(), images.y.data(), kOutputs, 4, 50, reduction, {}},
               kOutputs);
      images.check();
    });
  }
}

TEST_CASE("LogSumExp does not overflow, and NaN goes through the extrema") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto run = [](Reduction reduction, const std::vector<float>& x) {
    std::vector<float> y = {77};
    cuda::ReduceShape<float> shape;
    const auto length = static_cast<int64_t>(x.size());
    const std::array<cuda::StridedAxis, 1> elements = {{{length, 1}}};
    shape.x = x.data();
    shape.y = y.data();
    shape.inner = cuda::StridedMap(elements);
    shape.num_outputs = 1;
    shape.length = length;
    shape.reduction = reduction;
    run_rows(cuda::ReduceRows<float, 1>{shape, cuda::Divider(1), length}, 1);
    return y[0];
  };
  CHECK(run(Reduction::kLogSumExp, {500, 500}) == doctest::Approx(500.693147));
  CHECK(run(Reduction::kLogSumExp, {-500, -500}) == doctest::Approx(-499.306853));
  CHECK(run(Reduction::kLogSumExp, {-infinity, -infinity}) == -infinity);
  CHECK(std::isnan(run(Reduction::kMax, {1, nan, 2})));
  CHECK(std::isnan(run(Reduction::kMin, {nan, 1, 2})));
  CHECK(run(Reduction::kMax, {-infinity}) == -infinity);
}

}  // namespace synsight::test
