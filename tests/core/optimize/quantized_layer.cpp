// SPDX-License-Identifier: Apache-2.0
#include "tests/core/optimize/quantized_layer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "tests/support/conv_oracle.h"

namespace synsight::test {

namespace {

constexpr double kOtherScale = 1.25;

int64_t lowest(DType dtype) { return dtype == DType::kInt8 ? -128 : 0; }
double x_zero(const QuantizedCase& c) {
  if (c.x_zero) return *c.x_zero;
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
  const double factor = c.bias == Bias::kOtherScale ? kOtherScale : 1;
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

/// The layer's weights, less the zero point.
TestTensor factors(const QuantizedCase& c) {
  TestTensor factors = weights(c);
  for (double& value : factors.values) value -= c.weight_zero;
  return factors;
}

/// One sum of the layer, whose terms are integers.
double sum_at(const QuantizedCase& c, const TestTensor& x, const TestTensor& w,
              std::span<const int64_t> at) {
  if (c.op_type == "Conv") {
    return conv_sum(x, w, {{c.stride, c.stride}, {c.dilation, c.dilation}, {c.pad, c.pad}, c.group},
                    at);
  }
  double sum = 0;
  for (int64_t k = 0; k < c.x[1]; ++k) {
    const int64_t in_x[] = {at[0], k};
    const int64_t in_w[] = {c.is_transposed ? at[1] : k, c.is_transposed ? k : at[1]};
    sum += element_at(x, in_x) * element_at(w, in_w);
  }
  return sum;
}

/// What the Relu or Clip makes of a number of y's steps.
float clamp_steps(const QuantizedCase& c, float steps) {
  if (c.clamp.empty()) return steps;
  const auto y_scale = static_cast<float>(c.y_scale);
  steps = std::max(steps, (c.bounds.empty() ? 0 : static_cast<float>(c.bounds[0])) / y_scale);
  return c.bounds.empty() ? steps : std::min(steps, static_cast<float>(c.bounds[1]) / y_scale);
}

Shape output_shape(const QuantizedCase& c) {
  const auto count = static_cast<int64_t>(num_channels(c));
  if (c.op_type != "Conv") return {c.x[0], count};
  const auto side = [&](size_t axis) {
    return (c.x[axis] + c.pad + c.pad_end - (c.weight[axis] - 1) * c.dilation - 1) / c.stride + 1;
  };
  return {c.x[0], count, side(2), side(3)};
}

}  // namespace

Graph graph_of(const QuantizedCase& c) {
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
    attributes.push_back({"dilations", std::vector<int64_t>{c.dilation, c.dilation}});
    attributes.push_back({"pads", std::vector<int64_t>{c.pad, c.pad, c.pad_end, c.pad_end}});
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

TestTensor counted_input(const QuantizedCase& c, const TestTensor& x) {
  TestTensor result = x;
  for (double& value : result.values) {
    const float quotient = static_cast<float>(value) / static_cast<float>(kXScale);
    const double level = std::nearbyint(static_cast<double>(quotient)) + x_zero(c);
    const auto least = static_cast<double>(lowest(c.x_dtype));
    value = std::min(std::max(level, least), least + 255) - x_zero(c);
  }
  return result;
}

TestTensor wanted_output(const QuantizedCase& c, const TestTensor& x) {
  const TestTensor integers = counted_input(c, x);
  const TestTensor w = factors(c);
  std::vector<double> bias = bias_counts(c);
  for (double& value : bias) value *= c.bias == Bias::kOtherScale ? kOtherScale : 1;
  return generate(output_shape(c), [&](std::span<const int64_t> at) {
    const auto channel = static_cast<size_t>(at[1]);
    const double sum = sum_at(c, integers, w, at) + bias[channel];
    const float factor = product_scale(c, channel) / static_cast<float>(c.y_scale);
    const float scaled = clamp_steps(c, static_cast<float>(sum) * factor);
    const double level = std::nearbyint(static_cast<double>(scaled)) + y_zero(c);
    const auto least = static_cast<double>(lowest(c.y_dtype));
    const double saturated = std::min(std::max(level, least), least + 255);
    return static_cast<double>(static_cast<float>(saturated - y_zero(c)) *
                               static_cast<float>(c.y_scale));
  });
}

}  // namespace synsight::test
