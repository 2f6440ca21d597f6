// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/backend/xnnpack/depthwise_rows.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/base/simd.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/op_case.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace {

using xnnpack::depthwise::Axis;

struct DepthwiseCase {
  const char* description;
  Axis y;  // without `output`
  Axis x;
  size_t pad_end = 0;
  size_t num_channels = 4;
  size_t num_pictures = 1;
  bool has_bias = true;
  ActivationRange activation = {};
};

Axis axis(size_t input, size_t kernel, size_t stride, size_t pad_begin, size_t dilation = 1) {
  return {input, 0, kernel, stride, dilation, pad_begin};
}

// Windows that hang over each edge and over two at once, outputs that are no whole tiles or less
// than one, and more channels than one block takes.
const DepthwiseCase kCases[] = {
    {"3x3", axis(9, 3, 1, 1), axis(13, 3, 1, 1), 1, 8},
    {"3x3, more than a block of channels", axis(7, 3, 1, 1), axis(7, 3, 1, 1), 1, 132},
    {"3x3, stride 2", axis(11, 3, 2, 1), axis(16, 3, 2, 1), 1, 12},
    {"3x3, stride 2, SAME at even sizes", axis(12, 3, 2, 0), axis(16, 3, 2, 0), 1, 12},
    {"3x3, stride 3", axis(17, 3, 3, 1), axis(19, 3, 3, 0), 0, 4},
    {"3x3, dilation 2", axis(12, 3, 1, 2, 2), axis(15, 3, 1, 2, 2), 2, 4},
    {"5x5, two pictures", axis(14, 5, 1, 2), axis(15, 5, 1, 2), 2, 8, 2},
    {"5x5, stride 2", axis(15, 5, 2, 2), axis(27, 5, 2, 1), 2, 8},
    {"7x7 without a bias", axis(9, 7, 1, 3), axis(16, 7, 1, 3), 3, 4, 1, false},
    {"9x9, the most taps", axis(10, 9, 1, 4), axis(11, 9, 1, 4), 4, 4},
    {"1x3", axis(6, 1, 1, 0), axis(10, 3, 1, 1), 1, 4},
    {"one output a row", axis(8, 3, 1, 0), axis(3, 3, 1, 0), 0, 8},
    {"three outputs a row", axis(3, 3, 1, 1), axis(3, 3, 1, 1), 1, 8},
    {"a window larger than the picture", axis(2, 5, 1, 2), axis(2, 5, 1, 2), 2, 4},
    {"windows that lie in the padding", axis(3, 3, 1, 5), axis(6, 3, 1, 5), 5, 4},
    {"a clamp", axis(9, 3, 1, 1), axis(9, 3, 1, 1), 1, 8, 1, true, {-0.5f, 0.75f}},
};

size_t num_outputs(const Axis& axis, size_t pad_end) {
  const size_t extent = (axis.kernel - 1) * axis.dilation + 1;
  return (axis.input + axis.pad_begin + pad_end - extent) / axis.stride + 1;
}

bool read_position(const Axis& axis, size_t output, size_t tap, size_t& position) {
  position = output * axis.stride + tap * axis.dilation - axis.pad_begin;
  return position < axis.input;  // what is before the edge has wrapped around
}

}  // namespace

TEST_CASE("A depthwise convolution row by row is the direct sum within its rounding") {
  for (DepthwiseCase c : kCases) {
    CAPTURE(c.description);
    c.y.output = num_outputs(c.y, c.pad_end);
    c.x.output = num_outputs(c.x, c.pad_end);
    const auto dim = [](size_t size) { return static_cast<int64_t>(size); };
    const size_t num_taps = c.y.kernel * c.x.kernel;
    const Tensor x = to_tensor(random_tensor(
        {dim(c.num_pictures), dim(c.y.input), dim(c.x.input), dim(c.num_channels)}, 1));
    const Tensor w = to_tensor(random_tensor({dim(c.num_channels), dim(num_taps)}, 2));
    const Tensor b = to_tensor(random_tensor({dim(c.num_channels)}, 3));
    const auto pixels = x.as<float>();
    const auto weights = w.as<float>();
    const auto bias = b.as<float>();

    std::vector<float> packed(c.num_channels * (1 + num_taps));
    xnnpack::depthwise::pack_weights(c.num_channels, num_taps, weights.data(),
                                     c.has_bias ? bias.data() : nullptr, packed.data());
    const std::vector<float> zeros(c.num_channels);
    const Shape shape = {dim(c.num_pictures), dim(c.y.output), dim(c.x.output),
                         dim(c.num_channels)};
    Tensor y = expect(Tensor::allocate(DType::kFloat32, shape));
    for (size_t row = 0; row < c.num_pictures * c.y.output; ++row) {
      xnnpack::depthwise::compute_row({c.y, c.x, c.num_channels}, row, pixels.data(), packed.data(),
                                      zeros.data(), c.activation, y.as<float>().data());
    }

    const TestTensor wanted = generate(shape, [&](std::span<const int64_t> index) {
      const auto at = [&](size_t i) { return static_cast<size_t>(index[i]); };
      const size_t channel = at(3);
      double sum = c.has_bias ? bias[channel] : 0;
      for (size_t tap = 0; tap < num_taps; ++tap) {
        size_t from_y = 0;
        size_t from_x = 0;
        if (!read_position(c.y, at(1), tap / c.x.kernel, from_y)) continue;
        if (!read_position(c.x, at(2), tap % c.x.kernel, from_x)) continue;
        const size_t pixel = (at(0) * c.y.input + from_y) * c.x.input + from_x;
        sum += static_cast<double>(pixels[pixel * c.num_channels + channel]) *
               weights[channel * num_taps + tap];
      }
      return std::clamp(sum, static_cast<double>(c.activation.min),
                        static_cast<double>(c.activation.max));
    });
    const double allowed = tolerance(num_taps, DType::kFloat32, max_magnitude(wanted.values));
    CHECK(mismatch(y.view(), wanted, allowed) == "");
  }
}

TEST_CASE("A filter a channel is computed row by row where that is faster") {
  struct Filters {
    const char* description;
    Shape w;
    int64_t groups;
    bool fits;
  };
  const Filters all[] = {
      {"3x3", {16, 1, 3, 3}, 16, true},
      {"two filters a channel", {32, 1, 3, 3}, 16, false},
      {"channels that are no whole vectors", {6, 1, 3, 3}, 6, false},
      {"more taps than are taken", {16, 1, 10, 9}, 16, false},
  };
  for (const Filters& filters : all) {
    CAPTURE(filters.description);
    const TestTensor x = random_tensor({1, filters.groups, 20, 20}, 1);
    Graph graph = build_graph(
        {"Conv", 11, {{"group", filters.groups}}, {fed(x), constant(random_tensor(filters.w, 2))}},
        {true});
    auto executable = expect(XnnpackBackend().compile(std::move(graph), {}));
    const Shape shape = x.shape;
    expect(executable->reshape({&shape, 1}));
    const bool is_ours = filters.fits && simd_level() == SimdLevel::kBaseline;
    CHECK(executable->plan()[0].kernel == (is_ours ? "depthwise convolution" : "xnn convolution"));
  }
}

}  // namespace synsight::test
