// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/softmax.h"

#include <cmath>

#include "native/cuda/functors/arg_reduce.h"
#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

struct Axes {
  int64_t outer;
  int64_t length;
  int64_t inner;
};

constexpr Axes kCases[] = {{3, 1000, 1}, {2, 7, 5}, {1, 4, 9}, {4, 1, 1}};

template <typename T>
void check_softmax(const Axes& axes, double scale, bool is_log) {
  const int64_t count = axes.outer * axes.length * axes.inner;
  const auto x = random_elements<T>(static_cast<size_t>(count), 1, -scale, scale);
  auto y = unwritten_elements<T>(count);
  run_rows(cuda::Softmax<T>{x.data(), y.data(), axes.length, cuda::Divider(axes.inner), is_log, {}},
           axes.outer * axes.inner);
  std::vector<double> wanted;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first =
        i / (axes.length * axes.inner) * axes.length * axes.inner + i % axes.inner;
    double sum = 0;
    for (int64_t k = 0; k < axes.length; ++k) {
      sum += std::exp(at(x, first + k * axes.inner) - at(x, i));
    }
    wanted.push_back(is_log ? -std::log(sum) : 1 / sum);
  }
  // exp's argument has roundings of the size of the largest input.
  const auto roundings = static_cast<int64_t>(8 + 2 * scale);
  check_elements(y, wanted, allowed_error<T>(roundings, std::max(1.0, max_magnitude(wanted))));
}

template <typename T>
void check_arg(const Axes& axes, bool is_max, bool selects_last) {
  const int64_t count = axes.outer * axes.length * axes.inner;
  auto x = random_elements<T>(static_cast<size_t>(count), 1, -3, 3);
  for (T& element : x) cuda::from_float(std::trunc(cuda::to_float(element)), element);
  std::vector<int64_t> y(static_cast<size_t>(axes.outer * axes.inner), -7);
  run_rows(cuda::ArgReduce<T>{x.data(), y.data(), axes.length, cuda::Divider(axes.inner), is_max,
                              selects_last},
           axes.outer * axes.inner);
  for (int64_t row = 0; row < axes.outer * axes.inner; ++row) {
    const int64_t first = row / axes.inner * axes.length * axes.inner + row % axes.inner;
    int64_t best = 0;
    for (int64_t k = 1; k < axes.length; ++k) {
      const double value = at(x, first + k * axes.inner);
      const double current = at(x, first + best * axes.inner);
      const bool is_better = is_max ? value > current : value < current;
      if (is_better || (selects_last && value == current)) best = k;
    }
    REQUIRE(y[static_cast<size_t>(row)] == best);
  }
}

}  // namespace

TEST_CASE("Softmax gives exponentials that sum to 1, LogSoftmax their logarithms") {
  for (const Axes& axes : kCases) {
    for (const double scale : {3.0, 80.0}) {
      for_each_storage([&](auto type) {
        check_softmax<decltype(type)>(axes, scale, false);
        check_softmax<decltype(type)>(axes, scale, true);
      });
    }
  }
}

TEST_CASE("Softmax does not overflow") {
  const std::vector<float> x = {3e38f, 3e38f, -3e38f};
  std::vector<float> y(3);
  run_rows(cuda::Softmax<float>{x.data(), y.data(), 3, cuda::Divider(1), false, {}}, 1);
  CHECK(y == std::vector<float>{0.5f, 0.5f, 0});
}

TEST_CASE("ArgMax and ArgMin give the first or the last of equal elements") {
  for (const Axes& axes : kCases) {
    for (const bool selects_last : {false, true}) {
      for_each_storage([&](auto type) {
        check_arg<decltype(type)>(axes, true, selects_last);
        check_arg<decltype(type)>(axes, false, selects_last);
      });
    }
  }
}

TEST_CASE("ArgMax of elements that all are NaN or infinite is an index") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float low = -std::numeric_limits<float>::infinity();
  const std::vector<float> x = {nan, nan, low, low};
  std::vector<int64_t> y(2, -7);
  run_rows(cuda::ArgReduce<float>{x.data(), y.data(), 2, cuda::Divider(1)}, 2);
  CHECK(y == std::vector<int64_t>{0, 0});
}

}  // namespace synsight::test
