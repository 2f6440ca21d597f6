// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/depthwise.h"

#include "tests/native/cuda/functors/storage.h"

namespace synsight::test {

namespace {

struct Axes {
  cuda::FilterAxis rows;
  cuda::FilterAxis columns;
};

int outputs_of(const cuda::FilterAxis& axis, int pad_end) {
  const int reach = (axis.taps - 1) * axis.dilation + 1;
  return (axis.input + axis.pad + pad_end - reach) / axis.stride + 1;
}

Axes make_axes(int height, int width, int taps, int stride, int pad, int pad_end,
               int dilation = 1) {
  Axes axes = {{height, 0, taps, stride, dilation, pad}, {width, 0, taps, stride, dilation, pad}};
  axes.rows.output = outputs_of(axes.rows, pad_end);
  axes.columns.output = outputs_of(axes.columns, pad_end);
  return axes;
}

template <typename T>
struct Depthwise {
  std::vector<T> x;
  std::vector<T> weights;
  std::vector<float> bias;
  std::vector<T> y;
  cuda::DepthwiseShape<T> shape;

  Depthwise(const Axes& axes, int64_t num_images, int64_t num_channels, cuda::Clamp clamp = {}) {
    const auto count = [&](int64_t pixels) { return static_cast<size_t>(pixels * num_channels); };
    x = random_elements<T>(count(num_images * axes.rows.input * axes.columns.input), 1);
    weights = random_elements<T>(count(axes.rows.taps * axes.columns.taps), 2);
    bias = random_elements<float>(count(1), 3);
    y = unwritten_elements<T>(num_images * axes.rows.output * axes.columns.output * num_channels);
    shape = {x.data(),     weights.data(), bias.data(),  y.data(), num_images,
             num_channels, axes.rows,      axes.columns, clamp};
  }

  double expected(int64_t n, int64_t row, int64_t column, int64_t c) const {
    double sum = static_cast<double>(bias.at(static_cast<size_t>(c)));
    for (int i = 0; i < shape.rows.taps; ++i) {
      for (int j = 0; j < shape.columns.taps; ++j) {
        const int64_t h = row * shape.rows.stride - shape.rows.pad + i * shape.rows.dilation;
        const int64_t w =
            column * shape.columns.stride - shape.columns.pad + j * shape.columns.dilation;
        if (h < 0 || h >= shape.rows.input || w < 0 || w >= shape.columns.input) continue;
        const int64_t pixel = (n * shape.rows.input + h) * shape.columns.input + w;
        const int64_t tap = i * shape.columns.taps + j;
        sum += at(x, pixel * shape.num_channels + c) * at(weights, tap * shape.num_channels + c);
      }
    }
    sum = std::max(sum, static_cast<double>(shape.clamp.min));
    return std::min(sum, static_cast<double>(shape.clamp.max));
  }

  template <typename Functor>
  void check(const Functor& functor) {
    run_each(functor, functor.count());
    std::vector<double> wanted;
    for (int64_t n = 0; n < shape.num_images; ++n) {
      for (int64_t row = 0; row < shape.rows.output; ++row) {
        for (int64_t column = 0; column < shape.columns.output; ++column) {
          for (int64_t c = 0; c < shape.num_channels; ++c) {
            wanted.push_back(expected(n, row, column, c));
          }
        }
      }
    }
    const int64_t num_taps = int64_t{shape.rows.taps} * shape.columns.taps;
    check_elements(y, wanted, allowed_error<T>(num_taps + 1, max_magnitude(wanted) + 1));
  }
};

template <int kTaps, int kStride, int kOutputs>
void check_row(const Axes& axes, cuda::Clamp clamp = {}) {
  for_each_storage([&](auto type) {
    using T = decltype(type);
    constexpr int kWidth = cuda::kFullWidth<T>;
    Depthwise<T> wide(axes, 2, 3 * kWidth, clamp);
    wide.check(cuda::DepthwiseRow<T, kTaps, kStride, kOutputs, kWidth>(wide.shape));
    Depthwise<T> narrow(axes, 2, 7 * kWidth / 4, clamp);
    narrow.check(cuda::DepthwiseRow<T, kTaps, kStride, 1, kWidth / 4>(narrow.shape));
  });
}

}  // namespace

TEST_CASE("A depthwise 3x3 filter gives its sums, four outputs an index") {
  check_row<3, 1, 4>(make_axes(5, 7, 3, 1, 1, 1));
}

TEST_CASE("A depthwise 3x3 filter of stride 2 copes with pads on one side only") {
  check_row<3, 2, 4>(make_axes(8, 10, 3, 2, 0, 1));
}

TEST_CASE("A depthwise 5x5 filter reaches over images smaller than itself") {
  check_row<5, 1, 4>(make_axes(3, 3, 5, 1, 2, 2));
}

TEST_CASE("A depthwise 5x5 filter of stride 2 gives one output an index") {
  check_row<5, 2, 1>(make_axes(9, 8, 5, 2, 2, 1));
}

TEST_CASE("A depthwise 7x7 filter gives two outputs an index") {
  check_row<7, 1, 2>(make_axes(9, 11, 7, 1, 3, 3));
}

TEST_CASE("A depthwise filter's rows may have another size, stride and dilation") {
  Axes axes = make_axes(9, 6, 3, 1, 1, 1);
  axes.rows = {9, 0, 2, 3, 4, 2};
  axes.rows.output = outputs_of(axes.rows, 1);
  check_row<3, 1, 2>(axes);
}

TEST_CASE("A depthwise filter's outputs are clamped") {
  check_row<3, 1, 4>(make_axes(4, 5, 3, 1, 1, 1), {-0.25f, 0.5f});
}

TEST_CASE("Any depthwise filter gives its sums") {
  const Axes cases[] = {make_axes(7, 5, 3, 1, 1, 1), make_axes(9, 11, 2, 3, 1, 0),
                        make_axes(9, 8, 3, 2, 2, 2, 2), make_axes(6, 6, 7, 1, 3, 3),
                        make_axes(4, 4, 1, 2, 0, 0)};
  for (const Axes& axes : cases) {
    for_each_storage([&](auto type) {
      using T = decltype(type);
      Depthwise<T> wide(axes, 2, 2 * cuda::kFullWidth<T>);
      wide.check(cuda::DepthwiseAny<T, cuda::kFullWidth<T>>(wide.shape));
      Depthwise<T> narrow(axes, 3, 5, {0, 1});
      narrow.check(cuda::DepthwiseAny<T, 1>(narrow.shape));
    });
  }
}

}  // namespace synsight::test
