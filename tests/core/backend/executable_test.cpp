// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "core/backend/backend.h"
#include "core/base/memory.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr size_t kNumLayers = 20;

// Abs after Abs, named layer0, layer1, ...
Graph chain() {
  GraphBuilder builder;
  ValueId value = builder.input("x", {-1, 8, 16, 16});
  for (size_t i = 0; i < kNumLayers; ++i) {
    value = builder.node("Abs", {value}, {}, "layer" + std::to_string(i));
  }
  return builder.finish({value});
}

std::unique_ptr<Executable> compile(const Backend& backend, Graph&& graph) {
  return expect(backend.compile(std::move(graph), {}));
}

// Notes the nodes that ran and may raise a cancel flag after one of them.
class Recorder final : public RunObserver {
 public:
  void after_node(const Node& node, double elapsed_ms) override {
    names.push_back(node.name);
    CHECK(elapsed_ms >= 0);
    if (flag_to_raise != nullptr && names.size() == raise_after) flag_to_raise->cancel();
  }
  bool wants_outputs(const Node& node) override { return node.name == wanted_node; }
  void output(const Node& node, const Value& value, const TensorView& elements) override {
    CHECK(node.name == wanted_node);
    CHECK(value.name == wanted_node);
    outputs.push_back(expect(Tensor::copy(elements)));
  }

  std::vector<std::string> names;
  std::vector<Tensor> outputs;
  std::string wanted_node;
  CancelFlag* flag_to_raise = nullptr;
  size_t raise_after = 0;
};

std::string_view code_of(const Result<std::vector<Tensor>>& result) {
  return result ? "none" : error_code_name(result.error().code);
}

}  // namespace

TEST_CASE("a chain's values share their memory") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({2, 8, 16, 16}, 1));
    const TensorView views[] = {x.view()};
    expect(run_once(*executable, views));
    CHECK(executable->arena_bytes() <= 4 * (x.size_bytes() + 1024));
  }
}

TEST_CASE("an executable takes other shapes after another reshape") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    CHECK(executable->inputs()[0].shape.to_string() == "[?,8,16,16]");
    for (const int64_t batch : {1, 4, 2, 0, 1}) {
      const TestTensor x = random_tensor({batch, 8, 16, 16}, 3);
      const Tensor tensor = to_tensor(x);
      const TensorView views[] = {tensor.view()};
      const std::vector<Tensor> outputs = expect(run_once(*executable, views));
      CHECK(executable->inputs()[0].shape.to_string() == x.shape.to_string());
      TestTensor wanted = x;
      for (double& value : wanted.values) value = std::abs(value);
      CHECK(mismatch(outputs[0].view(), wanted, 0) == "");
    }
  }
}

TEST_CASE("a failed reshape leaves the executable not ready, and the next one repairs it") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({1, 8, 16, 16}, 1));
    const TensorView input = x.view();
    Tensor y = expect(Tensor::allocate(DType::kFloat32, x.shape()));
    const MutableTensorView output = y.mutable_view();
    CHECK(!executable->run({&input, 1}, {&output, 1}, {}).has_value());
    expect(run_once(*executable, {&input, 1}));
    const Shape wrong[] = {{1, 9, 16, 16}};
    CHECK(!executable->reshape(wrong).has_value());
    CHECK(!executable->run({&input, 1}, {&output, 1}, {}).has_value());
    expect(run_once(*executable, {&input, 1}));
  }
}

TEST_CASE("inputs, values and outputs that do not fit together are refused before a run") {
  const double available = available_memory();
  if (std::isinf(available)) return;  // the system does not say
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    constexpr double kBatchBytes = 8 * 16 * 16 * sizeof(float);
    const Shape shape = {static_cast<int64_t>(available * 0.3 / kBatchBytes), 8, 16, 16};
    const Status status = executable->reshape({&shape, 1});
    REQUIRE_FALSE(status.has_value());
    CHECK(error_code_name(status.error().code) == "out_of_memory");
    CHECK(status.error().message.starts_with("a run needs "));
  }
}

TEST_CASE("arguments that do not fit the ports are refused by name") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Shape shape{1, 8, 16, 16};
    expect(executable->reshape({&shape, 1}));
    Tensor x = to_tensor(random_tensor(shape, 1));
    Tensor y = to_tensor(random_tensor(shape, 2));
    Tensor integers = expect(Tensor::allocate(DType::kInt32, shape));
    Tensor smaller = to_tensor(random_tensor({1, 8, 16, 15}, 2));
    const TensorView no_memory{DType::kFloat32, shape, nullptr};
    struct Case {
      std::vector<TensorView> inputs;
      std::vector<MutableTensorView> outputs;
      std::string_view code;
      std::string_view part;
    };
    const Case cases[] = {
        {{}, {y.mutable_view()}, "invalid_argument", "got 0 inputs"},
        {{x.view()}, {}, "invalid_argument", "got 0 outputs"},
        {{integers.view()}, {y.mutable_view()}, "invalid_argument", "input \"x\" has element type"},
        {{smaller.view()}, {y.mutable_view()}, "shape_mismatch", "input \"x\" has shape"},
        {{no_memory}, {y.mutable_view()}, "invalid_argument", "input \"x\" has no memory"},
        {{x.view()}, {smaller.mutable_view()}, "shape_mismatch", "output \"layer19\" has shape"},
        {{x.view()}, {integers.mutable_view()}, "invalid_argument", "output \"layer19\" has elem"},
    };
    for (const Case& c : cases) {
      const Status status = executable->run(c.inputs, c.outputs, {});
      CHECK(!status.has_value());
      if (status) continue;
      CHECK(error_code_name(status.error().code) == c.code);
      CHECK_MESSAGE(status.error().message.find(c.part) != std::string::npos,
                    status.error().message);
    }
  }
}

TEST_CASE("a run that is advanced in slices gives what it gives at once") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({1, 8, 16, 16}, 1));
    const TensorView input = x.view();
    const std::vector<Tensor> wanted = expect(run_once(*executable, {&input, 1}));
    Tensor y = expect(Tensor::allocate(DType::kFloat32, wanted[0].shape()));
    const MutableTensorView output = y.mutable_view();

    const Deadline pause = Clock::now();
    CHECK(!executable->advance({}, pause).has_value());  // none was begun
    expect(executable->begin({&input, 1}));
    CHECK(!executable->finish({&output, 1}).has_value());
    size_t num_slices = 1;
    while (!expect(executable->advance({}, pause)) && num_slices < 100) ++num_slices;
    // A device is given all at once.
    const size_t num_wanted = backend->uses_device() ? 1 : executable->graph().nodes.size();
    CHECK(num_slices == num_wanted);
    expect(executable->finish({&output, 1}));
    CHECK(std::memcmp(y.data(), wanted[0].data(), y.size_bytes()) == 0);
    CHECK(!executable->finish({&output, 1}).has_value());
  }
}

TEST_CASE("a run is over after an error, a reshape and another begin") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({1, 8, 16, 16}, 1));
    const TensorView input = x.view();
    const Shape shape = x.shape();
    expect(executable->reshape({&shape, 1}));
    CancelFlag raised;
    raised.cancel();
    RunOptions options;
    options.cancel = &raised;
    expect(executable->begin({&input, 1}));
    CHECK(!executable->advance(options, {}).has_value());
    CHECK(!executable->advance({}, {}).has_value());
    expect(executable->begin({&input, 1}));
    expect(executable->reshape({&shape, 1}));
    CHECK(!executable->advance({}, {}).has_value());
    for (size_t i = 0; i < executable->max_runs(); ++i) {
      expect(executable->begin({&input, 1}));
    }
    CHECK(!executable->begin({}).has_value());
    CHECK(executable->advance({}, {}).has_value() == backend->uses_device());
  }
}

TEST_CASE("a raised cancel flag stops a run between two nodes") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({1, 8, 16, 16}, 1));
    const TensorView input = x.view();
    CancelFlag cancel;
    Recorder recorder;
    recorder.flag_to_raise = &cancel;
    recorder.raise_after = 3;
    CHECK(code_of(run_once(*executable, {&input, 1}, {&cancel, {}, &recorder})) == "cancelled");
    CHECK(recorder.names.size() == 3);
    CHECK(code_of(run_once(*executable, {&input, 1}, {&cancel, {}, nullptr})) == "cancelled");
    cancel.reset();
    CHECK(code_of(run_once(*executable, {&input, 1}, {&cancel, {}, nullptr})) == "none");
  }
}

TEST_CASE("a deadline that has passed stops a run") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    const auto executable = compile(*backend, chain());
    const Tensor x = to_tensor(random_tensor({1, 8, 16, 16}, 1));
    const TensorView input = x.view();
    Recorder recorder;
    const Deadline past = Clock::now() - std::chrono::milliseconds(1);
    CHECK(code_of(run_once(*executable, {&input, 1}, {nullptr, past, &recorder})) ==
          "deadline_exceeded");
    CHECK(recorder.names.empty());
    const Deadline future = Clock::now() + std::chrono::hours(1);
    CHECK(code_of(run_once(*executable, {&input, 1}, {nullptr, future, &recorder})) == "none");
    CHECK(recorder.names.size() == kNumLayers);
  }
}

TEST_CASE("the observer sees every node in order and the outputs that it wants") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    GraphBuilder builder;
    const ValueId x = builder.input("x", {2, 3, 4, 5});
    const ValueId weight = builder.initializer("weight", random_tensor({6, 3, 1, 1}, 2));
    const ValueId conv = builder.node("Conv", {x, weight}, {}, "conv");
    const ValueId relu = builder.node("Relu", {conv}, {}, "relu");
    const auto executable =
        compile(*backend, builder.finish({builder.node("GlobalAveragePool", {relu}, {}, "pool")}));
    const TestTensor x_values = random_tensor({2, 3, 4, 5}, 1);
    const Tensor tensor = to_tensor(x_values);
    const TensorView view = tensor.view();
    Recorder recorder;
    recorder.wanted_node = "conv";
    expect(run_once(*executable, {&view, 1}, {nullptr, {}, &recorder}));
    CHECK(recorder.names == std::vector<std::string>{"conv", "relu", "pool"});
    CHECK(recorder.outputs.size() == 1);
    const TestTensor w_values = random_tensor({6, 3, 1, 1}, 2);
    const TestTensor wanted = generate({2, 6, 4, 5}, [&](std::span<const int64_t> index) {
      double sum = 0;
      for (int64_t c = 0; c < 3; ++c) {
        const int64_t x_index[] = {index[0], c, index[2], index[3]};
        sum +=
            element_at(x_values, x_index) * w_values.values[static_cast<size_t>(index[1] * 3 + c)];
      }
      return sum;
    });
    if (recorder.outputs.empty()) continue;
    CHECK(mismatch(recorder.outputs[0].view(), wanted, tolerance(4, DType::kFloat32, 3)) == "");
  }
}

TEST_CASE("graph outputs may be inputs, initializers, settled values and the same value twice") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    GraphBuilder builder;
    const TestTensor x_values = random_tensor({2, 3}, 1);
    const TestTensor constant_values = random_tensor({4}, 2);
    const ValueId x = builder.input("x", {2, 3});
    const ValueId constant = builder.initializer("constant", constant_values);
    const ValueId shape = builder.node("Shape", {x}, {}, "shape");
    const ValueId negative = builder.node("Neg", {x}, {}, "negative");
    const auto executable =
        compile(*backend, builder.finish({x, constant, shape, negative, negative}));
    const Tensor tensor = to_tensor(x_values);
    const TensorView view = tensor.view();
    const std::vector<Tensor> outputs = expect(run_once(*executable, {&view, 1}));
    TestTensor negated = x_values;
    for (double& value : negated.values) value = -value;
    const TestTensor wanted[] = {
        x_values, constant_values, {{2}, {2, 3}, DType::kInt64}, negated, negated};
    for (size_t i = 0; i < 5; ++i) CHECK(mismatch(outputs[i].view(), wanted[i], 0) == "");
  }
}

TEST_CASE("a value that the graph returns stays until the end of the run") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    GraphBuilder builder;
    const ValueId x = builder.input("x", {3, 5});
    std::vector<ValueId> sums = {x};
    for (int i = 0; i < 9; ++i) sums.push_back(builder.node("Add", {sums.back(), x}));
    const auto executable = compile(*backend, builder.finish({sums[1], sums[9]}));
    const TestTensor ones = {{3, 5}, std::vector<double>(15, 1)};
    const Tensor tensor = to_tensor(ones);
    const TensorView view = tensor.view();
    const std::vector<Tensor> outputs = expect(run_once(*executable, {&view, 1}));
    CHECK(mismatch(outputs[0].view(), {{3, 5}, std::vector<double>(15, 2)}, 0) == "");
    CHECK(mismatch(outputs[1].view(), {{3, 5}, std::vector<double>(15, 10)}, 0) == "");
  }
}

TEST_CASE("the plan names every node's kernel and counts its arithmetic") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    GraphBuilder builder;
    const ValueId x = builder.input("x", {-1, 4, 8, 8});
    const ValueId conv_weight = builder.initializer("w1", random_tensor({6, 2, 3, 3}, 1));
    const ValueId conv = builder.node("Conv", {x, conv_weight}, {{"group", 2}}, "conv");
    const ValueId pool = builder.node("GlobalAveragePool", {conv}, {}, "pool");
    const ValueId flat = builder.node("Flatten", {pool}, {}, "flat");
    const ValueId gemm_weight = builder.initializer("w2", random_tensor({5, 6}, 2));
    const ValueId gemm = builder.node("Gemm", {flat, gemm_weight}, {{"transB", 1}}, "gemm");
    const ValueId shape = builder.node("Shape", {x}, {}, "shape");
    const auto executable = compile(*backend, builder.finish({gemm, shape}));
    const Shape shapes[] = {{2, 4, 8, 8}};
    expect(executable->reshape(shapes));
    double conv_flops = 0;
    double gemm_flops = 0;
    for (const NodePlan& plan : executable->plan()) {
      CHECK(!plan.kernel.empty());
      if (plan.node->name == "conv") conv_flops = plan.num_flops;
      if (plan.node->name == "gemm") gemm_flops = plan.num_flops;
      if (plan.node->name == "conv") CHECK(plan.output_shapes[0].to_string() == "[2,6,6,6]");
      if (plan.node->name == "shape") CHECK(plan.kernel == "shape arithmetic");
    }
    CHECK(conv_flops == 2.0 * 2 * 6 * 6 * 6 * 2 * 3 * 3);
    CHECK(gemm_flops == 2.0 * 2 * 5 * 6);
  }
}

TEST_CASE("an operator outside the table is refused at compile, naming the node") {
  for (const Backend* backend : all_backends()) {
    CAPTURE(backend->name());
    GraphBuilder builder;
    const ValueId x = builder.input("x", {2, 3});
    const auto executable =
        backend->compile(builder.finish({builder.node("Convolve", {x}, {}, "odd")}), {});
    CHECK(!executable.has_value());
    if (executable) continue;
    CHECK(error_code_name(executable.error().code) == "unsupported_op");
    CHECK(executable.error().message.find("node \"odd\" (Convolve)") != std::string::npos);
    CHECK(backend->kernel_name("Convolve").empty());
    CHECK(!backend->kernel_name("Conv").empty());
  }
}

}  // namespace synsight::test
