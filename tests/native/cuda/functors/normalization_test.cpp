// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/normalization.h"

#include <array>
#include <cmath>

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

using Axes = std::vector<cuda::StridedAxis>;

struct Moments {
  double mean = 0;
  double inverse_deviation = 0;
};

Moments moments_of(const std::vector<double>& values, double epsilon) {
  const auto count = static_cast<double>(values.size());
  Moments moments;
  for (const double value : values) moments.mean += value / count;
  double variance = 0;
  for (const double value : values) {
    variance += (value - moments.mean) * (value - moments.mean) / count;
  }
  moments.inverse_deviation = 1 / std::sqrt(variance + epsilon);
  return moments;
}

}  // namespace

TEST_CASE("Layer normalization gives each row mean 0 and deviation 1, scaled and shifted") {
  for_each_storage([&](auto type) {
    using T = decltype(type);
    const auto check = [](auto functor, int64_t length, bool has_bias) {
      const int64_t num_rows = 4;
      // Far from 0, where a difference of sums would keep no digits.
      const auto x = random_elements<T>(static_cast<size_t>(num_rows * length), 1, 90, 110);
      const auto scale = random_elements<float>(static_cast<size_t>(length), 2);
      const auto bias = random_elements<float>(static_cast<size_t>(length), 3);
      auto y = unwritten_elements<T>(num_rows * length);
      auto means = unwritten_elements<float>(num_rows);
      auto deviations = unwritten_elements<float>(num_rows);
      functor.x = x.data();
      functor.y = y.data();
      functor.scale = scale.data();
      functor.bias = has_bias ? bias.data() : nullptr;
      functor.means = means.data();
      functor.inverse_deviations = deviations.data();
      functor.rows = cuda::StridedMap(Axes{{num_rows, length}});
      functor.inner = functor.scale_inner = functor.bias_inner =
          cuda::StridedMap(Axes{{length, 1}});
      functor.length = length;
      functor.epsilon = 1e-3f;
      run_rows(functor, num_rows);
      std::vector<double> wanted;
      std::vector<double> wanted_means;
      std::vector<double> wanted_deviations;
      for (int64_t row = 0; row < num_rows; ++row) {
        std::vector<double> values;
        for (int64_t i = 0; i < length; ++i) values.push_back(at(x, row * length + i));
        const Moments moments = moments_of(values, 1e-3);
        wanted_means.push_back(moments.mean);
        wanted_deviations.push_back(moments.inverse_deviation);
        for (int64_t i = 0; i < length; ++i) {
          const double normalized =
              (at(x, row * length + i) - moments.mean) * moments.inverse_deviation;
          wanted.push_back(normalized * at(scale, i) + (has_bias ? at(bias, i) : 0));
        }
      }
      // A rounding of the mean, of size 100, is divided by the deviation, of size 6.
      check_elements(y, wanted, allowed_error<T>(100, max_magnitude(wanted) + 1));
      check_elements(means, wanted_means, allowed_error<float>(length, 110));
      check_elements(deviations, wanted_deviations, allowed_error<float>(length, 1));
    };
    check(cuda::NormalizeRows<T, 1>{}, 37, false);
    check(cuda::NormalizeRows<T, 1>{}, 37, true);
    check(cuda::NormalizeRows<T, cuda::kFullWidth<T>>{}, 3 * cuda::kFullWidth<T>, true);
  });
}

namespace {

/// Group normalization of [2,C,7] in groups of `group` channels.
template <typename T, int kWidth>
void check_groups(int64_t group, bool is_last) {
  const int64_t num_images = 2;
  const int64_t num_groups = 3;
  const int64_t num_channels = num_groups * group;
  const int64_t pixels = is_last ? 7 : int64_t{2} * kWidth;
  const int64_t count = num_images * num_channels * pixels;
  const auto x = random_elements<T>(static_cast<size_t>(count), 1, -2, 3);
  const auto scale = random_elements<float>(static_cast<size_t>(num_channels), 2);
  const auto bias = random_elements<float>(static_cast<size_t>(num_channels), 3);
  auto y = unwritten_elements<T>(count);
  cuda::NormalizeRows<T, kWidth> functor;
  functor.x = x.data();
  functor.y = y.data();
  functor.scale = scale.data();
  functor.bias = bias.data();
  functor.rows = cuda::StridedMap(
      Axes{{num_images, num_channels * pixels}, {num_groups, group * (is_last ? 1 : pixels)}});
  functor.parameter_rows = cuda::StridedMap(Axes{{num_images, 0}, {num_groups, group}});
  functor.inner = cuda::StridedMap(is_last ? Axes{{pixels, num_channels}, {group, 1}}
                                           : Axes{{group, pixels}, {pixels, 1}});
  functor.scale_inner = functor.bias_inner =
      cuda::StridedMap(is_last ? Axes{{pixels, 0}, {group, 1}} : Axes{{group, 1}, {pixels, 0}});
  functor.parameter_step = is_last ? 1 : 0;
  functor.length = group * pixels;
  functor.epsilon = 1e-5f;
  functor.clamp = {-1, 1};
  run_rows(functor, num_images * num_groups);

  const auto place = [&](int64_t n, int64_t c, int64_t pixel) {
    return is_last ? (n * pixels + pixel) * num_channels + c
                   : (n * num_channels + c) * pixels + pixel;
  };
  std::vector<double> wanted(static_cast<size_t>(count));
  for (int64_t n = 0; n < num_images; ++n) {
    for (int64_t c = 0; c < num_channels; ++c) {
      std::vector<double> values;
      for (int64_t other = c / group * group; other < c / group * group + group; ++other) {
        for (int64_t p = 0; p < pixels; ++p) values.push_back(at(x, place(n, other, p)));
      }
      const Moments moments = moments_of(values, 1e-5);
      for (int64_t p = 0; p < pixels; ++p) {
        const int64_t to = place(n, c, p);
        const double normalized = (at(x, to) - moments.mean) * moments.inverse_deviation;
        wanted[static_cast<size_t>(to)] =
            std::clamp(normalized * at(scale, c) + at(bias, c), -1.0, 1.0);
      }
    }
  }
  check_elements(y, wanted, allowed_error<T>(24, 2));
}

}  // namespace

TEST_CASE("Group normalization takes the moments of a group of channels, in both layouts") {
  for_each_storage([&](auto type) {
    using T = decltype(type);
    for (const bool is_last : {false, true}) {
      check_groups<T, 1>(2, is_last);
      check_groups<T, 1>(1, is_last);
      check_groups<T, cuda::kFullWidth<T>>(cuda::kFullWidth<T>, is_last);
    }
  });
}

TEST_CASE("Batch normalization scales and shifts each channel") {
  for_each_storage([&](auto type) {
    using T = decltype(type);
    constexpr int kWidth = cuda::kFullWidth<T>;
    const int64_t num_channels = 2 * kWidth;
    const auto check = [&](int64_t inner, auto functor, int width) {
      const int64_t count = 3 * num_channels * inner;
      const auto x = random_elements<T>(static_cast<size_t>(count), 1, -2, 3);
      const auto scale = random_elements<float>(static_cast<size_t>(num_channels), 2);
      const auto bias = random_elements<float>(static_cast<size_t>(num_channels), 3);
      const auto mean = random_elements<float>(static_cast<size_t>(num_channels), 4);
      const auto variance = random_elements<float>(static_cast<size_t>(num_channels), 5, 0.1, 2);
      auto folded = unwritten_elements<float>(2 * num_channels);
      auto y = unwritten_elements<T>(count);
      run_each(cuda::FoldStatistics{scale.data(), bias.data(), mean.data(), variance.data(), 1e-3f,
                                    folded.data(), folded.data() + num_channels},
               num_channels);
      functor = {x.data(),
                 y.data(),
                 folded.data(),
                 folded.data() + num_channels,
                 cuda::Divider(inner),
                 cuda::Divider(num_channels),
                 {-3, 3}};
      run_each(functor, count / width);
      std::vector<double> wanted;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t c = i / inner % num_channels;
        const double factor = at(scale, c) / std::sqrt(at(variance, c) + 1e-3);
        wanted.push_back(std::clamp((at(x, i) - at(mean, c)) * factor + at(bias, c), -3.0, 3.0));
      }
      check_elements(y, wanted, allowed_error<T>(32, 4));
    };
    check(1, cuda::ScaleChannels<T, kWidth>{}, kWidth);
    check(kWidth * 3, cuda::ScaleChannels<T, kWidth>{}, kWidth);
    check(5, cuda::ScaleChannels<T, 1>{}, 1);
  });
}

TEST_CASE("Local response normalization divides by the neighbouring channels' squares") {
  const int64_t num_channels = 7;
  for_each_storage([&](auto type) {
    using T = decltype(type);
    for (const int64_t inner : {1, 4}) {
      for (const int64_t size : {1, 4, 5, 20}) {
        const int64_t count = 3 * num_channels * inner;
        const auto x = random_elements<T>(static_cast<size_t>(count), 1, -2, 3);
        auto y = unwritten_elements<T>(count);
        cuda::NormalizeAcrossChannels<T> functor;
        functor.x = x.data();
        functor.y = y.data();
        functor.inner = cuda::Divider(inner);
        functor.num_channels = cuda::Divider(num_channels);
        functor.before = (size - 1) / 2;
        functor.after = size / 2;
        functor.factor = 0.5f;
        functor.beta = 0.75f;
        functor.bias = 2;
        run_each(functor, count);
        std::vector<double> wanted;
        for (int64_t i = 0; i < count; ++i) {
          const int64_t c = i / inner % num_channels;
          double sum = 0;
          for (int64_t other = 0; other < num_channels; ++other) {
            if (other < c - (size - 1) / 2 || other > c + size / 2) continue;
            const double neighbour = at(x, i + (other - c) * inner);
            sum += neighbour * neighbour;
          }
          wanted.push_back(at(x, i) / std::pow(2 + 0.5 * sum, 0.75));
        }
        check_elements(y, wanted, allowed_error<T>(16, 2));
      }
    }
  });
}

TEST_CASE("Statistics move towards those that were found") {
  const std::vector<float> given = {1, -2};
  std::vector<float> statistics = {3, 6};
  run_each(cuda::MoveStatistics{given.data(), statistics.data(), 0.75F}, 2);
  CHECK(statistics == std::vector<float>{1.5F, 0});
}

}  // namespace synsight::test
