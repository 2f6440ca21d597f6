// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "core/backend/xnnpack/xnnpack_backend.h"
#include "tests/support/compare.h"
#include "tests/support/conv_oracle.h"
#include "tests/support/expect.h"
#include "tests/support/op_case.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace {

struct ConvolutionCase {
  const char* description;
  Shape x;
  int64_t num_filters;
  int64_t kernel;
  int64_t stride = 1;
  bool has_bias = true;
  ActivationRange activation = {};
};

// 128 filters of 4 KB, or 32 of 18 KB, are a part of 512 KB at most.
const ConvolutionCase kCases[] = {
    {"one part", {1, 1024, 5, 7}, 128, 1},
    {"two parts", {1, 1024, 5, 7}, 256, 1},
    {"two equal parts and a smaller one", {1, 1024, 5, 7}, 300, 1},
    {"four parts and a smaller one, batch 2", {2, 1024, 3, 5}, 600, 1},
    {"more input than weights", {1, 1024, 13, 13}, 160, 1},
    {"two unequal parts", {1, 1024, 5, 7}, 160, 1},
    {"five parts of 3x3", {1, 512, 9, 8}, 140, 3, 2},
    {"without a bias, a clamp", {1, 512, 9, 8}, 128, 3, 2, false, {-0.5f, 1.25f}},
};

Graph build(const ConvolutionCase& c, const TestTensor& x, const TestTensor& w,
            const TestTensor& b) {
  const std::vector<int64_t> strides(2, c.stride);
  const std::vector<int64_t> pads(4, c.kernel / 2);
  OpNode node{"Conv", 11, {{"strides", strides}, {"pads", pads}}, {fed(x), constant(w)}};
  if (c.has_bias) node.inputs.push_back(constant(b));
  Graph graph = build_graph(node, {true});
  graph.nodes[0].activation = c.activation;
  return graph;
}

double element(const ConvolutionCase& c, const TestTensor& x, const TestTensor& w,
               const TestTensor& b, std::span<const int64_t> y) {
  const ConvWindow window = {.strides = std::vector<int64_t>(2, c.stride),
                             .pads = std::vector<int64_t>(2, c.kernel / 2)};
  const double sum = conv_sum(x, w, window, y);
  return std::clamp(c.has_bias ? sum + b.values[static_cast<size_t>(y[1])] : sum,
                    static_cast<double>(c.activation.min), static_cast<double>(c.activation.max));
}

}  // namespace

TEST_CASE("A convolution in parts is the direct sum, whichever thread computes a part") {
  for (const ConvolutionCase& c : kCases) {
    const TestTensor x = random_tensor(c.x, 1);
    const TestTensor w = random_tensor({c.num_filters, c.x[1], c.kernel, c.kernel}, 2);
    const TestTensor b = random_tensor({c.num_filters}, 3);
    const Shape y = {c.x[0], c.num_filters, (c.x[2] - 1) / c.stride + 1,
                     (c.x[3] - 1) / c.stride + 1};
    const TestTensor wanted =
        generate(y, [&](std::span<const int64_t> index) { return element(c, x, w, b, index); });
    const auto length = static_cast<int>(c.x[1] * c.kernel * c.kernel);
    const double allowed = tolerance(length, DType::kFloat32, max_magnitude(wanted.values));
    for (const int num_threads : {1, 2, 3}) {
      CAPTURE(c.description);
      CAPTURE(num_threads);
      auto executable = expect(XnnpackBackend().compile(build(c, x, w, b), {num_threads}));
      const Tensor input = to_tensor(x);
      const TensorView view = input.view();
      const auto outputs = expect(run_once(*executable, {&view, 1}));
      CHECK(executable->plan()[0].kernel == "xnn convolution");
      CHECK(mismatch(outputs[0].view(), wanted, allowed) == "");
    }
  }
}

}  // namespace synsight::test
