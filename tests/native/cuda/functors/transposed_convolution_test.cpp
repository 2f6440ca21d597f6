// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/transposed_convolution.h"

#include <algorithm>

#include "tests/native/cuda/functors/images.h"
#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

/// The images' windows slide over Y, and what a convolution would give is X.
template <typename T>
void check(const TestImages& images, int64_t num_groups, int64_t group_channels,
           int64_t group_filters, cuda::Clamp clamp = {}) {
  const int64_t num_taps = images.axes[0].taps * images.axes[1].taps * images.axes[2].taps;
  const int64_t num_channels = num_groups * group_channels;
  const int64_t num_filters = num_groups * group_filters;
  const int64_t num_outputs = images.num_images * num_filters * images.num_pixels(false);
  const auto x = random_elements<T>(
      static_cast<size_t>(images.num_images * num_channels * images.num_pixels(true)), 1);
  const auto weights =
      random_elements<T>(static_cast<size_t>(num_channels * group_filters * num_taps), 2);
  const auto bias = random_elements<float>(static_cast<size_t>(num_filters), 3);
  auto y = unwritten_elements<T>(num_outputs);

  cuda::TransposedConvolution<T> functor;
  functor.x = x.data();
  functor.weights = weights.data();
  functor.bias = bias.data();
  functor.y = y.data();
  functor.input = images.map(true, num_channels);
  functor.output = images.map(false, num_filters);
  images.set_window(functor.window);
  functor.group_filters = cuda::Divider(group_filters);
  functor.group_channels = group_channels;
  functor.num_taps = num_taps;
  functor.clamp = clamp;
  run_each(functor, num_outputs);

  std::vector<double> wanted(static_cast<size_t>(num_outputs));
  for (int64_t n = 0; n < images.num_images; ++n) {
    for (int64_t m = 0; m < num_filters; ++m) {
      const auto sum_at = [&](int64_t pixel) -> double& {
        return wanted[static_cast<size_t>(images.place(false, num_filters, n, m, pixel))];
      };
      for (int64_t pixel = 0; pixel < images.num_pixels(false); ++pixel) {
        sum_at(pixel) = static_cast<double>(bias[static_cast<size_t>(m)]);
      }
      const int64_t first = m / group_filters * group_channels;
      for (int64_t from = 0; from < images.num_pixels(true); ++from) {
        images.for_each_tap(from, [&](int64_t to, int64_t tap, bool) {
          for (int64_t c = first; to >= 0 && c < first + group_channels; ++c) {
            sum_at(to) += at(x, images.place(true, num_channels, n, c, from)) *
                          at(weights, (c * group_filters + m % group_filters) * num_taps + tap);
          }
        });
      }
    }
  }
  for (double& value : wanted) {
    value = std::clamp(value, static_cast<double>(clamp.min), static_cast<double>(clamp.max));
  }
  check_elements(y, wanted,
                 allowed_error<T>(group_channels * num_taps + 1, max_magnitude(wanted) + 1));
}

}  // namespace

TEST_CASE("A transposed convolution gives its sums over one to three axes in both layouts") {
  for (TestImages images : image_cases()) {
    for (const bool is_last : {false, true}) {
      images.is_last = is_last;
      for_each_storage([&](auto type) {
        check<decltype(type)>(images, 1, 3, 5);
        check<decltype(type)>(images, 2, 2, 3, {-0.5F, 1});
        check<decltype(type)>(images, 4, 1, 1);
      });
    }
  }
}

}  // namespace synsight::test
