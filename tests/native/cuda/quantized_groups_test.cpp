// SPDX-License-Identifier: Apache-2.0
// Quantised layers that are computed on 8-bit values: which, and what comes of it.
#include "native/cuda/quantized_groups.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "native/cuda/cuda_backend.h"
#include "tests/core/optimize/quantized_layer.h"
#include "tests/native/cuda/standin/standin.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr Precision kPrecisions[] = {Precision::kFloat32, Precision::kTf32, Precision::kFloat16,
                                     Precision::kBFloat16};

std::vector<QuantizedCase> integer_cases() {
  return {
      {.description = "uint8"},
      {.description = "a scale a channel", .has_scale_a_channel = true},
      {.description = "int8", .x_dtype = DType::kInt8, .y_dtype = DType::kInt8},
      {.description = "from uint8 to int8", .y_dtype = DType::kInt8},
      {.description = "no zero points", .has_zero_points = false},
      {.description = "pads", .pad = 1, .pad_end = 2},
      {.description = "strides and pads", .stride = 2, .pad = 1},
      {.description = "strides and pads of int8",
       .stride = 2,
       .pad = 1,
       .x_dtype = DType::kInt8,
       .y_dtype = DType::kInt8},
      {.description = "dilations and pads", .dilation = 2, .pad = 2, .pad_end = 1},
      {.description = "a filter a channel, dilations and strides",
       .weight = {4, 1, 3, 3},
       .group = 4,
       .stride = 2,
       .dilation = 2,
       .pad = 2,
       .pad_end = 3},
      {.description = "1x1 with strides", .weight = {6, 4, 1, 1}, .stride = 2},
      {.description = "groups", .weight = {6, 2, 3, 3}, .group = 2, .has_scale_a_channel = true},
      {.description = "a filter a channel", .weight = {4, 1, 3, 3}, .group = 4, .pad = 2},
      {.description = "a filter each of an odd number of channels",
       .x = {3, 5, 7, 6},
       .weight = {5, 1, 3, 3},
       .group = 5,
       .has_scale_a_channel = true,
       .x_dtype = DType::kInt8,
       .y_dtype = DType::kInt8},
      {.description = "two filters a channel", .weight = {8, 1, 3, 3}, .group = 4, .pad = 1},
      {.description = "1x1", .weight = {6, 4, 1, 1}},
      {.description = "1x1 with as many channels as a library likes",
       .x = {2, 16, 5, 3},
       .weight = {8, 16, 1, 1}},
      {.description = "a picture's channels", .x = {2, 3, 9, 8}, .weight = {8, 3, 3, 3}, .pad = 1},
      {.description = "weights of uint8", .weight_dtype = DType::kUInt8, .weight_zero = 130},
      {.description = "no bias", .bias = Bias::kNone},
      {.description = "a bias of floats", .has_scale_a_channel = true, .bias = Bias::kFloats},
      {.description = "Relu", .clamp = "Relu", .clamps_fully = true},
      {.description = "steps so small that it saturates", .y_scale = 0.0001F},
      {.description = "an input that others read", .reads_x_twice = true},
      {.description = "an output that others read", .reads_y_twice = true},
  };
}

constexpr double kOddYScale = 0.01371F;  // with no ties, which a sum of floats may round to others

/// Those whose sums are of floats in ONNX Runtime, and on the CPU.
std::vector<QuantizedCase> rounded_cases() {
  const QuantizedCase read_twice = {.description = "int8 that others read",
                                    .x_dtype = DType::kInt8,
                                    .y_dtype = DType::kInt8,
                                    .reads_x_twice = true};
  std::vector<QuantizedCase> cases = {
      read_twice,
      {.description = "int8 whose result others read",
       .has_scale_a_channel = true,
       .x_dtype = DType::kInt8,
       .y_dtype = DType::kInt8,
       .reads_y_twice = true},
      {.description = "from int8 to uint8", .x_dtype = DType::kInt8, .reads_x_twice = true},
      {.description = "a Relu that cuts", .pad = 1, .clamp = "Relu"},
      {.description = "a Clip that cuts",
       .has_scale_a_channel = true,
       .clamp = "Clip",
       .bounds = {-0.4, 1},
       .clamps_fully = true},
      {.description = "a Clip without bias",
       .bias = Bias::kNone,
       .clamp = "Clip",
       .bounds = {-0.4, 1}},
      {.description = "a bias of another scale", .bias = Bias::kOtherScale},
  };
  const auto add = [&](const std::string& description, const Shape& weight, int64_t group) {
    QuantizedCase c = read_twice;
    c.description = description;
    c.weight = weight;
    c.group = group;
    c.has_scale_a_channel = true;
    c.pad = 1;
    c.pad_end = 2;
    c.x_zero = -77;
    cases.push_back(c);
  };
  add("groups and pads", {6, 2, 3, 3}, 2);
  add("a filter a channel, and pads", {4, 1, 3, 3}, 4);
  add("1x1", {6, 4, 1, 1}, 1);
  for (QuantizedCase& c : cases) c.y_scale = kOddYScale;
  return cases;
}

std::unique_ptr<Executable> compile(const QuantizedCase& c, Precision precision) {
  Graph graph = graph_of(c);
  expect(optimize::optimize(graph));
  CompileOptions options;
  options.precision = precision;
  return expect(CudaBackend().compile(std::move(graph), options));
}

const Shape kSumShape = {1, 3, 40, 40};

/// Quantised x + quantised y, quantised.
Graph quantized_sum() {
  GraphBuilder b;
  const ValueId zero = b.initializer("zero", {{}, {-14}, DType::kInt8});
  const auto quantized = [&](ValueId value, double scale) {
    const ValueId step = b.initializer("scale", {{}, {scale}});
    const ValueId levels = b.node("QuantizeLinear", {value, step, zero});
    return b.node("DequantizeLinear", {levels, step, zero});
  };
  const ValueId x = quantized(b.input("x", kSumShape), 0.0837F);
  const ValueId y = quantized(b.input("y", kSumShape), 0.0519F);
  return b.finish({quantized(b.node("Add", {x, y}), 0.0731F)});
}

/// How the node `layer` is computed, and how many others it does the work of.
std::pair<std::string, int> plan_of(const Executable& executable) {
  std::pair<std::string, int> found;
  for (const NodePlan& plan : executable.plan()) {
    if (plan.node->name == "layer") found.first = plan.kernel;
    if (plan.kernel == "in layer") ++found.second;
  }
  return found;
}

/// Wants the values of some operators' nodes.
class Watcher final : public RunObserver {
 public:
  explicit Watcher(std::string op_types) : op_types_(std::move(op_types)) {}

  void after_node(const Node&, double) override { ++num_nodes; }
  bool wants_outputs(const Node& node) override {
    return op_types_.find(node.op_type) != std::string::npos;
  }
  void output(const Node&, const Value&, const TensorView&) override { ++num_values; }

  size_t num_nodes = 0;
  int num_values = 0;

 private:
  std::string op_types_;
};

/// What computes the Conv, and how many nodes are in it, after runs that gave what is wanted.
std::pair<std::string, int> checked_plan(const QuantizedCase& c, Precision precision) {
  const TestTensor x = random_tensor(c.x, 1, -13, 13);
  const Tensor input = to_tensor(x);
  const TensorView view = input.view();
  const auto executable = compile(c, precision);
  const std::vector<Tensor> found = expect(run_once(*executable, {&view, 1}));
  CHECK(mismatch(found[0].view(), wanted_output(c, x), 0) == "");
  return plan_of(*executable);
}

}  // namespace

TEST_CASE("quantised convolutions are computed in 8-bit integers, exactly") {
  for (const QuantizedCase& c : integer_cases()) {
    CAPTURE(c.description);
    for (const Precision precision : kPrecisions) {
      const auto [kernel, num_others] = checked_plan(c, precision);
      CHECK(kernel.starts_with("8-bit "));
      CHECK(num_others == 3);
    }
  }
}

TEST_CASE("those that sum floats elsewhere sum integers where f32 may be rounded") {
  for (const QuantizedCase& c : rounded_cases()) {
    CAPTURE(c.description);
    for (const Precision precision : kPrecisions) {
      const std::string kernel = checked_plan(c, precision).first;
      CHECK(kernel.starts_with("8-bit ") == (precision != Precision::kFloat32));
    }
  }
}

TEST_CASE("a quantised convolution has its weights on the device as 8-bit values only") {
  const QuantizedCase c = {.description = "1x1", .x = {1, 256, 2, 2}, .weight = {256, 256, 1, 1}};
  const Tensor input = to_tensor(random_tensor(c.x, 1, -13, 13));
  const TensorView view = input.view();
  const size_t before = cuda::standin_device_bytes();
  const auto executable = compile(c, Precision::kFloat32);
  constexpr size_t kBytes = size_t{256} * 256;
  const size_t taken = cuda::standin_device_bytes() - before;
  CHECK(taken >= kBytes);
  CHECK(taken < 2 * kBytes);
  Watcher watcher("Conv");  // for whom there are others
  expect(run_once(*executable, {&view, 1}, {nullptr, {}, &watcher}));
  CHECK(watcher.num_values == 1);
  CHECK(cuda::standin_device_bytes() - before >= 5 * kBytes);
}

TEST_CASE("a quantised convolution whose floats are an output stays as it is") {
  const QuantizedCase c = {.description = "uint8", .returns_layer = true};
  const Tensor input = to_tensor(random_tensor(c.x, 1, -13, 13));
  const TensorView view = input.view();
  const auto executable = compile(c, Precision::kFloat16);
  expect(run_once(*executable, {&view, 1}));
  CHECK(plan_of(*executable).second == 0);
}

TEST_CASE("who watches a run gets the values within a quantised group where that is wanted") {
  const QuantizedCase c = {.description = "uint8"};
  const TestTensor x = random_tensor(c.x, 1, -13, 13);
  const Tensor input = to_tensor(x);
  const TensorView view = input.view();
  const TestTensor wanted = wanted_output(c, x);
  const auto executable = compile(c, Precision::kFloat32);
  for (const auto& [op_types, num_values] :
       {std::pair{"QuantizeLinear", 2}, {"Conv Mul", 2}, {"DequantizeLinear", 2}, {"", 0}}) {
    CAPTURE(op_types);
    Watcher watcher(op_types);
    const auto found = expect(run_once(*executable, {&view, 1}, {nullptr, {}, &watcher}));
    CHECK(mismatch(found[0].view(), wanted, 0) == "");
    CHECK(watcher.num_nodes == executable->graph().nodes.size());
    CHECK(watcher.num_values == num_values);
  }
  const auto again = expect(run_once(*executable, {&view, 1}));
  CHECK(mismatch(again[0].view(), wanted, 0) == "");
}

TEST_CASE("a quantised group takes batches of any size") {
  QuantizedCase c = {.description = "any batch", .x = {-1, 4, 6, 7}};
  const auto executable = compile(c, Precision::kFloat16);
  for (const int64_t batch : {3, 0, 1, 8}) {
    c.x = {batch, 4, 6, 7};
    const TestTensor x = random_tensor(c.x, 1, -13, 13);
    const Tensor input = to_tensor(x);
    const TensorView view = input.view();
    const auto found = expect(run_once(*executable, {&view, 1}));
    CHECK(mismatch(found[0].view(), wanted_output(c, x), 0) == "");
  }
}

TEST_CASE("what is quantised again is not rounded to half precision before") {
  const Tensor x = to_tensor(random_tensor(kSumShape, 1, -7, 7));
  const Tensor y = to_tensor(random_tensor(kSumShape, 2, -4, 4));
  const TensorView inputs[] = {x.view(), y.view()};
  const auto wanted = expect(run_graph(ReferenceBackend(), quantized_sum(), inputs));
  for (const Precision precision : kPrecisions) {
    CompileOptions options;
    options.precision = precision;
    const auto executable = expect(CudaBackend().compile(quantized_sum(), options));
    const auto found = expect(run_once(*executable, inputs));
    CHECK(std::ranges::equal(found[0].as<float>(), wanted[0].as<float>()));
  }
}

TEST_CASE("a layer's integers are found again in the optimized graph") {
  QuantizedCase c = {.description = "a scale a channel", .has_scale_a_channel = true};
  Graph graph = graph_of(c);
  expect(optimize::optimize(graph));
  const auto groups = cuda::find_quantized_groups(graph);
  REQUIRE(groups.size() == 1);
  const auto layer = expect(cuda::find_quantized_layer(graph, groups[0]));
  CHECK(layer.weights.shape() == c.weight);
  CHECK(layer.x_zero == 120);
  CHECK(layer.y_zero == 131);
  const TestTensor weights = random_tensor(c.weight, 3, -3, 4, DType::kInt8);
  const auto found = layer.weights.as<int8_t>();
  const size_t size = found.size() / layer.scales.size();
  for (size_t i = 0; i < found.size(); ++i) {
    // A filter of even numbers, and a bias likewise, may have been halved, and its scale doubled.
    const double in_steps = layer.scales[i / size] * static_cast<double>(found[i]);
    const double factors[] = {0.05F, 0.1F, 0.025F, 0.15F};
    const double wanted = weights.values[i] * factors[i / size % 4] * kXScale / kYScale;
    CHECK(in_steps == doctest::Approx(wanted).epsilon(1e-6));
  }
}

TEST_CASE("weights are found to be up to 128 multiples of a step, as f32 rounds them") {
  QuantizedCase c = {.description = "int8 that others read",
                     .weight = {2, 4, 5, 5},
                     .x_dtype = DType::kInt8,
                     .y_dtype = DType::kInt8,
                     .reads_x_twice = true};
  Graph graph = graph_of(c);
  expect(optimize::optimize(graph));
  const auto groups = cuda::find_quantized_groups(graph);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].shares_input);
  const auto weights = graph.value(graph.nodes[groups[0].conv].inputs[1]).initializer.as<float>();
  const auto layer_of = [&] { return expect(cuda::find_quantized_layer(graph, groups[0])); };
  CHECK(layer_of().is_rounded);
  for (const float step : {0.0021476022F, 0.3F, 1.0F, 7.7e-9F, 0.1F / 3}) {
    CAPTURE(step);
    for (size_t i = 0; i < weights.size(); ++i) {
      weights[i] = static_cast<float>(static_cast<int>(i * 37 % 256) - 128) * step;
    }
    const cuda::QuantizedLayer layer = layer_of();
    REQUIRE(layer.scales.size() == 2);
    for (size_t i = 0; i < weights.size(); ++i) {
      CHECK(layer.weights.as<int8_t>()[i] == static_cast<int>(i * 37 % 256) - 128);
    }
    CHECK(layer.scales[0] / kXScale == doctest::Approx(step).epsilon(1e-6));
  }
  const float usual = weights[1];
  for (const float odd :
       {usual + 1e-5F * weights[0], -weights[0], weights[0] * 1.01F,
        std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    CAPTURE(odd);
    weights[1] = odd;
    CHECK(layer_of().scales.empty());
  }
  weights[1] = usual;
  CHECK(!layer_of().scales.empty());
}

TEST_CASE("a layer that needs more than 8 bits is none") {
  const QuantizedCase c = {.description = "uint8"};
  Graph graph = graph_of(c);
  expect(optimize::optimize(graph));
  const auto groups = cuda::find_quantized_groups(graph);
  REQUIRE(groups.size() == 1);
  const Node& conv = graph.nodes[groups[0].conv];
  const auto weights = graph.value(conv.inputs[1]).initializer.as<float>();
  const auto bias = graph.value(conv.inputs[2]).initializer.as<float>();
  const auto is_layer = [&] {
    return !expect(cuda::find_quantized_layer(graph, groups[0])).scales.empty();
  };
  CHECK(is_layer());
  const float unit = std::ldexp(1.0F, -30);
  const size_t size = weights.size() / bias.size();
  std::fill_n(weights.begin(), size, unit);
  bias[0] = 1000 * unit;
  for (const auto& [weight, is_small] : {std::pair{127 * unit, true},
                                         {-128 * unit, true},
                                         {0.0F, true},
                                         {128 * unit, false},
                                         {-129 * unit, false},
                                         {0.3F, false},
                                         {std::numeric_limits<float>::infinity(), false},
                                         {std::numeric_limits<float>::quiet_NaN(), false}}) {
    CAPTURE(weight);
    weights[0] = weight;
    CHECK(is_layer() == is_small);
  }
  weights[0] = unit;
  for (const auto& [value, is_small] : {std::pair{std::ldexp(unit, 30), true},
                                        {std::ldexp(unit, 31), false},
                                        {unit / 256, false},
                                        {std::numeric_limits<float>::infinity(), false}}) {
    CAPTURE(value);
    bias[0] = value;
    CHECK(is_layer() == is_small);
  }
  std::fill_n(weights.begin(), size, 0.0F);
  bias[0] = 0;
  CHECK(is_layer());
}

}  // namespace synsight::test
