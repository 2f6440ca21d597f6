// SPDX-License-Identifier: Apache-2.0
// Whole small networks in each precision, node by node.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "tests/native/cuda/runs.h"
#include "tests/native/cuda/small_networks.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

struct Storage {
  std::string name;
  Precision precision;
  double tolerance;  // of the range, for these networks' few layers
};

// Several times what has been seen on the stand-in: 1.2e-7, 4e-4 and 3e-3. It rounds no products,
// as tf32 does.
const Storage kStorages[] = {{"f32", Precision::kFloat32, 2e-6},
                             {"tf32", Precision::kTf32, 2e-3},
                             {"f16", Precision::kFloat16, 2e-3},
                             {"bf16", Precision::kBFloat16, 1.5e-2}};

/// The output of each node of a run.
class Values final : public RunObserver {
 public:
  void after_node(const Node& node, double elapsed_ms) override {
    CHECK(elapsed_ms >= 0);
    nodes.push_back(node.name);
  }
  bool wants_outputs(const Node&) override { return true; }
  void output(const Node& node, const Value&, const TensorView& elements) override {
    CHECK(nodes.back() == node.name);
    values[node.name] = expect(Tensor::copy(elements));
  }

  std::vector<std::string> nodes;
  std::map<std::string, Tensor> values;
};

Values watch(Executable& executable, const Tensor& input) {
  Values values;
  const TensorView view = input.view();
  expect(run_once(executable, {&view, 1}, {nullptr, {}, &values}));
  return values;
}

Values watch_reference(Graph graph, const Tensor& input) {
  expect(optimize::optimize(graph));
  return watch(*expect(ReferenceBackend().compile(std::move(graph), {})), input);
}

/// All but those that only give a value another shape, in order.
std::vector<std::string> nodes_that_run(const Executable& executable) {
  std::vector<std::string> names;
  for (const NodePlan& node : executable.plan()) {
    if (node.kernel != "alias") names.push_back(node.node->name);
  }
  CHECK(names.size() + 2 >= executable.graph().nodes.size());
  return names;
}

}  // namespace

TEST_CASE("networks answer as the reference does, in every precision and batch") {
  for (const SmallNetwork& network : small_networks()) {
    for (const Storage& storage : kStorages) {
      CAPTURE(network.name);
      CAPTURE(storage.name);
      const auto executable = compile_for_cuda(network.build(), storage.precision);
      for (const int64_t batch : {1, 3}) {
        const Tensor input = random_pictures(with_batch(network.input, batch), 5);
        const Tensor found = run(*executable, input);
        const double off = difference(found, reference_output(network.build(), input));
        CHECK(off < storage.tolerance);
        // A network that is stored in f32 after all would pass.
        if (storage.precision >= Precision::kFloat16) CHECK(off > 1e-5);
        CHECK(difference(run(*executable, input), found) <= storage.tolerance / 100);
      }
    }
  }
}

TEST_CASE("observers get what every node gives as the reference does, in f32") {
  for (const SmallNetwork& network : small_networks()) {
    for (const Storage& storage : kStorages) {
      CAPTURE(network.name);
      CAPTURE(storage.name);
      const Tensor input = random_pictures(with_batch(network.input, 2), 7);
      const Values wanted = watch_reference(network.build(), input);
      const auto executable = compile_for_cuda(network.build(), storage.precision);
      const Values found = watch(*executable, input);
      CHECK(found.nodes == nodes_that_run(*executable));
      for (const std::string& name : found.nodes) {
        CAPTURE(name);
        REQUIRE(found.values.contains(name));
        REQUIRE(wanted.values.contains(name));
        const double off = difference(found.values.at(name), wanted.values.at(name));
        CHECK(off < 5 * storage.tolerance);  // some have a small range
      }
      const Tensor output = reference_output(network.build(), input);
      CHECK(difference(run(*executable, input), output) < storage.tolerance);
    }
  }
}

TEST_CASE("the sums of a quantised network fit into half precision") {
  const auto build = [] {
    GraphBuilder b;
    const ValueId zero = b.initializer("zero", {{}, {128}, DType::kUInt8});
    const ValueId x_scale = b.initializer("x_scale", {{}, {0.01}});
    const ValueId y_scale = b.initializer("y_scale", {{}, {0.5}});
    const ValueId x = b.input("x", {1, 64, 4, 4});
    const ValueId x_q = b.node("QuantizeLinear", {x, x_scale, zero});
    const ValueId x_d = b.node("DequantizeLinear", {x_q, x_scale, zero});
    // Of one sign, so that sums of integers pass 65504 by far.
    const ValueId w_q =
        b.initializer("w_q", random_tensor({16, 64, 1, 1}, 2, 90, 128, DType::kInt8));
    const ValueId w_scale = b.initializer("w_scale", {{}, {0.004}});
    const ValueId layer = b.node("Conv", {x_d, b.node("DequantizeLinear", {w_q, w_scale})});
    const ValueId y_q = b.node("QuantizeLinear", {layer, y_scale, zero});
    return b.finish({b.node("DequantizeLinear", {y_q, y_scale, zero})});
  };
  const Tensor input = to_tensor(random_tensor({1, 64, 4, 4}, 3, 0.3, 1.27));
  const Tensor wanted = reference_output(build(), input);
  const auto values = wanted.as<float>();
  CHECK(*std::max_element(values.begin(), values.end()) < 63);  // 65504 would be the highest step
  CHECK(*std::min_element(values.begin(), values.end()) > 10);
  for (const Storage& storage : kStorages) {
    CAPTURE(storage.name);
    const auto executable = compile_for_cuda(build(), storage.precision);
    const Tensor found = run(*executable, input);
    const float steps = storage.precision == Precision::kBFloat16 ? 2 : 1;
    for (size_t i = 0; i < values.size(); ++i) {
      CHECK(std::abs(found.as<float>()[i] - values[i]) <=
            (storage.precision >= Precision::kFloat16 ? steps : 0) * 0.5F);
    }
  }
}

}  // namespace synsight::test
