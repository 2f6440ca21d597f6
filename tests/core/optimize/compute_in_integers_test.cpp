// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/backend/reference/reference_backend.h"
#include "core/optimize/optimize.h"
#include "tests/core/optimize/pass_check.h"
#include "tests/support/backends.h"
#include "tests/support/compare.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"
#include "tests/support/run_graph.h"

namespace synsight::test {

namespace {

constexpr double kXScale = 0.1F;
constexpr double kYScale = 0.01F;
constexpr double kOddYScale = 0.0137F;  // with no ties

enum class Bias { kNone, kIntegers, kFloats, kOtherScale, kOtherZero };

/// x -> Quantize -> Dequantize -> layer -> `clamp` -> Quantize -> Dequantize. With these scales the
/// sums are halves of steps, or quarters, so that one that is rounded shows.
struct QuantizedCase {
  std::string description;
  std::string op_type = "Conv";
  Shape x = {2, 4, 6, 7};
  Shape weight = {6, 4, 3, 3};
  std::vector<TestAttribute> attributes = {};
  int64_t group = 1;
  int64_t stride = 1;
  int64_t pad = 0;  // before rows and columns only
  bool is_transposed = false;
  int64_t axis = 0;  // of the output's channels in the weights
  bool has_scale_a_channel = false;
  DType weight_dtype = DType::kInt8;
  double weight_zero = 0;
  DType x_dtype = DType::kUInt8;
  DType y_dtype = DType::kUInt8;
  bool has_zero_points = true;
  Bias bias = Bias::kIntegers;
  std::string clamp = {};
  std::vector<double> bounds = {};
  bool clamps_fully = false;  // y's zero point is its least number
  int64_t opset = 13;
  double y_scale = kYScale;
  int64_t scale_axis = -1;              // where it is not `axis`
  int64_t output_dtype = 0;             // for the lack of zero points
  std::optional<float> odd_scale = {};  // of channel 1's weights
  bool returns_layer = false;
  bool reads_weight_twice = false;
  bool dequantizes_x_twice = false;
  bool reads_x_twice = false;
  bool reads_y_twice = false;
  std::string wanted = "Conv Mul ";
};

int64_t lowest(DType dtype) { return dtype == DType::kInt8 ? -128 : 0; }
double x_zero(const QuantizedCase& c) {
  return c.has_zero_points ? static_cast<double>(lowest(c.x_dtype) + 120) : 0;
}
double y_zero(const QuantizedCase& c) {
  if (!c.has_zero_points) return 0;
  return static_cast<double>(lowest(c.y_dtype) + (c.clamps_fully ? 0 : 131));
}
size_t num_channels(const QuantizedCase& c) {
  return static_cast<size_t>(c.weight[static_cast<size_t>(c.axis)]);
}

float weight_scale(const QuantizedCase& c, size_t channel) {
  if (c.odd_scale && channel == 1) return *c.odd_scale;
  constexpr float kScales[] = {0.05F, 0.1F, 0.025F, 0.15F};
  return kScales[c.has_scale_a_channel ? channel % 4 : 0];
}

/// The scale of the products, as f32 gives it.
float product_scale(const QuantizedCase& c, size_t channel) {
  return static_cast<float>(kXScale) * weight_scale(c, channel);
}

TestTensor weights(const QuantizedCase& c) {
  return random_tensor(c.weight, 3, c.weight_zero - 3, c.weight_zero + 4, c.weight_dtype);
}

/// The bias as it is added to the sums.
std::vector<double> bias_counts(const QuantizedCase& c) {
  const auto count = static_cast<int64_t>(num_channels(c));
  if (c.bias == Bias::kNone) return std::vector<double>(num_channels(c), 0);
  std::vector<double> values = random_tensor({count}, 4, -50, 50, DType::kInt32).values;
  return values;
}

TestTensor float_bias(const QuantizedCase& c) {
  std::vector<double> values = bias_counts(c);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = (values[i] + 0.3) * (c.odd_scale && i == 1 ? 0.1 : product_scale(c, i));
  }
  return {{static_cast<int64_t>(values.size())}, values};
}

/// What holds one number, or one a channel.
TestTensor scales(const QuantizedCase& c, const std::function<double(size_t)>& scale) {
  if (!c.has_scale_a_channel) return {{}, {scale(0)}};
  TestTensor tensor{{static_cast<int64_t>(num_channels(c))}, {}};
  for (size_t i = 0; i < num_channels(c); ++i) tensor.values.push_back(scale(i));
  return tensor;
}

ValueId dequantized_weights(GraphBuilder& b, const QuantizedCase& c) {
  std::vector<ValueId> inputs = {
      b.initializer("weight_q", weights(c)),
      b.initializer("weight_scale", scales(c, [&](size_t i) { return weight_scale(c, i); }))};
  if (c.weight_zero != 0) {
    TestTensor zero = scales(c, [&](size_t) { return c.weight_zero; });
    zero.dtype = c.weight_dtype;
    inputs.push_back(b.initializer("weight_zero", zero));
  }
  if (!c.has_scale_a_channel) return b.node("DequantizeLinear", inputs, {}, "weight");
  const int64_t axis = c.scale_axis < 0 ? c.axis : c.scale_axis;
  return b.node("DequantizeLinear", inputs, {{"axis", axis}}, "weight");
}

ValueId bias_of(GraphBuilder& b, const QuantizedCase& c) {
  if (c.bias == Bias::kFloats) return b.initializer("bias", float_bias(c));
  const auto count = static_cast<int64_t>(num_channels(c));
  const double factor = c.bias == Bias::kOtherScale ? 1.25 : 1;
  const ValueId integers = b.initializer("bias_q", {{count}, bias_counts(c), DType::kInt32});
  const ValueId scale = b.initializer(
      "bias_scale", scales(c, [&](size_t i) { return product_scale(c, i) * factor; }));
  if (c.bias == Bias::kOtherZero) {
    const ValueId zero = b.initializer("bias_zero", {{}, {1}, DType::kInt32});
    return b.node("DequantizeLinear", {integers, scale, zero}, {}, "bias");
  }
  if (!c.has_scale_a_channel) return b.node("DequantizeLinear", {integers, scale}, {}, "bias");
  return b.node("DequantizeLinear", {integers, scale}, {{"axis", 0}}, "bias");
}

ValueId clamped(GraphBuilder& b, const QuantizedCase& c, ValueId value) {
  if (c.clamp.empty()) return value;
  std::vector<ValueId> inputs = {value};
  for (const double bound : c.bounds) inputs.push_back(b.initializer("bound", {{}, {bound}}));
  return b.node(c.clamp, inputs, {}, "clamp");
}

/// Q or DQ.
ValueId quantization(GraphBuilder& b, const QuantizedCase& c, const std::string& op_type,
                     ValueId value, bool is_x, const std::string& name) {
  std::vector<ValueId> inputs = {value, b.initializer("scale", {{}, {is_x ? kXScale : c.y_scale}})};
  if (c.has_zero_points) {
    inputs.push_back(
        b.initializer("zero", {{}, {is_x ? x_zero(c) : y_zero(c)}, is_x ? c.x_dtype : c.y_dtype}));
  }
  const bool has_output_dtype = c.output_dtype != 0 && op_type == "QuantizeLinear";
  const std::vector<TestAttribute> attributes = {{"output_dtype", c.output_dtype}};
  return b.node(op_type, inputs, has_output_dtype ? attributes : std::vector<TestAttribute>{},
                name);
}

Graph build(const QuantizedCase& c) {
  GraphBuilder b(c.opset);
  const ValueId x = b.input("x", c.x);
  const ValueId x_q = quantization(b, c, "QuantizeLinear", x, true, "x_q");
  const ValueId x_d = quantization(b, c, "DequantizeLinear", x_q, true, "x_d");
  const ValueId weight = dequantized_weights(b, c);
  std::vector<ValueId> inputs = {x_d, weight};
  if (c.bias != Bias::kNone) inputs.push_back(bias_of(b, c));
  std::vector<TestAttribute> attributes = c.attributes;
  if (c.op_type == "Conv") {
    attributes.push_back({"group", c.group});
    attributes.push_back({"strides", std::vector<int64_t>{c.stride, c.stride}});
    attributes.push_back({"pads", std::vector<int64_t>{c.pad, c.pad, 0, 0}});
  }
  if (c.is_transposed) attributes.push_back({"transB", 1});
  const ValueId layer = b.node(c.op_type, inputs, attributes, "layer");
  const ValueId y_q = quantization(b, c, "QuantizeLinear", clamped(b, c, layer), false, "y_q");
  const ValueId y_d = quantization(b, c, "DequantizeLinear", y_q, false, "y_d");
  std::vector<ValueId> outputs = {y_d};
  if (c.reads_x_twice) outputs.push_back(b.node("Neg", {x_d}, {}, "other"));
  if (c.reads_y_twice) outputs.push_back(b.node("Neg", {y_d}, {}, "negative"));
  if (c.dequantizes_x_twice) {
    outputs.push_back(quantization(b, c, "DequantizeLinear", x_q, true, "x_again"));
  }
  if (c.reads_weight_twice) outputs.push_back(b.node("Neg", {weight}));
  if (c.returns_layer) outputs.push_back(layer);
  return b.finish(outputs);
}

/// The numbers that QuantizeLinear makes of x, less the zero point.
TestTensor quantized(const QuantizedCase& c, const TestTensor& x) {
  TestTensor result = x;
  for (double& value : result.values) {
    const float quotient = static_cast<float>(value) / static_cast<float>(kXScale);
    const double level = std::nearbyint(static_cast<double>(quotient)) + x_zero(c);
    const auto least = static_cast<double>(lowest(c.x_dtype));
    value = std::min(std::max(level, least), least + 255) - x_zero(c);
  }
  return result;
}

/// One sum of the layer, in 32 bits.
int32_t sum_at(const QuantizedCase& c, const TestTensor& x, const TestTensor& w,
               std::span<const int64_t> at) {
  int32_t sum = 0;
  const auto add = [&](const std::vector<int64_t>& in_x, const std::vector<int64_t>& in_w) {
    const auto place = flat_index(c.x, in_x);
    if (!place) return;
    sum += static_cast<int32_t>(x.values[*place]) *
           static_cast<int32_t>(element_at(w, in_w) - c.weight_zero);
  };
  if (c.op_type != "Conv") {
    for (int64_t k = 0; k < c.x[1]; ++k) {
      add({at[0], k}, c.is_transposed ? std::vector{at[1], k} : std::vector{k, at[1]});
    }
    return sum;
  }
  const int64_t first = at[1] / (c.weight[0] / c.group) * c.weight[1];
  for (int64_t k = 0; k < c.weight[1]; ++k) {
    for (int64_t i = 0; i < c.weight[2]; ++i) {
      for (int64_t j = 0; j < c.weight[3]; ++j) {
        add({at[0], first + k, at[2] * c.stride + i - c.pad, at[3] * c.stride + j - c.pad},
            {at[1], k, i, j});
      }
    }
  }
  return sum;
}

Shape output_shape(const QuantizedCase& c) {
  const auto count = static_cast<int64_t>(num_channels(c));
  if (c.op_type != "Conv") return {c.x[0], count};
  const auto side = [&](size_t axis) {
    return (c.x[axis] + c.pad - c.weight[axis]) / c.stride + 1;
  };
  return {c.x[0], count, side(2), side(3)};
}

/// As ONNX Runtime computes it: see the top of compute_in_integers.cpp.
TestTensor wanted(const QuantizedCase& c, const TestTensor& x) {
  const TestTensor integers = quantized(c, x);
  const TestTensor w = weights(c);
  const std::vector<double> bias = bias_counts(c);
  return generate(output_shape(c), [&](std::span<const int64_t> at) {
    const auto channel = static_cast<size_t>(at[1]);
    const int32_t sum = sum_at(c, integers, w, at) + static_cast<int32_t>(bias[channel]);
    const float factor = product_scale(c, channel) / static_cast<float>(c.y_scale);
    const float scaled = static_cast<float>(sum) * factor;
    const double level = std::nearbyint(static_cast<double>(scaled)) + y_zero(c);
    const auto least = static_cast<double>(lowest(c.y_dtype));
    const double saturated = std::min(std::max(level, least), least + 255);
    return static_cast<double>(static_cast<float>(saturated - y_zero(c)) *
                               static_cast<float>(c.y_scale));
  });
}

QuantizedCase gemm(QuantizedCase c) {
  c.op_type = "Gemm";
  c.x = {5, 12};
  c.weight = c.is_transposed ? Shape{7, 12} : Shape{12, 7};
  c.axis = c.is_transposed ? 0 : 1;
  if (c.wanted == "Conv Mul ") c.wanted = "Gemm Mul ";
  return c;
}

const double kSix = 6;

const QuantizedCase kIntegerCases[] = {
    {.description = "a Conv of uint8"},
    {.description = "a scale a channel", .has_scale_a_channel = true},
    {.description = "int8", .x_dtype = DType::kInt8, .y_dtype = DType::kInt8},
    {.description = "opset 10", .opset = 10},
    {.description = "opset 21", .opset = 21},
    {.description = "no zero points", .has_zero_points = false},
    {.description = "strides and pads", .stride = 2, .pad = 1},
    {.description = "groups", .weight = {6, 2, 3, 3}, .group = 2, .has_scale_a_channel = true},
    {.description = "a filter a channel", .weight = {4, 1, 3, 3}, .group = 4, .pad = 2},
    {.description = "1x1", .weight = {6, 4, 1, 1}},
    {.description = "as large as Winograd's",
     .x = {1, 32, 32, 32},
     .weight = {32, 32, 3, 3},
     .pad = 1},
    {.description = "weights of uint8", .weight_dtype = DType::kUInt8, .weight_zero = 130},
    {.description = "weights with zero points",
     .has_scale_a_channel = true,
     .weight_dtype = DType::kInt8,
     .weight_zero = -7},
    {.description = "no bias", .bias = Bias::kNone},
    {.description = "a bias of floats", .bias = Bias::kFloats},
    {.description = "a bias of floats, a scale a channel",
     .has_scale_a_channel = true,
     .bias = Bias::kFloats},
    {.description = "Relu", .clamp = "Relu", .clamps_fully = true},
    {.description = "Relu in int8",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .clamp = "Relu",
     .clamps_fully = true},
    {.description = "Clip", .clamp = "Clip", .bounds = {0, kSix}, .clamps_fully = true},
    {.description = "an input that others read", .reads_x_twice = true},
    {.description = "an output that others read", .reads_y_twice = true},
    gemm({.description = "Gemm"}),
    gemm({.description = "Gemm, transB", .is_transposed = true}),
    gemm({.description = "Gemm, a scale a channel", .has_scale_a_channel = true}),
    gemm({.description = "Gemm, transB, a scale a channel",
          .is_transposed = true,
          .has_scale_a_channel = true}),
    gemm({.description = "Gemm in int8 that others read",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .reads_x_twice = true,
          .reads_y_twice = true}),
    {.description = "MatMul",
     .op_type = "MatMul",
     .x = {5, 12},
     .weight = {12, 7},
     .axis = 1,
     .has_scale_a_channel = true,
     .bias = Bias::kNone,
     .wanted = "MatMul Mul "},
};

const QuantizedCase kFloatCases[] = {
    {.description = "int8 that others read",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .reads_x_twice = true,
     .wanted = "Conv Add "},
    {.description = "int8 whose result others read",
     .has_scale_a_channel = true,
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .reads_y_twice = true,
     .wanted = "Conv Add "},
    {.description = "int8 that is dequantised twice",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .dequantizes_x_twice = true,
     .wanted = "Conv Add "},
    {.description = "a bias of floats before a Relu",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .bias = Bias::kFloats,
     .clamp = "Relu",
     .clamps_fully = true,
     .reads_x_twice = true,
     .wanted = "Conv Add Relu "},
    {.description = "without bias",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .bias = Bias::kNone,
     .reads_x_twice = true,
     .wanted = "Conv "},
    {.description = "a Relu that cuts", .clamp = "Relu", .wanted = "Conv Add Relu "},
    {.description = "a Clip that cuts",
     .clamp = "Clip",
     .bounds = {0, 1},
     .clamps_fully = true,
     .wanted = "Conv Add Clip "},
    {.description = "a Clip that cuts below",
     .clamp = "Clip",
     .bounds = {0.1, 6},
     .clamps_fully = true,
     .wanted = "Conv Add Clip "},
    {.description = "a bias of another scale", .bias = Bias::kOtherScale, .wanted = "Conv "},
    {.description = "a bias with a zero point", .bias = Bias::kOtherZero, .wanted = "Conv "},
    {.description = "a scale an input channel",
     .weight = {4, 4, 3, 3},
     .has_scale_a_channel = true,
     .scale_axis = 1,
     .wanted = "Conv "},
    {.description = "a bias of floats, a scale of zero",
     .has_scale_a_channel = true,
     .bias = Bias::kFloats,
     .odd_scale = 0.0F,
     .wanted = "Conv "},
    {.description = "a bias of floats, a scale of which it is too many",
     .has_scale_a_channel = true,
     .y_dtype = DType::kUInt16,
     .bias = Bias::kFloats,
     .opset = 21,
     .odd_scale = 1e-38F,
     .wanted = "Conv "},
    {.description = "a scale of zero",
     .has_scale_a_channel = true,
     .odd_scale = 0.0F,
     .wanted = "Conv "},
    {.description = "weights that others read", .reads_weight_twice = true, .wanted = "Conv "},
    {.description = "a layer that is returned", .returns_layer = true, .wanted = "Conv "},
    {.description = "an output of 16 bits",
     .y_dtype = DType::kUInt16,
     .opset = 21,
     .wanted = "Conv Add "},
    {.description = "weights of 16 bits",
     .weight_dtype = DType::kInt16,
     .opset = 21,
     .wanted = "Conv "},
    {.description = "scales of no use", .y_scale = 1e-25, .wanted = "Conv "},
    gemm({.description = "Gemm in int8 without zero points",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .has_zero_points = false,
          .opset = 21,
          .output_dtype = 3,
          .wanted = "Gemm Mul "}),
    gemm({.description = "Gemm in int8 without zero points before a Relu",
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .has_zero_points = false,
          .clamp = "Relu",
          .opset = 21,
          .output_dtype = 3,
          .wanted = "Gemm Relu "}),
    {.description = "Conv in int8 without zero points",
     .x_dtype = DType::kInt8,
     .y_dtype = DType::kInt8,
     .has_zero_points = false,
     .opset = 21,
     .output_dtype = 3,
     .wanted = "Conv Add "},
    {.description = "Gemm of a transposed input",
     .op_type = "Gemm",
     .x = {12, 5},
     .weight = {12, 7},
     .attributes = {{"transA", 1}},
     .axis = 1,
     .wanted = "Gemm "},
    gemm({.description = "Gemm of int8 and uint8 weights",
          .weight_dtype = DType::kUInt8,
          .weight_zero = 128,
          .x_dtype = DType::kInt8,
          .y_dtype = DType::kInt8,
          .reads_x_twice = true,
          .reads_y_twice = true,
          .wanted = "Gemm "}),
    gemm({.description = "Gemm with a factor", .attributes = {{"alpha", 0.5}}, .wanted = "Gemm "}),
    gemm({.description = "Gemm with a factor of the bias",
          .attributes = {{"beta", 0.5}},
          .wanted = "Gemm "}),
};

/// The layer and what is between it and the last QuantizeLinear.
std::string between(const std::string& types) {
  const size_t begin = std::min({types.find("Conv"), types.find("Gemm"), types.find("MatMul")});
  const auto end = types.rfind("QuantizeLinear");
  return begin == std::string::npos ? types : types.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("quantised layers are the sums of integers on every backend") {
  for (const QuantizedCase& c : kIntegerCases) {
    CAPTURE(c.description);
    const TestTensor x = random_tensor(c.x, 5, -3, 3);
    const TestTensor y = wanted(c, x);
    const Tensor input = to_tensor(x);
    const TensorView views[] = {input.view()};
    for (const Backend* backend : all_backends()) {
      CAPTURE(backend->name());
      Graph graph = build(c);
      expect(optimize::optimize(graph));
      CHECK(node_named(graph, "layer").op_type == c.op_type);
      const auto outputs = expect(run_graph(*backend, std::move(graph), views));
      CHECK(mismatch(outputs[0].view(), y, 0) == "");
      if (!c.reads_x_twice) continue;
      TestTensor other = quantized(c, x);
      for (double& value : other.values) {
        value = -static_cast<double>(static_cast<float>(value) * static_cast<float>(kXScale));
      }
      CHECK(mismatch(outputs[1].view(), other, 0) == "");
    }
    Graph graph = build(c);
    expect(optimize::optimize(graph));
    CHECK(between(op_types(graph)) == c.wanted);
  }
}

TEST_CASE("other quantised layers answer as before; Convs that stay floats add their bias last") {
  for (QuantizedCase c : kFloatCases) {
    CAPTURE(c.description);
    if (c.y_scale == kYScale) c.y_scale = kOddYScale;
    const Tensor input = to_tensor(random_tensor(c.x, 5, -3, 3));
    const TensorView views[] = {input.view()};
    Graph graph = build(c);
    expect(optimize::compute_in_integers(graph));
    CHECK(between(op_types(graph)) == c.wanted);
    const auto found = expect(run_graph(ReferenceBackend(), std::move(graph), views));
    // Floats that are rounded to integers are those.
    if (c.bias == Bias::kFloats && !c.odd_scale) c.bias = Bias::kIntegers;
    const auto same = expect(run_graph(ReferenceBackend(), build(c), views));
    CHECK(mismatch(found[0].view(), same[0].view(), 0) == "");
  }
}

TEST_CASE("a layer that clamps is none of integers") {
  for (const char* name : {"layer", "y_q"}) {
    Graph graph = build({});
    for (Node& node : graph.nodes) {
      if (node.name == name) node.activation = {0, 1};
    }
    expect(optimize::compute_in_integers(graph));
    CHECK(between(op_types(graph)) == "Conv ");
  }
}

}  // namespace synsight::test
