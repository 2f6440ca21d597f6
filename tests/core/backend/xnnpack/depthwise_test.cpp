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

using ops::WindowAxis;

struct DepthwiseCase {
  const char* description;
  WindowAxis y;  // without `output`
  WindowAxis x;
  int64_t pad_end = 0;
  int64_t num_channels = 4;
  int64_t num_pictures = 1;
  bool has_bias = true;
  ActivationRange activation = {};
};

WindowAxis axis(int64_t input, int64_t kernel, int64_t stride, int64_t pad_begin,
                int64_t dilation = 1) {
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

int64_t num_outputs(const WindowAxis& axis, int64_t pad_end) {
  return (axis.input + axis.pad_begin + pad_end - axis.extent()) / axis.stride + 1;
}

/// [N,H,W,C], [C,kH,kW] and [C] -> one output.
double element(const DepthwiseCase& c, const TestTensor& x, const TestTensor& w,
               const TestTensor& b, std::span<const int64_t> y) {
  double sum = c.has_bias ? b.values[static_cast<size_t>(y[3])] : 0;
  for (int64_t ky = 0; ky < c.y.kernel; ++ky) {
    for (int64_t kx = 0; kx < c.x.kernel; ++kx) {
      const int64_t at[] = {y[0], y[1] * c.y.stride + ky * c.y.dilation - c.y.pad_begin,
                            y[2] * c.x.stride + kx * c.x.dilation - c.x.pad_begin, y[3]};
      const int64_t tap[] = {y[3], ky, kx};
      if (flat_index(x.shape, at)) sum += element_at(x, at) * element_at(w, tap);
    }
  }
  return std::clamp(sum, static_cast<double>(c.activation.min),
                    static_cast<double>(c.activation.max));
}

}  // namespace

TEST_CASE("A depthwise convolution row by row is the direct sum within its rounding") {
  for (DepthwiseCase c : kCases) {
    CAPTURE(c.description);
    c.y.output = num_outputs(c.y, c.pad_end);
    c.x.output = num_outputs(c.x, c.pad_end);
    const TestTensor x = random_tensor({c.num_pictures, c.y.input, c.x.input, c.num_channels}, 1);
    const TestTensor w = random_tensor({c.num_channels, c.y.kernel, c.x.kernel}, 2);
    const TestTensor b = random_tensor({c.num_channels}, 3);
    const Tensor pixels = to_tensor(x);
    const Tensor weights = to_tensor(w);
    const Tensor bias = to_tensor(b);
    const auto num_channels = static_cast<size_t>(c.num_channels);
    const auto num_taps = static_cast<size_t>(c.y.kernel * c.x.kernel);

    std::vector<float> packed(num_channels * (1 + num_taps));
    xnnpack::depthwise::pack_weights(num_channels, num_taps, weights.as<float>().data(),
                                     c.has_bias ? bias.as<float>().data() : nullptr, packed.data());
    const std::vector<float> zeros(num_channels);
    const Shape shape = {c.num_pictures, c.y.output, c.x.output, c.num_channels};
    Tensor y = expect(Tensor::allocate(DType::kFloat32, shape));
    for (int64_t row = 0; row < c.num_pictures * c.y.output; ++row) {
      xnnpack::depthwise::compute_row({c.y, c.x, num_channels}, static_cast<size_t>(row),
                                      pixels.as<float>().data(), packed.data(), zeros.data(),
                                      c.activation, y.as<float>().data());
    }

    const TestTensor wanted =
        generate(shape, [&](std::span<const int64_t> index) { return element(c, x, w, b, index); });
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
