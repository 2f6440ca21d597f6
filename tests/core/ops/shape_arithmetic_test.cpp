// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/backend/backend.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

TestTensor integer(double value) { return {{}, {value}, DType::kInt64}; }

// Splits the channels of [N,6,H,W] into two groups and interleaves them, with every dimension taken
// from the input, as PyTorch's exporter writes ShuffleNet.
Graph channel_shuffle() {
  GraphBuilder b;
  const ValueId x = b.input("x", {-1, 6, -1, -1});
  const ValueId shape = b.node("Shape", {x});
  const auto dim = [&](double axis) {
    return b.node("Gather", {shape, b.initializer("axis", integer(axis))});
  };
  const auto list = [&](ValueId scalar) {
    return b.node("Unsqueeze", {scalar, b.initializer("axes", integers({0}))});
  };
  const ValueId two = b.initializer("two", integer(2));
  const ValueId half = b.node("Cast", {b.node("Div", {dim(1), two})}, {{"to", 7}});
  const ValueId image = b.node(
      "Slice", {shape, b.initializer("from", integers({2})), b.initializer("to", integers({99}))});
  const ValueId grouped =
      b.node("Concat", {list(dim(0)), list(two), list(half), image}, {{"axis", 0}});
  const ValueId channels = b.node("Mul", {half, two});
  const ValueId joined = b.node("Concat", {list(dim(0)), list(channels), image}, {{"axis", 0}});
  const ValueId turned =
      b.node("Transpose", {b.node("Reshape", {x, grouped})}, {{"perm", {0, 2, 1, 3, 4}}});
  return b.finish({b.node("Reshape", {turned, joined})});
}

// x + the indices of its last axis, which Range, ConstantOfShape, Equal, Where and Expand build
// from its shape.
Graph position_sum() {
  GraphBuilder b;
  const ValueId x = b.input("x", {-1, -1});
  const ValueId shape = b.node("Shape", {x});
  const ValueId last = b.node("Gather", {shape, b.initializer("axis", integer(1))});
  const ValueId counted =
      b.node("Range", {b.initializer("zero", integer(0)), last, b.initializer("one", integer(1))});
  const ValueId rank = b.initializer("rank", integers({2}));
  const ValueId ones = b.node("ConstantOfShape", {rank}, {{"value", integers({1})}});
  const ValueId is_one = b.node("Equal", {shape, ones});
  const ValueId wanted = b.node("Where", {is_one, ones, shape});
  const ValueId positions = b.node("Expand", {b.node("Cast", {counted}, {{"to", 1}}), wanted});
  return b.finish({b.node("Add", {x, positions})});
}

TestTensor shuffled(const TestTensor& x) {
  const int64_t half = x.shape[1] / 2;
  return generate(x.shape, [&](std::span<const int64_t> i) {
    const int64_t channel = i[1] % 2 * half + i[1] / 2;
    return element_at(x, std::vector<int64_t>{i[0], channel, i[2], i[3]});
  });
}

void check(const Backend& backend, Graph (*build)(), const std::vector<Shape>& shapes,
           const std::function<TestTensor(const TestTensor&)>& oracle) {
  const auto executable = expect(backend.compile(build(), {}));
  for (const Shape& shape : shapes) {
    const TestTensor x = random_tensor(shape, 3);
    const Tensor input = to_tensor(x);
    const TensorView views[] = {input.view()};
    const std::vector<Tensor> outputs = expect(run_once(*executable, views));
    const std::string difference = mismatch(outputs[0].view(), oracle(x), 0);
    CHECK_MESSAGE(difference.empty(), backend.name(), " ", shape.to_string(), ": ", difference);
  }
}

}  // namespace

TEST_CASE("shapes that a network computes from its input follow the input") {
  for (const Backend* backend : all_backends()) {
    check(*backend, channel_shuffle, {{1, 6, 3, 2}, {2, 6, 1, 5}, {1, 6, 3, 2}}, shuffled);
    check(*backend, position_sum, {{2, 5}, {1, 3}}, [](const TestTensor& x) {
      return generate(x.shape, [&](std::span<const int64_t> i) {
        const double element = element_at(x, i);
        return static_cast<double>(static_cast<float>(element + static_cast<double>(i[1])));
      });
    });
  }
}

}  // namespace synsight::test
