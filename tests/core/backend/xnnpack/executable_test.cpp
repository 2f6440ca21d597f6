// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/backend/xnnpack/xnnpack_backend.h"
#include "core/base/memory.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/op_case.h"
#include "tests/support/run_graph.h"
#include "tests/support/test_tensor.h"

namespace synsight::test {

namespace {

/// Builds a graph node by node; every value but the input is named after the node that writes it.
class GraphMaker {
 public:
  ValueId input(const Shape& shape) {
    Value value;
    value.name = "x";
    value.dtype = DType::kFloat32;
    value.shape = shape;
    value.has_shape = true;
    const ValueId id = graph_.add_value(std::move(value));
    graph_.inputs.push_back(id);
    return id;
  }

  ValueId constant(const TestTensor& tensor) {
    return graph_.add_initializer("c" + std::to_string(graph_.values.size()), to_tensor(tensor));
  }

  ValueId node(const std::string& op_type, std::vector<ValueId> inputs,
               const std::vector<TestAttribute>& attributes = {}) {
    Value value;
    value.name = op_type + std::to_string(graph_.nodes.size());
    const ValueId output = graph_.add_value(std::move(value));
    Node made;
    made.name = graph_.value(output).name;
    made.op_type = op_type;
    made.opset = 17;
    made.inputs = std::move(inputs);
    made.outputs = {output};
    for (const TestAttribute& attribute : attributes) {
      if (const auto* number = std::get_if<int64_t>(&attribute.value)) {
        made.attributes.push_back({attribute.name, *number});
      } else {
        made.attributes.push_back(
            {attribute.name, std::get<std::vector<int64_t>>(attribute.value)});
      }
    }
    graph_.nodes.push_back(std::move(made));
    return output;
  }

  ValueId conv(ValueId x, const Shape& weights, uint32_t seed, const std::vector<int64_t>& pads) {
    return node("Conv", {x, constant(random_tensor(weights, seed))}, {{"pads", pads}});
  }

  Graph finish(std::vector<ValueId> outputs) {
    graph_.outputs = std::move(outputs);
    expect(validate(graph_));
    return std::move(graph_);
  }

 private:
  Graph graph_;
};

/// A network in which values change between layouts in many ways: it branches, concatenates, scales
/// by a squeezed branch, transposes, reshapes and returns a picture-shaped value beside its scores.
Graph mixed_network() {
  GraphMaker maker;
  const ValueId x = maker.input({-1, 3, -1, -1});
  const ValueId stem = maker.node("Relu", {maker.conv(x, {16, 3, 3, 3}, 1, {1, 1, 1, 1})});
  const ValueId left = maker.conv(stem, {24, 16, 3, 3}, 2, {1, 1, 1, 1});
  const ValueId right = maker.node("Sigmoid", {maker.conv(stem, {8, 16, 1, 1}, 3, {0, 0, 0, 0})});
  const ValueId both = maker.node("Concat", {left, right}, {{"axis", 1}});
  const ValueId pooled = maker.node("GlobalAveragePool", {both});
  const ValueId gate =
      maker.node("HardSigmoid", {maker.conv(pooled, {32, 32, 1, 1}, 4, {0, 0, 0, 0})});
  const ValueId gated = maker.node("Mul", {both, gate});
  const ValueId shifted = maker.node("Add", {gated, maker.constant(random_tensor({32, 1, 1}, 5))});
  const ValueId normed = maker.node("LRN", {shifted}, {{"size", 5}});
  const ValueId nhwc = maker.node("Transpose", {normed}, {{"perm", {0, 2, 3, 1}}});
  const ValueId scaled = maker.node("Mul", {nhwc, maker.constant(random_tensor({32}, 6))});
  const ValueId nchw = maker.node("Transpose", {scaled}, {{"perm", {0, 3, 1, 2}}});
  const ValueId max =
      maker.node("MaxPool", {nchw}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
  const ValueId mean = maker.node("ReduceMean", {max}, {{"axes", {2, 3}}, {"keepdims", 0}});
  const ValueId scores = maker.node("Gemm", {mean, maker.constant(random_tensor({32, 10}, 7))});
  return maker.finish({scores, max, stem});
}

void check_agreement(Executable& tested, const Tensor& input) {
  const TensorView view = input.view();
  const auto wanted = expect(run_graph(ReferenceBackend(), mixed_network(), {&view, 1}));
  const auto found = expect(run_once(tested, {&view, 1}));
  REQUIRE(found.size() == wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    CAPTURE(i);
    const double magnitude = max_magnitude(to_doubles(wanted[i].view()));
    const double allowed = tolerance(500, DType::kFloat32, magnitude);
    CHECK(mismatch(found[i].view(), wanted[i].view(), allowed) == "");
  }
}

size_t count_kernels(const Executable& executable, const std::string& kernel) {
  size_t count = 0;
  for (const NodePlan& plan : executable.plan()) count += plan.kernel == kernel ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("A network that changes layouts gives what the reference gives, for any batch and size") {
  for (const int num_threads : {1, 2}) {
    auto executable = expect(XnnpackBackend().compile(mixed_network(), {num_threads}));
    // The same packed weights serve every shape, and a shape that was there before.
    for (const Shape& shape : {Shape{1, 3, 24, 24}, Shape{5, 3, 24, 24}, Shape{2, 3, 17, 31},
                               Shape{1, 3, 24, 24}, Shape{1, 3, 2, 2}}) {
      CAPTURE(shape.to_string());
      check_agreement(*executable, to_tensor(random_tensor(shape, 11)));
    }
  }
}

TEST_CASE("Transposes between the layouts move nothing") {
  GraphMaker maker;
  const ValueId x = maker.input({1, 20, 20, 3});
  const ValueId nchw = maker.node("Transpose", {x}, {{"perm", {0, 3, 1, 2}}});
  const ValueId conv = maker.conv(nchw, {8, 3, 3, 3}, 1, {1, 1, 1, 1});
  const ValueId nhwc = maker.node("Transpose", {conv}, {{"perm", {0, 2, 3, 1}}});
  auto executable = expect(XnnpackBackend().compile(maker.finish({nhwc}), {}));
  const Shape shape = {1, 20, 20, 3};
  expect(executable->reshape({&shape, 1}));
  CHECK(count_kernels(*executable, "alias") == 2);
}

TEST_CASE("Packed weights are released, and those that a borrowed kernel reads are kept") {
  GraphMaker maker;
  const ValueId x = maker.input({1, 4, 9, 9});
  const ValueId weights = maker.constant(random_tensor({4, 4, 3, 3}, 1));
  const ValueId first = maker.node("Conv", {x, weights});
  const ValueId second = maker.node("Conv", {first, weights});  // packed twice, released once
  const ValueId slope = maker.constant(random_tensor({4, 1, 1}, 2));
  const ValueId rounded = maker.node("Mod", {second, slope}, {{"fmod", 1}});
  auto executable = expect(XnnpackBackend().compile(maker.finish({rounded}), {}));
  const Graph& graph = executable->graph();
  CHECK_FALSE(graph.value(weights).initializer.exists());
  CHECK(graph.value(weights).shape == Shape{4, 4, 3, 3});
  CHECK(graph.value(slope).initializer.exists());
  const Shape shape = {1, 4, 9, 9};
  expect(executable->reshape({&shape, 1}));
  CHECK(count_kernels(*executable, "borrowed") == 1);
}

TEST_CASE("A refused graph is left as it was, for another backend") {
  GraphMaker maker;
  const ValueId x = maker.input({1, 4});
  Graph graph = maker.finish({maker.node("NoSuchOperator", {x})});
  const auto refused = XnnpackBackend().compile(std::move(graph), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kUnsupportedOp);
  CHECK(refused.error().message.find("NoSuchOperator") != std::string::npos);
  CHECK(graph.nodes.size() == 1);  // NOLINT(bugprone-use-after-move): it was refused
}

TEST_CASE("Tables of pointers that do not fit in memory are refused before they are made") {
  const double available = available_memory();
  if (std::isinf(available)) return;  // the system does not say
  const auto pad = static_cast<int64_t>(std::sqrt(available / (16 * sizeof(void*))) * 0.6);
  GraphMaker maker;
  const ValueId x = maker.input({1, 3, 8, 8});
  const ValueId y = maker.conv(x, {10, 3, 4, 4}, 1, {pad, pad, pad, pad});
  auto executable = expect(XnnpackBackend().compile(maker.finish({y}), {}));
  const Shape shape = {1, 3, 8, 8};
  const Status status = executable->reshape({&shape, 1});
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::kOutOfMemory);
  CHECK(status.error().message.starts_with("node \"Conv0\" (Conv): a run needs "));
}

TEST_CASE("A run before reshape, or of other shapes, is refused") {
  auto executable = expect(XnnpackBackend().compile(mixed_network(), {}));
  Tensor input = to_tensor(random_tensor({1, 3, 8, 8}, 1));
  const TensorView view = input.view();
  const auto early = executable->run({&view, 1}, {}, {});
  REQUIRE_FALSE(early);
  CHECK(early.error().code == ErrorCode::kInvalidArgument);
  const Shape other = {2, 3, 8, 8};
  expect(executable->reshape({&other, 1}));
  std::vector<Tensor> outputs;
  std::vector<MutableTensorView> views;
  for (const Port& port : executable->outputs()) {
    outputs.push_back(expect(Tensor::allocate(port.dtype, port.shape)));
    views.push_back(outputs.back().mutable_view());
  }
  const auto wrong = executable->run({&view, 1}, views, {});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == ErrorCode::kShapeMismatch);
}

}  // namespace synsight::test
