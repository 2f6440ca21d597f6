// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/quantized_convolution.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/native/cuda/functors/functor_test.h"
#include "tests/native/cuda/functors/images.h"

namespace synsight::test {

namespace {

/// A layer's constants, and its bytes of X with both ends of their range among them.
struct Layer {
  bool is_signed = false;  // X and Y
  int x_zero = 0;
  int y_zero = 0;
  std::vector<uint8_t> x;
  std::vector<int8_t> weights;
  std::vector<int32_t> bias;
  std::vector<float> scales;
  std::vector<float> offsets;
  cuda::Clamp clamp;
  float y_step = 1;

  Layer(int64_t num_x, int64_t num_weights, int64_t num_filters, bool has_signed_values)
      : is_signed(has_signed_values), x_zero(is_signed ? -117 : 3), y_zero(is_signed ? 5 : 251) {
    std::mt19937 random(1);
    const auto between = [&](int low, int high) {
      return low + static_cast<int>(random() % static_cast<uint32_t>(high - low + 1));
    };
    for (int64_t i = 0; i < num_x; ++i) x.push_back(static_cast<uint8_t>(between(0, 255)));
    x[0] = 0x7f;
    x[1] = 0x80;
    for (int64_t i = 0; i < num_weights; ++i) {
      weights.push_back(static_cast<int8_t>(between(-128, 127)));
    }
    for (int64_t m = 0; m < num_filters; ++m) {
      bias.push_back(between(-10000, 10000));
      scales.push_back(m % 3 == 0 ? 0.5F : 0.0037F * static_cast<float>(m));  // halves, too
      offsets.push_back(m % 4 == 0 ? 0 : 11.25F * static_cast<float>(m));
    }
    if (!is_signed) return;
    clamp = {-300, 700};
    y_step = 5.7F;
  }

  int64_t level(int64_t i) const {
    const int byte = x[static_cast<size_t>(i)];
    return (is_signed && byte > 127 ? byte - 256 : byte) - x_zero;
  }
  uint8_t wanted(int64_t sum, int64_t channel) const {
    const auto m = static_cast<size_t>(channel);
    const float scaled = std::fma(static_cast<float>(sum + bias[m]), scales[m], offsets[m]);
    const float clamped = std::min(std::max(scaled, clamp.min), clamp.max);
    const double level = std::nearbyint(static_cast<double>(clamped / y_step)) + y_zero;
    const double low = is_signed ? -128 : 0;
    const int saturated = static_cast<int>(std::min(std::max(level, low), low + 255));
    return static_cast<uint8_t>(saturated);
  }

  template <typename Functor>
  void set(Functor& functor, std::vector<uint8_t>& y) const {
    functor.x = x.data();
    functor.weights = weights.data();
    functor.y = y.data();
    functor.levels = {static_cast<uint8_t>(is_signed ? 0x80 : 0), x_zero + (is_signed ? 128 : 0)};
    functor.requantize = {bias.data(),
                          scales.data(),
                          offsets.data(),
                          clamp,
                          y_step,
                          static_cast<float>(y_zero),
                          is_signed ? cuda::Clamp{-128, 127} : cuda::Clamp{0, 255}};
  }
};

size_t size_of(int64_t count) { return static_cast<size_t>(count); }

void check_direct(const TestImages& images, int64_t num_groups, int64_t num_filters,
                  bool is_signed) {
  const int64_t num_taps = images.axes[0].taps * images.axes[1].taps * images.axes[2].taps;
  const int64_t group_channels = images.num_channels / num_groups;
  const Layer layer(images.num_images * images.num_channels * images.num_pixels(false),
                    num_filters * group_channels * num_taps, num_filters, is_signed);
  const int64_t num_outputs = images.num_images * num_filters * images.num_pixels(true);
  std::vector<uint8_t> y(size_of(num_outputs));
  cuda::QuantizedConvolution functor;
  layer.set(functor, y);
  functor.input = images.map(false, images.num_channels);
  functor.output = images.map(true, num_filters);
  images.set_window(functor.window);
  functor.group_filters = cuda::Divider(num_filters / num_groups);
  functor.group_channels = group_channels;
  functor.num_taps = num_taps;
  run_each(functor, num_outputs);

  std::vector<uint8_t> wanted(y.size());
  for (int64_t n = 0; n < images.num_images; ++n) {
    for (int64_t m = 0; m < num_filters; ++m) {
      const int64_t first = m / (num_filters / num_groups) * group_channels;
      for (int64_t pixel = 0; pixel < images.num_pixels(true); ++pixel) {
        int64_t sum = 0;
        images.for_each_tap(pixel, [&](int64_t from, int64_t tap, bool) {
          for (int64_t c = 0; from >= 0 && c < group_channels; ++c) {
            sum += layer.level(images.place(false, images.num_channels, n, first + c, from)) *
                   layer.weights[size_of((m * num_taps + tap) * group_channels + c)];
          }
        });
        wanted[size_of(images.place(true, num_filters, n, m, pixel))] = layer.wanted(sum, m);
      }
    }
  }
  CHECK(y == wanted);
}

cuda::FilterAxis filter_axis(const TestAxis& axis) {
  const auto small = [](int64_t number) { return static_cast<int>(number); };
  return {small(axis.input),  small(axis.output()), small(axis.taps),
          small(axis.stride), small(axis.dilation), small(axis.pad)};
}

template <int kWidth>
void check_depthwise(TestImages images, int64_t num_channels, bool is_signed) {
  images.num_channels = num_channels;
  images.is_last = true;
  const int64_t num_taps = images.axes[1].taps * images.axes[2].taps;
  const Layer layer(images.num_images * num_channels * images.num_pixels(false),
                    num_taps * num_channels, num_channels, is_signed);
  const int64_t num_outputs = images.num_images * num_channels * images.num_pixels(true);
  std::vector<uint8_t> y(size_of(num_outputs));
  cuda::QuantizedDepthwise<kWidth> functor;
  layer.set(functor, y);
  functor.num_channels = num_channels;
  functor.rows = filter_axis(images.axes[1]);
  functor.columns = filter_axis(images.axes[2]);
  functor.packs = cuda::Divider(num_channels / kWidth);
  functor.output_columns = cuda::Divider(functor.columns.output);
  functor.output_rows = cuda::Divider(functor.rows.output);
  run_each(functor, num_outputs / kWidth);

  std::vector<uint8_t> wanted(y.size());
  for (int64_t n = 0; n < images.num_images; ++n) {
    for (int64_t c = 0; c < num_channels; ++c) {
      for (int64_t pixel = 0; pixel < images.num_pixels(true); ++pixel) {
        int64_t sum = 0;
        images.for_each_tap(pixel, [&](int64_t from, int64_t tap, bool) {
          if (from < 0) return;
          sum += layer.level(images.place(false, num_channels, n, c, from)) *
                 layer.weights[size_of(tap * num_channels + c)];
        });
        wanted[size_of(images.place(true, num_channels, n, c, pixel))] = layer.wanted(sum, c);
      }
    }
  }
  CHECK(y == wanted);
}

}  // namespace

TEST_CASE("an 8-bit convolution gives its sums over one, two and three axes in both layouts") {
  for (TestImages images : image_cases()) {
    for (const bool is_last : {false, true}) {
      images.is_last = is_last;
      for (const bool is_signed : {false, true}) {
        check_direct(images, 1, 5, is_signed);
        check_direct(images, 2, 4, is_signed);
        check_direct(images, 6, 12, is_signed);
      }
    }
  }
}

TEST_CASE("an 8-bit convolution with a filter a channel gives its sums") {
  for (const TestImages& images : image_cases()) {
    if (images.axes[0].input != 1) continue;
    for (const bool is_signed : {false, true}) {
      check_depthwise<1>(images, 7, is_signed);
      check_depthwise<4>(images, 12, is_signed);
    }
  }
}

TEST_CASE("sums become bytes to the nearest, halves to the even, within their range") {
  const int32_t bias[] = {0};
  const float scales[] = {0.5F};
  const float offsets[] = {0};
  const cuda::Requantize of_uint8{bias, scales, offsets, {}, 1, 3, {0, 255}};
  const cuda::Requantize of_int8{bias, scales, offsets, {}, 1, -3, {-128, 127}};
  CHECK(of_uint8(1, 0) == 3);   // 0.5
  CHECK(of_uint8(3, 0) == 5);   // 1.5
  CHECK(of_uint8(5, 0) == 5);   // 2.5
  CHECK(of_uint8(-1, 0) == 3);  // -0.5
  CHECK(of_uint8(-3, 0) == 1);  // -1.5
  CHECK(of_uint8(-100, 0) == 0);
  CHECK(of_uint8(504, 0) == 255);
  CHECK(of_uint8(506, 0) == 255);
  CHECK(of_uint8(INT32_MAX, 0) == 255);
  CHECK(of_int8(INT32_MIN, 0) == 0x80);
  CHECK(of_int8(INT32_MAX, 0) == 0x7f);
  CHECK(of_int8(-10, 0) == 0xf8);
}

TEST_CASE(
    "what is added to the products, and clamps them, comes before they are divided by a step") {
  const int32_t bias[] = {2};
  const float scales[] = {0.5F};
  const float offsets[] = {0.25F};
  const cuda::Requantize functor{bias, scales, offsets, {-1, 6}, 0.5F, 10, {0, 255}};
  CHECK(functor(0, 0) == 12);    // 1.25 / 0.5 is 2.5
  CHECK(functor(1, 0) == 14);    // 1.75 / 0.5 is 3.5
  CHECK(functor(100, 0) == 22);  // 6 / 0.5
  CHECK(functor(-100, 0) == 8);  // -1 / 0.5
}

}  // namespace synsight::test
