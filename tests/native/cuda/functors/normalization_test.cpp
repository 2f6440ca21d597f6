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
  const int64_t num_rows = 4;
  const int64_t length = 37;
  for_each_storage([&](auto type) {
    using T = decltype(type);
    for (const bool has_bias : {false, true}) {
      // Far from 0, where a difference of sums would keep no digits.
      const auto x = random_elements<T>(static_cast<size_t>(num_rows * length), 1, 90, 110);
      const auto scale = random_elements<float>(static_cast<size_t>(length), 2);
      const auto bias = random_elements<float>(static_cast<size_t>(length), 3);
      auto y = unwritten_elements<T>(num_rows * length);
      std::vector<float> means(static_cast<size_t>(num_rows));
      std::vector<T> deviations(static_cast<size_t>(num_rows));
      cuda::NormalizeRows<T> functor;
      functor.x = x.data();
      functor.y = y.data();
      functor.scale = scale.data();
      functor.bias = has_bias ? bias.data() : nullptr;
      functor.means = {means.data(), DType::kFloat32};
      functor.rows = cuda::StridedMap(Axes{{num_rows, length}});
      functor.inner = functor.scale_inner = functor.bias_inner =
          cuda::StridedMap(Axes{{length, 1}});
      functor.length = length;
      functor.epsilon = 1e-3f;
      run_rows(functor, num_rows);
      std::vector<double> wanted;
      std::vector<double> wanted_means;
      for (int64_t row = 0; row < num_rows; ++row) {
        std::vector<double> values;
        for (int64_t i = 0; i < length; ++i) values.push_back(at(x, row * length + i));
        const Moments moments = moments_of(values, 1e-3);
        wanted_means.push_back(moments.mean);
        for (int64_t i = 0; i < length; ++i) {
          const double normalized =
              (at(x, row * length + i) - moments.mean) * moments.inverse_deviation;
          wanted.push_back(normalized * at(scale, i) + (has_bias ? at(bias, i) : 0));
        }
      }
      // A rounding of the mean, of size 100, is divided by the deviation, of size 6.
      check_elements(y, wanted, allowed_error<T>(100, max_magnitude(wanted) + 1));
      check_elements(means, wanted_means, allowed_error<float>(length, 110));
    }
  });
}

TEST_CASE("Group normalization takes the moments of a group of channels, in both layouts") {
  const int64_t num_images = 2;
  const int64_t num_channels = 6;
  const int64_t num_groups = 3;
  const int64_t pixels = 7;
  const int64_t group = num_channels / num_groups;
  for_each_storage([&](auto type) {
    using T = decltype(type);
    for (const bool is_last : {false, true}) {
      const int64_t count = num_images * num_channels * pixels;
      const auto x = random_elements<T>(static_cast<size_t>(count), 1, -2, 3);
      const auto scale = random_elements<float>(static_cast<size_t>(num_channels), 2);
      const auto bias = random_elements<float>(static_cast<size_t>(num_channels), 3);
      auto y = unwritten_elements<T>(count);
      const int64_t channel_step = is_last ? 1 : pixels;
      cuda::NormalizeRows<T> functor;
      functor.x = x.data();
      functor.y = y.data();
      functor.scale = scale.data();
      functor.bias = bias.data();
      functor.rows = cuda::StridedMap(
          Axes{{num_images, num_channels * pixels}, {num_groups, group * channel_step}});
      functor.inner =
          cuda::StridedMap(Axes{{group, channel_step}, {pixels, is_last ? num_channels : 1}});
      functor.scale_rows = cuda::StridedMap(Axes{{num_images, 0}, {num_groups, group}});
      functor.scale_inner = functor.bias_inner = cuda::StridedMap(Axes{{group, 1}, {pixels, 0}});
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
      check_elements(y, wanted, allowed_error<T>(20, 2));
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
      auto y = unwritten_elements<T>(count);
      functor = {x.data(),    y.data(),        scale.data(),         bias.data(),
                 mean.data(), variance.data(), cuda::Divider(inner), cuda::Divider(num_channels),
                 1e-3f,       {-3, 3}};
      run_each(functor, count / width);
      std::vector<double> wanted;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t c = i / inner % num_channels;
        const double factor = at(scale, c) / std::sqrt(at(variance, c) + 1e-3);
        wanted.push_back(std::clamp((at(x, i) - at(mean, c)) * factor + at(bias, c), -3.0, 3.0));
      }
      check_elements(y, wanted, allowed_error<T>(24, 4));
    };
    check(1, cuda::NormalizeChannels<T, kWidth>{}, kWidth);
    check(kWidth * 3, cuda::NormalizeChannels<T, kWidth>{}, kWidth);
    check(5, cuda::NormalizeChannels<T, 1>{}, 1);
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

}  // namespace synsight::test
