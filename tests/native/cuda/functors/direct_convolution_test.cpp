// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/direct_convolution.h"

#include "tests/native/cuda/functors/images.h"
#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

enum class Weights { kAsInOnnx, kFiltersLast };

template <typename T>
void check(const TestImages& images, int64_t num_groups, int64_t num_filters, Weights order,
           bool has_residual, cuda::Clamp clamp = {}) {
  const int64_t num_taps = images.axes[0].taps * images.axes[1].taps * images.axes[2].taps;
  const int64_t group_channels = images.num_channels / num_groups;
  const int64_t num_outputs = images.num_images * num_filters * images.num_pixels(true);
  const auto x = random_elements<T>(
      static_cast<size_t>(images.num_images * images.num_channels * images.num_pixels(false)), 1);
  const auto weights =
      random_elements<T>(static_cast<size_t>(num_filters * group_channels * num_taps), 2);
  const auto bias = random_elements<float>(static_cast<size_t>(num_filters), 3);
  const auto z = random_elements<T>(static_cast<size_t>(num_outputs), 4);
  auto y = unwritten_elements<T>(num_outputs);

  cuda::DirectConvolution<T> functor;
  functor.x = x.data();
  functor.weights = weights.data();
  functor.bias = bias.data();
  functor.z = has_residual ? z.data() : nullptr;
  functor.y = y.data();
  functor.input = images.map(false, images.num_channels);
  functor.output = images.map(true, num_filters);
  images.set_window(functor.window);
  functor.group_filters = cuda::Divider(num_filters / num_groups);
  functor.group_channels = group_channels;
  functor.filter_step = order == Weights::kAsInOnnx ? group_channels * num_taps : 1;
  functor.channel_step = order == Weights::kAsInOnnx ? num_taps : num_filters;
  functor.tap_step = order == Weights::kAsInOnnx ? 1 : num_filters * group_channels;
  functor.clamp = clamp;
  run_each(functor, num_outputs);

  std::vector<double> wanted(static_cast<size_t>(num_outputs));
  for (int64_t n = 0; n < images.num_images; ++n) {
    for (int64_t m = 0; m < num_filters; ++m) {
      const int64_t first = m / (num_filters / num_groups) * group_channels;
      for (int64_t pixel = 0; pixel < images.num_pixels(true); ++pixel) {
        double sum = static_cast<double>(bias[static_cast<size_t>(m)]);
        images.for_each_tap(pixel, [&](int64_t from, int64_t tap, bool) {
          for (int64_t c = 0; from >= 0 && c < group_channels; ++c) {
            const int64_t weight = order == Weights::kAsInOnnx
                                       ? (m * group_channels + c) * num_taps + tap
                                       : (tap * group_channels + c) * num_filters + m;
            sum += at(x, images.place(false, images.num_channels, n, first + c, from)) *
                   at(weights, weight);
          }
        });
        const int64_t to = images.place(true, num_filters, n, m, pixel);
        if (has_residual) sum += at(z, to);
        sum = std::max(sum, static_cast<double>(clamp.min));
        wanted[static_cast<size_t>(to)] = std::min(sum, static_cast<double>(clamp.max));
      }
    }
  }
  check_elements(y, wanted,
                 allowed_error<T>(group_channels * num_taps + 2, max_magnitude(wanted) + 1));
}

}  // namespace

TEST_CASE("A direct convolution gives its sums over one, two and three axes in both layouts") {
  for (TestImages images : image_cases()) {
    for (const bool is_last : {false, true}) {
      images.is_last = is_last;
      for_each_storage([&](auto type) {
        check<decltype(type)>(images, 1, 5, Weights::kFiltersLast, false);
        check<decltype(type)>(images, 2, 4, Weights::kAsInOnnx, false);
      });
    }
  }
}

TEST_CASE("A direct convolution may have a filter or several for each channel") {
  TestImages images = image_cases()[1];
  images.is_last = true;
  for_each_storage([&](auto type) {
    check<decltype(type)>(images, 6, 6, Weights::kFiltersLast, false);
    check<decltype(type)>(images, 6, 18, Weights::kFiltersLast, false);
  });
}

TEST_CASE("A direct convolution adds a residual before it clamps") {
  TestImages images = image_cases()[0];
  for (const bool is_last : {false, true}) {
    images.is_last = is_last;
    for_each_storage([&](auto type) {
      check<decltype(type)>(images, 3, 9, Weights::kFiltersLast, true, {0, 1.5f});
    });
  }
}

}  // namespace synsight::test
