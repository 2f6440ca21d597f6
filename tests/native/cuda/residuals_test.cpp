// SPDX-License-Identifier: Apache-2.0
// Adds that Convs do: when, and what comes of it.
#include "native/cuda/residuals.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/optimize/optimize.h"
#include "native/cuda/cuda_backend.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What is done after an Add; ONNX's Relu or Clip does it.
struct Bounds {
  double min = -kInfinity;
  double max = kInfinity;
};

struct Filters {
  int64_t count = 8;
  std::vector<int64_t> window = {3, 3};
  int64_t stride = 1;
  int64_t group = 1;
  bool has_bias = true;
};

/// A network that is built along with what each value is, in doubles.
class Network {
 public:
  explicit Network(const Bounds& bounds) : bounds_(bounds) {}

  ValueId input(const Shape& shape) {
    const std::string name = "input" + std::to_string(++num_nodes_["input"]);
    const TestTensor elements = random_tensor(shape, ++seed_);
    inputs_.push_back(to_tensor(elements));
    return keep(builder_.input(name, shape), elements);
  }
  ValueId constant_image(const Shape& shape) {
    const TestTensor elements = random_tensor(shape, ++seed_);
    return keep(constant(elements), elements);
  }
  ValueId negative(ValueId x) {
    TestTensor y = at(x);
    for (double& value : y.values) value = -value;
    return keep(node("Neg", {x}), std::move(y));
  }
  /// Of the larger shape, and within the bounds.
  ValueId add(ValueId a, ValueId b) {
    const TestTensor& first = at(a);
    const TestTensor& second = at(b);
    const bool is_first = first.shape.num_elements() >= second.shape.num_elements();
    TestTensor y = generate((is_first ? first : second).shape, [&](auto index) {
      return broadcast(first, index) + broadcast(second, index);
    });
    return clamp(keep(node("Add", {a, b}), std::move(y)), bounds_);
  }
  ValueId relu(ValueId x) { return clamp(x, {0, kInfinity}); }

  /// Padded so that a stride of 1 keeps the size.
  ValueId convolve(ValueId x, const Filters& filters = {}) {
    const Shape input = at(x).shape;
    Shape shape = {filters.count, input[1] / filters.group};
    Shape output = {input[0], filters.count};
    std::vector<int64_t> pads;
    for (size_t i = 0; i < filters.window.size(); ++i) {
      shape.push_back(filters.window[i]);
      pads.push_back(filters.window[i] / 2);
      output.push_back((input[2 + i] - 1) / filters.stride + 1);
    }
    pads.insert(pads.end(), pads.begin(), pads.end());
    // Sums of products stay near 1.
    const double size =
        std::sqrt(3.0 * static_cast<double>(shape[0]) / static_cast<double>(shape.num_elements()));
    const TestTensor weights = random_tensor(shape, ++seed_, -size, size);
    const TestTensor bias = random_tensor({filters.count}, ++seed_);
    std::vector<ValueId> operands = {x, constant(weights)};
    if (filters.has_bias) operands.push_back(constant(bias));
    TestTensor y = generate(output, [&](auto index) {
      const double sum = convolved(at(x), weights, filters, index);
      return filters.has_bias ? sum + bias.values[static_cast<size_t>(index[1])] : sum;
    });
    const std::vector<int64_t> strides(filters.window.size(), filters.stride);
    return keep(
        node("Conv", operands, {{"pads", pads}, {"strides", strides}, {"group", filters.group}}),
        std::move(y));
  }

  /// As the classifiers' sessions give graphs to backends.
  Graph finish(const std::vector<ValueId>& outputs) {
    Graph graph = builder_.finish(outputs);
    for (const auto& [id, value] : values_) names_[graph.value(id).name] = id;
    expect(optimize::optimize(graph));
    return graph;
  }

  std::vector<TensorView> inputs() const {
    std::vector<TensorView> views;
    for (const Tensor& tensor : inputs_) views.push_back(tensor.view());
    return views;
  }
  const TestTensor& at(ValueId id) const { return values_.at(id); }
  const TestTensor& at(const std::string& name) const { return values_.at(names_.at(name)); }
  /// Of the largest value of all.
  double magnitude() const {
    double largest = 0;
    for (const auto& [id, value] : values_) {
      largest = std::max(largest, max_magnitude(value.values));
    }
    return largest;
  }

 private:
  ValueId keep(ValueId id, TestTensor value) {
    values_[id] = std::move(value);
    return id;
  }
  ValueId node(const std::string& op_type, const std::vector<ValueId>& operands,
               const std::vector<TestAttribute>& attributes = {}) {
    return builder_.node(op_type, operands, attributes,
                         op_type + std::to_string(++num_nodes_[op_type]));
  }
  ValueId constant(const TestTensor& elements) {
    return builder_.initializer("c" + std::to_string(seed_), elements);
  }
  ValueId clamp(ValueId x, const Bounds& bounds) {
    if (bounds.min == -kInfinity) return x;
    TestTensor y = at(x);
    for (double& value : y.values) value = std::min(std::max(value, bounds.min), bounds.max);
    if (bounds.max == kInfinity) return keep(node("Relu", {x}), std::move(y));
    const ValueId low = builder_.initializer("low" + std::to_string(++seed_), {{}, {bounds.min}});
    const ValueId high = builder_.initializer("high" + std::to_string(seed_), {{}, {bounds.max}});
    return keep(node("Clip", {x, low, high}), std::move(y));
  }

  static double broadcast(const TestTensor& tensor, std::span<const int64_t> index) {
    std::vector<int64_t> own(index.begin(), index.end());
    for (size_t axis = 0; axis < own.size(); ++axis) {
      if (tensor.shape[axis] == 1) own[axis] = 0;
    }
    return element_at(tensor, own);
  }

  /// From ONNX's definition: the sum over a zero-padded input.
  static double convolved(const TestTensor& x, const TestTensor& weights, const Filters& filters,
                          std::span<const int64_t> y_index) {
    const int64_t m = y_index[1];
    const int64_t group = m / (filters.count / filters.group);
    double sum = 0;
    Shape taps = weights.shape;
    taps[0] = 1;
    generate(taps, [&](std::span<const int64_t> tap) {
      std::vector<int64_t> from = {y_index[0], group * weights.shape[1] + tap[1]};
      std::vector<int64_t> factor(tap.begin(), tap.end());
      factor[0] = m;
      for (size_t i = 0; i < filters.window.size(); ++i) {
        from.push_back(y_index[2 + i] * filters.stride + tap[2 + i] - filters.window[i] / 2);
      }
      const auto position = flat_index(x.shape, from);
      if (position) sum += x.values[*position] * element_at(weights, factor);
      return 0;
    });
    return sum;
  }

  Bounds bounds_;
  GraphBuilder builder_;
  uint32_t seed_ = 0;
  std::map<std::string, int> num_nodes_;
  std::map<ValueId, TestTensor> values_;
  std::map<std::string, ValueId> names_;
  std::vector<Tensor> inputs_;
};

const Shape kImages = {2, 8, 6, 5};
const Filters kPixels = {.window = {1, 1}};
const Filters kHalf = {.count = 16, .stride = 2};
const Filters kHalfOfPixels = {.count = 16, .window = {1, 1}, .stride = 2};

/// Images as the backend stores them between nodes.
ValueId stored(Network& network, const Shape& shape = kImages) {
  return network.negative(network.input(shape));
}

struct Case {
  const char* what;
  std::function<std::vector<ValueId>(Network&)> build;  // the graph's outputs
  std::map<std::string, std::string> fused;             // which Conv does an Add
};

std::vector<Case> fused_cases() {
  const auto block = [](Network& network, const Filters& filters) {
    const ValueId x = stored(network);
    return network.add(network.convolve(x, filters), x);
  };
  return {
      {"an Add that gives an output",
       [=](Network& n) { return std::vector{block(n, {})}; },
       {{"Add1", "Conv1"}}},
      {"an Add within the network",
       [=](Network& n) { return std::vector{n.negative(block(n, {}))}; },
       {{"Add1", "Conv1"}}},
      {"without a bias",
       [=](Network& n) { return std::vector{block(n, {.has_bias = false})}; },
       {{"Add1", "Conv1"}}},
      {"pixels by themselves",
       [=](Network& n) { return std::vector{block(n, kPixels)}; },
       {{"Add1", "Conv1"}}},
      {"groups",
       [=](Network& n) { return std::vector{block(n, {.group = 2})}; },
       {{"Add1", "Conv1"}}},
      {"the Conv as second operand",
       [](Network& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(x, n.convolve(x))};
       },
       {{"Add1", "Conv1"}}},
      {"filters that are no whole unit",
       [](Network& n) {
         const ValueId x = stored(n, {2, 10, 6, 5});
         return std::vector{n.add(n.convolve(x, {.count = 10}), x)};
       },
       {{"Add1", "Conv1"}}},
      {"along one axis",
       [](Network& n) {
         const ValueId x = stored(n, {2, 8, 7});
         return std::vector{n.add(n.convolve(x, {.window = {3}}), x)};
       },
       {{"Add1", "Conv1"}}},
      {"the caller's pictures and residual",
       [](Network& n) {
         const ValueId x = n.input({2, 3, 6, 5});
         const ValueId z = n.input(kImages);
         return std::vector{n.add(n.convolve(x), z)};
       },
       {{"Add1", "Conv1"}}},
      {"a constant residual",
       [](Network& n) {
         const ValueId z = n.constant_image(kImages);
         return std::vector{n.add(n.convolve(stored(n)), z)};
       },
       {{"Add1", "Conv1"}}},
      {"two Convs, the shortcut's last",
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId way = n.convolve(x, kHalf);
         return std::vector{n.add(way, n.convolve(x, kHalfOfPixels))};
       },
       {{"Add1", "Conv2"}}},
      {"two Convs, the shortcut's first",
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId shortcut = n.convolve(x, kHalfOfPixels);
         return std::vector{n.add(n.convolve(x, kHalf), shortcut)};
       },
       {{"Add1", "Conv2"}}},
      {"Z is read again",
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId y = n.add(n.convolve(x), x);
         return std::vector{n.add(y, x)};
       },
       {{"Add1", "Conv1"}}},
      {"blocks one after the other, each with a Conv between",
       [](Network& n) {
         ValueId x = stored(n);
         for (int i = 0; i < 3; ++i) x = n.add(n.convolve(n.relu(n.convolve(x)), kPixels), x);
         return std::vector{n.negative(x)};
       },
       {{"Add1", "Conv2"}, {"Add2", "Conv4"}, {"Add3", "Conv6"}}},
      {"Z is the Add of the block before",
       [](Network& n) {
         const ValueId first = n.input(kImages);
         const ValueId x = n.add(n.convolve(first), first);
         return std::vector{n.add(x, n.convolve(x)), x};
       },
       {{"Add1", "Conv1"}, {"Add2", "Conv2"}}},
      {"what is between the Conv and its Add",
       [](Network& n) {
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
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(n.add(sums, x), sums)};
       },
       {}},
      {"the sums are an output",
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(sums, x), sums};
       },
       {}},
      {"the sums are added to themselves",
       [](Network& n) {
         const ValueId sums = n.convolve(stored(n));
         return std::vector{n.add(sums, sums)};
       },
       {}},
      {"the Conv has an activation of its own",
       [](Network& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.relu(n.convolve(x)), x)};
       },
       {}},
      {"what is added broadcasts",
       [](Network& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.convolve(x), n.input({1, 8, 1, 1}))};
       },
       {}},
      {"what is added is of one image",
       [](Network& n) {
         const ValueId x = stored(n);
         return std::vector{n.add(n.convolve(x), n.input({1, 8, 6, 5}))};
       },
       {}},
      {"the sums broadcast",
       [](Network& n) {
         const ValueId x = stored(n, {1, 8, 6, 5});
         return std::vector{n.add(n.convolve(x), n.input(kImages))};
       },
       {}},
      {"what is added comes after the Conv",
       [](Network& n) {
         const ValueId x = stored(n);
         const ValueId sums = n.convolve(x);
         return std::vector{n.add(sums, n.negative(x))};
       },
       {}},
      {"a filter a channel",
       [](Network& n) {
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

void check_value(const TensorView& found, const TestTensor& wanted, const Network& network,
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
  Network network(bounds);
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
    Network network({});
    const auto executable = compile(network.finish(test_case.build(network)), Precision::kFloat32);
    const Tensor unwatched = std::move(expect(run_once(*executable, network.inputs()))[0]);
    for (const bool wants_convs : {true, false, false, true, true}) {
      CAPTURE(wants_convs);
      Watcher watcher(wants_convs);
      const auto outputs = expect(run_once(*executable, network.inputs(), {nullptr, {}, &watcher}));
      check_value(outputs[0].view(), {unwatched.shape(), to_doubles(unwatched.view())}, network,
                  Precision::kFloat32);
      CHECK(fused_adds(*executable).empty() == wants_convs);
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
    CHECK(fused_adds(*executable) == test_case.fused);
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

TEST_CASE("a program that cannot be had for an observer is an error, and a reshape repairs it") {
  Network network({});
  const std::vector<ValueId> outputs = fused_cases()[0].build(network);
  const auto executable = compile(network.finish(outputs), Precision::kFloat32);
  expect(run_once(*executable, network.inputs()));
  cuda::set_standin_limit(cuda::standin_device_bytes());  // it needs one value more
  Watcher watcher(true);
  const auto watched = run_once(*executable, network.inputs(), {nullptr, {}, &watcher});
  REQUIRE(!watched.has_value());
  CHECK(watched.error().code == ErrorCode::kOutOfMemory);
  CHECK(executable->plan().empty());
  cuda::set_standin_limit(std::nullopt);
  const std::vector<Tensor> found = expect(run_once(*executable, network.inputs()));
  check_value(found[0].view(), network.at(outputs[0]), network, Precision::kFloat32);
}

}  // namespace synsight::test
