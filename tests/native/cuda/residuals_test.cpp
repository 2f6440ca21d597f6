// SPDX-License-Identifier: Apache-2.0
// Adds that Convs do: when, and what comes of it.
#include "native/cuda/residuals.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "native/cuda/cuda_backend.h"
#include "tests/native/cuda/known_network.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

const Shape kImages = {2, 8, 6, 5};
const Filters kPixels = {.window = {1, 1}};
const Filters kHalf = {.count = 16, .stride = 2};
const Filters kHalfOfPixels = {.count = 16, .window = {1, 1}, .stride = 2};

/// Images as the backend stores them between nodes.
ValueId stored(KnownNetwork& network, const Shape& shape = kImages) {
  return network.negative(network.input(shape));
}

struct Case {
  const char* what;
  std::function<std::vector<ValueId>(KnownNetwork&)> build;  // the graph's outputs
  std::map<std::string, std::string> fused;                  // which Conv does an Add
};

std::vector<Case> fused_cases() {
  const auto block = [](KnownNetwork& network, const Filters& filters) {
    const ValueId x = stored(network);
    return network.add(network.convolve(x, filters), x);
  };
  return {
      {"an Add that gives an output",
       [=](KnownNetwork& n) { return std::vector{block(n, {})}; },
       {{"Add1", "Conv1"}}},
      {"an Add within the network",
       [=](KnownNetwork& n) { return std::vector{n.negative(block(n, {}))}; },
       {{"Add1", "Conv1"}}},
      {"without a bias",
       [=](KnownNetwork& n) { return std::vector{block(n, {.has_bias = false})}; },
       {{"Add1", "Conv1"}}},
      {"pixels by themselves",
       [=](KnownNetwork& n) { return std::vector{block(n, kPixels)}; },
       {{"Add1", "Conv1"}}},
      {"groups",
       [=](KnownNetwork& n) { return std::vector{block(n, {.group = 2})}; },
       {{"Add1", "Conv1"}}},
      {"the Conv as second operand",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(x, n.convolve(x))};
       },
       {{"Add1", "Conv1"}}},
      {"filters that are no whole unit",
       [](KnownNetwork& n) {
         const ValueId x = stored(n, {2, 10, 6, 5});
         return std::vector{n.add(n.convolve(x, {.count = 10}), x)};
       },
       {{"Add1", "Conv1"}}},
      {"along one axis",
       [](KnownNetwork& n) {
         const ValueId x = stored(n, {2, 8, 7});
         return std::vector{n.add(n.convolve(x, {.window = {3}}), x)};
       },
       {{"Add1", "Conv1"}}},
      {"the caller's pictures and residual",
       [](KnownNetwork& n) {
         const ValueId x = n.input({2, 3, 6, 5});
         const ValueId z = n.input(kImages);
         return std::vector{n.add(n.convolve(x), z)};
       },
       {{"Add1", "Conv1"}}},
      {"a constant residual",
       [](KnownNetwork& n) {
         const ValueId z = n.constant_image(kImages);
         return std::vector{n.add(n.convolve(stored(n)), z)};
       },
       {{"Add1", "Conv1"}}},
      {"two Convs, the shortcut's last",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId way = n.convolve(x, kHalf);
         return std::vector{n.add(way, n.convolve(x, kHalfOfPixels))};
       },
       {{"Add1", "Conv2"}}},
      {"two Convs, the shortcut's first",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId shortcut = n.convolve(x, kHalfOfPixels);
         return std::vector{n.add(n.convolve(x, kHalf), shortcut)};
       },
       {{"Add1", "Conv2"}}},
      {"Z is read again",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId y = n.add(n.convolve(x), x);
         return std::vector{n.add(y, x)};
       },
       {{"Add1", "Conv1"}}},
      {"blocks one after the other, each with a Conv between",
       [](KnownNetwork& n) {
         ValueId x = stored(n);
         for (int i = 0; i < 3; ++i) x = n.add(n.convolve(n.relu(n.convolve(x)), kPixels), x);
         return std::vector{n.negative(x)};
       },
       {{"Add1", "Conv2"}, {"Add2", "Conv4"}, {"Add3", "Conv6"}}},
      {"Z is the Add of the block before",
       [](KnownNetwork& n) {
         const ValueId first = n.input(kImages);
         const ValueId x = n.add(n.convolve(first), first);
         return std::vector{n.add(x, n.convolve(x)), x};
       },
       {{"Add1", "Conv1"}, {"Add2", "Conv2"}}},
      {"what is between the Conv and its Add",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         const ValueId other = n.negative(n.negative(x));
         return std::vector{n.negative(n.add(sums, x)), other};
       },
       {{"Add1", "Conv1"}}},
  };
}

std::vector<Case> other_cases() {
  return {
      {"the sums are read by another node, too",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(n.add(sums, x), sums)};
       },
       {}},
      {"the sums are an output",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(sums, x), sums};
       },
       {}},
      {"the sums are added to themselves",
       [](KnownNetwork& n) {
         const ValueId sums = n.convolve(stored(n));
         return std::vector{n.add(sums, sums)};
       },
       {}},
      {"the Conv has an activation of its own",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.relu(n.convolve(x)), x)};
       },
       {}},
      {"what is added broadcasts",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.convolve(x), n.input({1, 8, 1, 1}))};
       },
       {}},
      {"what is added is of one image",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.convolve(x), n.input({1, 8, 6, 5}))};
       },
       {}},
      {"the sums broadcast",
       [](KnownNetwork& n) {
         const ValueId x = stored(n, {1, 8, 6, 5});
         return std::vector{n.add(n.convolve(x), n.input(kImages))};
       },
       {}},
      {"what is added comes after the Conv",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(sums, n.negative(x))};
       },
       {}},
      {"a filter a channel",
       [](KnownNetwork& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.convolve(x, {.group = 8}), x)};
       },
       {}},
  };
}

std::map<std::string, std::string> fused_adds(const Executable& executable) {
  std::map<std::string, std::string> fused;
  for (const NodePlan& plan : executable.plan()) {
    if (plan.kernel.starts_with("in ")) fused[plan.node->name] = plan.kernel.substr(3);
  }
  return fused;
}

constexpr Precision kPrecisions[] = {Precision::kFloat32, Precision::kTf32, Precision::kFloat16,
                                     Precision::kBFloat16};

/// For a few layers that keep the size of their values.
double allowed(Precision precision, double magnitude) {
  if (precision == Precision::kFloat16) return tolerance(4, DType::kFloat16, magnitude);
  if (precision == Precision::kBFloat16) return tolerance(4, DType::kBFloat16, magnitude);
  return tolerance(32, DType::kFloat32, magnitude);
}

void check_value(const TensorView& found, const TestTensor& wanted, const KnownNetwork& network,
                 Precision precision) {
  CHECK(mismatch(found, wanted, allowed(precision, network.magnitude())) == "");
}

std::unique_ptr<Executable> compile(Graph graph, Precision precision, bool is_tuned = false) {
  CompileOptions options;
  options.precision = precision;
  options.is_tuned = is_tuned;
  return expect(CudaBackend().compile(std::move(graph), options));
}

void check_case(const Case& test_case, const Bounds& bounds, Precision precision, bool is_tuned) {
  CAPTURE(test_case.what);
  CAPTURE(bounds.max);
  CAPTURE(static_cast<int>(precision));
  KnownNetwork network(bounds);
  const std::vector<ValueId> outputs = test_case.build(network);
  const auto executable = compile(network.finish(outputs), precision, is_tuned);
  const std::vector<Tensor> found = expect(run_once(*executable, network.inputs()));
  CHECK(fused_adds(*executable) == test_case.fused);
  for (size_t i = 0; i < outputs.size(); ++i) {
    check_value(found[i].view(), network.at(outputs[i]), network, precision);
  }
}

/// Notes the nodes of a run, and the values of those that it wants.
class Watcher final : public RunObserver {
 public:
  explicit Watcher(bool wants_convs) : wants_convs_(wants_convs) {}

  void after_node(const Node& node, double elapsed_ms) override {
    CHECK(elapsed_ms >= 0);
    nodes.push_back(node.name);
  }
  bool wants_outputs(const Node& node) override { return wants_convs_ || node.op_type != "Conv"; }
  void output(const Node& node, const Value&, const TensorView& elements) override {
    CHECK(nodes.back() == node.name);
    values[node.name] = expect(Tensor::copy(elements));
  }

  std::vector<std::string> nodes;
  std::map<std::string, Tensor> values;

 private:
  bool wants_convs_;
};

}  // namespace

TEST_CASE("a Conv does the Add behind it, and its activation") {
  for (const Case& test_case : fused_cases()) {
    for (const Bounds& bounds : {Bounds{}, Bounds{0, kInfinity}, Bounds{-0.5, 0.75}}) {
      for (const Precision precision : kPrecisions) {
        check_case(test_case, bounds, precision, false);
        check_case(test_case, bounds, precision, true);
      }
    }
  }
}

TEST_CASE("an Add stays by itself where its Conv cannot do it") {
  for (const Case& test_case : other_cases()) {
    for (const Bounds& bounds : {Bounds{}, Bounds{0, kInfinity}}) {
      for (const Precision precision : kPrecisions) {
        check_case(test_case, bounds, precision, false);
      }
    }
  }
}

TEST_CASE("who watches a run gets the Add's value, and the Conv's where that is wanted") {
  for (const Case& test_case : fused_cases()) {
    CAPTURE(test_case.what);
    KnownNetwork network({});
    const auto executable = compile(network.finish(test_case.build(network)), Precision::kFloat32);
    const Tensor unwatched = std::move(expect(run_once(*executable, network.inputs()))[0]);
    for (const bool wants_convs : {true, false, false, true, true}) {
      CAPTURE(wants_convs);
      Watcher watcher(wants_convs);
      const auto outputs = expect(run_once(*executable, network.inputs(), {nullptr, {}, &watcher}));
      check_value(outputs[0].view(), {unwatched.shape(), to_doubles(unwatched.view())}, network,
                  Precision::kFloat32);
      CHECK(fused_adds(*executable) == test_case.fused);
      CHECK(watcher.nodes.size() == executable->graph().nodes.size());
      for (const Node& node : executable->graph().nodes) {
        CAPTURE(node.name);
        if (node.op_type == "Conv" && !wants_convs) continue;
        REQUIRE(watcher.values.contains(node.name));
        const std::string& value = executable->graph().value(node.outputs[0]).name;
        check_value(watcher.values.at(node.name).view(), network.at(value), network,
                    Precision::kFloat32);
      }
    }
    // The next run that nobody watches is as the first.
    const Tensor again = std::move(expect(run_once(*executable, network.inputs()))[0]);
    CHECK(mismatch(again.view(), unwatched.view(), 0) == "");
  }
}

TEST_CASE("shapes decide anew whether there is anything to fuse") {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {-1, 8, 4, 4});
  const ValueId z = builder.input("z", {-1, 8, 4, 4});
  const ValueId weights = builder.initializer("w", random_tensor({8, 8, 1, 1}, 1));
  Graph graph = builder.finish(
      {builder.node("Add", {builder.node("Conv", {x, weights}, {}, "conv"), z}, {}, "add")});
  const auto executable = compile(std::move(graph), Precision::kFloat32);
  for (const auto& [x_batch, z_batch] : {std::pair{2, 2}, {2, 1}, {1, 3}, {3, 3}, {0, 0}}) {
    const Shape shapes[] = {{x_batch, 8, 4, 4}, {z_batch, 8, 4, 4}};
    expect(executable->reshape(shapes));
    CHECK(fused_adds(*executable).size() == (x_batch == z_batch ? 1 : 0));
  }
}

TEST_CASE("a program that cannot be had for an observer is an error, and others run on") {
  KnownNetwork network({});
  const std::vector<ValueId> outputs = fused_cases()[0].build(network);
  const auto executable = compile(network.finish(outputs), Precision::kFloat32);
  expect(run_once(*executable, network.inputs()));
  cuda::set_standin_limit(cuda::standin_device_bytes());  // it needs one value more
  Watcher watcher(true);
  const auto watched = run_once(*executable, network.inputs(), {nullptr, {}, &watcher});
  REQUIRE(!watched.has_value());
  CHECK(watched.error().code == ErrorCode::kOutOfMemory);
  const std::vector<Tensor> found = expect(run_once(*executable, network.inputs()));
  check_value(found[0].view(), network.at(outputs[0]), network, Precision::kFloat32);
  cuda::set_standin_limit(std::nullopt);
  expect(run_once(*executable, network.inputs(), {nullptr, {}, &watcher}));
  CHECK(watcher.values.contains("Conv1"));
}

}  // namespace synsight::test
