// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/base/small_build.h"
#include "core/graph/attributes.h"
#include "tests/support/compare.h"
#include "tests/support/conv_oracle.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/op_case.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace {

struct WinogradCase {
  const char* description;
  Shape x;
  int64_t num_filters;
  std::vector<int64_t> pads;
  const char* auto_pad = nullptr;
  bool has_bias = true;
  ActivationRange activation = {};
};

// Sizes that leave tiles hanging over the right and lower edge, pads that differ from side to side,
// and more tiles than one block takes.
const WinogradCase kCases[] = {
    {"a multiple of the tile", {1, 16, 16, 16}, 16, {1, 1, 1, 1}},
    {"odd sizes", {1, 16, 13, 19}, 32, {1, 1, 1, 1}},
    {"no padding", {1, 32, 18, 15}, 16, {0, 0, 0, 0}},
    {"padding that differs", {1, 16, 14, 17}, 16, {2, 0, 1, 2}},
    {"SAME_UPPER", {1, 16, 15, 14}, 16, {1, 1, 1, 1}, "SAME_UPPER"},
    {"SAME_LOWER", {1, 16, 15, 14}, 16, {1, 1, 1, 1}, "SAME_LOWER"},
    {"batch 3 without a bias", {3, 16, 13, 13}, 48, {1, 1, 1, 1}, nullptr, false},
    {"filters in chunks", {1, 256, 16, 16}, 512, {1, 1, 1, 1}},
    {"several blocks", {1, 64, 45, 61}, 64, {1, 1, 1, 1}},
    {"a clamp", {1, 16, 13, 13}, 16, {1, 1, 1, 1}, nullptr, true, {-0.5f, 1.25f}},
};

Graph build(const WinogradCase& c, const TestTensor& x, const TestTensor& w, const TestTensor& b) {
  OpNode node{"Conv", 11, {}, {fed(x), constant(w)}};
  if (c.has_bias) node.inputs.push_back(constant(b));
  if (c.auto_pad != nullptr) {
    node.attributes.push_back({"auto_pad", c.auto_pad});
  } else {
    node.attributes.push_back({"pads", c.pads});
  }
  Graph graph = build_graph(node, {true});
  graph.nodes[0].activation = c.activation;
  return graph;
}

double element(const WinogradCase& c, const TestTensor& x, const TestTensor& w, const TestTensor& b,
               std::span<const int64_t> y) {
  const double sum = conv_sum(x, w, {.pads = c.pads}, y);
  return std::clamp(c.has_bias ? sum + b.values[static_cast<size_t>(y[1])] : sum,
                    static_cast<double>(c.activation.min), static_cast<double>(c.activation.max));
}

}  // namespace

TEST_CASE("Winograd's convolution is the direct sum within its rounding") {
  for (const int num_threads : {1, 2}) {
    for (const WinogradCase& c : kCases) {
      CAPTURE(c.description);
      CAPTURE(num_threads);
      const TestTensor x = random_tensor(c.x, 1);
      const TestTensor w = random_tensor({c.num_filters, c.x[1], 3, 3}, 2);
      const TestTensor b = random_tensor({c.num_filters}, 3);
      auto executable = expect(XnnpackBackend().compile(build(c, x, w, b), {num_threads}));
      const Tensor input = to_tensor(x);
      const TensorView view = input.view();
      const auto outputs = expect(run_once(*executable, {&view, 1}));
      CHECK(executable->plan()[0].kernel == "winograd convolution");

      const Shape y = {c.x[0], c.num_filters, c.x[2] + c.pads[0] + c.pads[2] - 2,
                       c.x[3] + c.pads[1] + c.pads[3] - 2};
      const TestTensor wanted =
          generate(y, [&](std::span<const int64_t> index) { return element(c, x, w, b, index); });
      const auto length = static_cast<size_t>(c.x[1]) * 9;
      const double allowed = tolerance(length, DType::kFloat32, max_magnitude(wanted.values));
      CHECK(mismatch(outputs[0].view(), wanted, allowed) == "");
    }
  }
}

TEST_CASE("A convolution that Winograd's way does not fit keeps XNNPACK's") {
  struct Other {
    const char* description;
    Shape x;
    Shape w;
    std::vector<TestAttribute> attributes;
  };
  const Other others[] = {
      {"5x5", {1, 16, 20, 20}, {16, 16, 5, 5}, {}},
      {"stride 2", {1, 16, 20, 20}, {16, 16, 3, 3}, {{"strides", {2, 2}}}},
      {"dilation 2", {1, 16, 20, 20}, {16, 16, 3, 3}, {{"dilations", {2, 2}}}},
      {"groups", {1, 32, 20, 20}, {32, 16, 3, 3}, {{"group", 2}}},
      {"channels that are no whole vectors", {1, 12, 20, 20}, {16, 12, 3, 3}, {}},
      {"too few tiles to share the weights", {1, 16, 8, 8}, {16, 16, 3, 3}, {}},
  };
  for (const Other& other : others) {
    CAPTURE(other.description);
    const TestTensor x = random_tensor(other.x, 1);
    Graph graph = build_graph(
        {"Conv", 11, other.attributes, {fed(x), constant(random_tensor(other.w, 2))}}, {true});
    auto executable = expect(XnnpackBackend().compile(std::move(graph), {}));
    const Shape shape = other.x;
    expect(executable->reshape({&shape, 1}));
    CHECK(executable->plan()[0].kernel == "xnn convolution");
  }
}

TEST_CASE("Sums of integers are exact") {
  TestTensor x = random_tensor({1, 16, 20, 20}, 1, 0, 256, DType::kInt32);
  TestTensor w = random_tensor({16, 16, 3, 3}, 2, -128, 128, DType::kInt32);
  x.dtype = w.dtype = DType::kFloat32;
  const OpNode node{"Conv", 11, {{kSumsIntegers, int64_t{1}}}, {fed(x), constant(w)}};
  auto executable = expect(XnnpackBackend().compile(build_graph(node, {true}), {}));
  const Tensor input = to_tensor(x);
  const TensorView view = input.view();
  const auto outputs = expect(run_once(*executable, {&view, 1}));
  const TestTensor wanted = generate(
      {1, 16, 18, 18}, [&](std::span<const int64_t> index) { return conv_sum(x, w, {}, index); });
  CHECK(mismatch(outputs[0].view(), wanted, 0) == "");
}

TEST_CASE("Where a network quantises its sums are direct") {
  const auto kernel_before = [](const std::string& op_type) {
    const Shape shape = {1, 16, 20, 20};
    GraphBuilder builder;
    const ValueId w = builder.initializer("w", random_tensor({16, 16, 3, 3}, 1));
    std::vector<ValueId> inputs = {builder.node("Conv", {builder.input("x", shape), w})};
    if (op_type == "QuantizeLinear") {
      inputs.push_back(builder.initializer("scale", counting_tensor({}, 0.5)));
    }
    const std::vector<ValueId> outputs =
        builder.node_with_outputs(op_type, inputs, op_type == "DynamicQuantizeLinear" ? 3 : 1);
    auto executable = expect(XnnpackBackend().compile(builder.finish(outputs), {}));
    expect(executable->reshape({&shape, 1}));
    return executable->plan()[0].kernel;
  };
  CHECK(kernel_before("QuantizeLinear") == "xnn convolution");
  // A small build has no DynamicQuantizeLinear.
  if (!kIsSmallBuild) CHECK(kernel_before("DynamicQuantizeLinear") == "xnn convolution");
  CHECK(kernel_before("Abs") == "winograd convolution");
}

}  // namespace synsight::test
