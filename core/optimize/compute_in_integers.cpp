// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "core/graph/attributes.h"
#include "core/ops/quantize.h"
#include "core/optimize/clamp_range.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"
#include "core/tensor/convert.h"

// What ONNX Runtime does on x86-64. A Conv, Gemm or MatMul between DequantizeLinear and
// QuantizeLinear is an int32 sum of products of integers, with its int32 bias, times
// x_scale * w_scale / y_scale in f32, rounded half to even, plus the zero point. Its input and
// output must be uint8. An int8 value is made uint8, by adding 128 to it and its zero point, where
// one node reads it, through a DequantizeLinear; where several do it stays, and the group is
// computed in floats, the bias added last. A Gemm may also have input, weights and output in int8,
// and what stands for a QLinearConv, QLinearMatMul or QGemm any types.
// A Relu or Clip that quantising to the output's range does anyway is dropped, and any other makes
// a group one of floats. A bias that is not quantised is rounded to a multiple of x_scale *
// w_scale; weights that are not, which ONNX Runtime rounds too, stay.
//
// An AveragePool between the two, of 8 bits, adds the zero point of uint8 before it rounds half to
// even. The quantiser gives both sides one scale, so that a mean of four often is half a step.

namespace synsight::optimize {

namespace {

constexpr int64_t kArithmeticOpset = 14;

/// A quantised layer: the DequantizeLinear nodes before it, and the QuantizeLinear behind.
struct Group {
  Node* layer = nullptr;
  Node* x = nullptr;
  Node* weight = nullptr;
  Node* y = nullptr;
  Node* reader = nullptr;  // of the layer's output: y, or a Relu or Clip before it
  bool has_integers = false;
  std::vector<float> scales;      // of the weights: one, or one a channel
  std::vector<float> bias_steps;  // likewise
};

bool is_clamp(const Node& node) { return is_op(node, "Relu") || is_op(node, "Clip"); }

/// Whether it has its one output and its first input, and clamps nothing.
bool is_plain(const Node& node) {
  return node.outputs.size() == 1 && node.outputs[0] != kNoValue && !node.inputs.empty() &&
         node.inputs[0] != kNoValue && node.activation.is_identity();
}

/// The DequantizeLinear that gives a node's input, or null.
Node* find_dequantize(Rewrite& rewrite, const Node& node, size_t input) {
  Node* found = input < node.inputs.size() ? rewrite.producer(node.inputs[input]) : nullptr;
  return found != nullptr && is_op(*found, "DequantizeLinear") && is_plain(*found) ? found
                                                                                   : nullptr;
}

/// The scales of a QuantizeLinear or DequantizeLinear; none where they are not constant f32.
std::span<const float> scales_of(const Rewrite& rewrite, const Node& node) {
  const TensorView scales = rewrite.constant(node, 1);
  return scales.dtype == DType::kFloat32 ? scales.as<float>() : std::span<const float>();
}

/// The one zero point, of 8 bits; nothing where it is another, not constant, or left out for a type
/// that is not uint8.
std::optional<int> zero_point_of(const Rewrite& rewrite, const Node& node) {
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue) {
    return node.find_attribute("output_dtype") == nullptr ? std::optional(0) : std::nullopt;
  }
  const TensorView zero = rewrite.constant(node, 2);
  if (zero.shape.num_elements() != 1) return std::nullopt;
  if (zero.dtype == DType::kUInt8) return zero.as<uint8_t>()[0];
  if (zero.dtype == DType::kInt8) return zero.as<int8_t>()[0];
  return std::nullopt;
}

/// By ValueId: each value's dtype in ONNX Runtime.
std::vector<DType> find_dtypes(Rewrite& rewrite) {
  const ValueFacts facts(rewrite.graph());
  std::vector<DType> dtypes;
  for (size_t id = 0; id < rewrite.graph().values.size(); ++id) {
    dtypes.push_back(facts.dtype(static_cast<ValueId>(id)));
  }
  for (const Node& node : rewrite.graph().nodes) {
    if (!is_op(node, "DequantizeLinear") || !is_plain(node) || rewrite.uses(node.outputs[0]) != 1)
      continue;
    DType& dtype = dtypes[static_cast<size_t>(node.inputs[0])];
    const Node* quantize = rewrite.sole_producer(node.inputs[0]);
    const auto zero = zero_point_of(rewrite, node);
    const bool is_pair = dtype == DType::kInt8 && zero && rewrite.constant(node, 2).exists() &&
                         quantize != nullptr && is_op(*quantize, "QuantizeLinear") &&
                         zero_point_of(rewrite, *quantize) == zero;
    if (is_pair) dtype = DType::kUInt8;
  }
  return dtypes;
}

/// Whether `y`, which quantises what the Relu or Clip gives, clamps as much.
bool is_redundant(const Rewrite& rewrite, const Node& clamp, const Node& y) {
  const auto range = clamp_range(rewrite, clamp);
  const auto zero = zero_point_of(rewrite, y);
  if (!is_clamp(clamp) || !range || !zero) return false;
  const auto is_scalar = [&](size_t i) { return rewrite.constant(y, i).shape.rank() == 0; };
  if (is_op(clamp, "Clip") && !(is_scalar(1) && is_scalar(2))) return false;
  const double scale = scales_of(rewrite, y)[0];
  const int lowest = rewrite.constant(y, 2).dtype == DType::kInt8 ? -128 : 0;
  return std::nearbyint(range->min / scale) + *zero <= lowest &&
         std::nearbyint(range->max / scale) + *zero >= lowest + 255;
}

/// The axis of the weights along which the output's channels lie; nothing for another operator, or
/// one with factors of its own.
std::optional<size_t> channel_axis(const Node& layer, const Shape& weight) {
  if (is_op(layer, "Conv") && weight.rank() >= 3) return 0;
  if (weight.rank() != 2) return std::nullopt;
  if (is_op(layer, "MatMul")) return 1;
  const auto is_one = [&](std::string_view name) {
    return float_attribute(layer, name, 1).value_or(0) == 1;
  };
  if (!is_op(layer, "Gemm") || !is_one("alpha") || !is_one("beta")) return std::nullopt;
  if (int_attribute(layer, "transA", 0).value_or(1) != 0) return std::nullopt;
  return int_attribute(layer, "transB", 0).value_or(0) != 0 ? 0 : 1;
}

/// The constant bias, of int32 where it is quantised; does not exist() where there is none.
TensorView find_bias(Rewrite& rewrite, const Node& layer) {
  const Node* quantized = find_dequantize(rewrite, layer, 2);
  return quantized != nullptr ? rewrite.constant(*quantized, 0) : rewrite.constant(layer, 2);
}

/// Whether a bias is one a channel, without a zero point, and of the products' scale where it is
/// quantised. Finds its steps, which are those of the products otherwise.
bool find_bias_steps(Rewrite& rewrite, Group& group, float x_scale, const Shape& channels) {
  for (const float scale : group.scales) group.bias_steps.push_back(x_scale * scale);
  const Node& layer = *group.layer;
  if (layer.inputs.size() < 3 || layer.inputs[2] == kNoValue) return true;
  const TensorView bias = find_bias(rewrite, layer);
  const Node* quantized = find_dequantize(rewrite, layer, 2);
  if (bias.dtype != (quantized != nullptr ? DType::kInt32 : DType::kFloat32) ||
      bias.shape != channels) {
    return false;
  }
  if (quantized == nullptr) {
    const auto elements = bias.as<float>();
    for (size_t i = 0; i < elements.size(); ++i) {
      const double step = group.bias_steps[group.bias_steps.size() == 1 ? 0 : i];
      if (!(std::fabs(elements[i]) < step * 0x1p31)) return false;  // its count is no int32
    }
    return true;
  }
  if (quantized->inputs.size() > 2 && quantized->inputs[2] != kNoValue) {
    const TensorView zero = rewrite.constant(*quantized, 2);
    if (zero.dtype != DType::kInt32) return false;
    for (const int32_t element : zero.as<int32_t>()) {
      if (element != 0) return false;
    }
  }
  const auto scales = scales_of(rewrite, *quantized);
  if (scales.size() != group.scales.size()) return false;
  for (size_t i = 0; i < scales.size(); ++i) {
    const float wanted = std::exchange(group.bias_steps[i], scales[i]);
    if (!(std::fabs(scales[i] - wanted) <= 1e-5F * wanted)) return false;
  }
  return true;
}

/// The layer whose output `y` quantises, and what is before it; false where it is no group.
bool find_nodes(Rewrite& rewrite, Node& y, Group& group) {
  if (!is_op(y, "QuantizeLinear") || !is_plain(y) || scales_of(rewrite, y).size() != 1)
    return false;
  group.y = group.reader = &y;
  group.layer = rewrite.sole_producer(y.inputs[0]);
  if (group.layer != nullptr && is_clamp(*group.layer) && is_plain(*group.layer)) {
    group.reader = group.layer;
    group.layer = rewrite.sole_producer(group.layer->inputs[0]);
  }
  if (group.layer == nullptr || !is_plain(*group.layer)) return false;
  group.x = find_dequantize(rewrite, *group.layer, 0);
  group.weight = find_dequantize(rewrite, *group.layer, 1);
  return group.x != nullptr && group.weight != nullptr && rewrite.uses(group.layer->inputs[1]) == 1;
}

/// False where `y` is behind no such layer.
bool find_group(Rewrite& rewrite, const std::vector<DType>& dtypes, Node& y, Group& group) {
  if (!find_nodes(rewrite, y, group)) return false;
  const TensorView weight = rewrite.constant(*group.weight, 0);
  const bool is_signed = weight.dtype == DType::kInt8;
  if (!is_signed && weight.dtype != DType::kUInt8) return false;
  const auto axis = channel_axis(*group.layer, weight.shape);
  const auto scales = scales_of(rewrite, *group.weight);
  const auto params = ops::parse_quantization(*group.weight, weight.shape,
                                              rewrite.constant(*group.weight, 1).shape);
  if (!axis || scales.empty() || !params || params->num_scales != scales.size() ||
      (scales.size() > 1 && params->axis != *axis)) {
    return false;
  }
  group.scales.assign(scales.begin(), scales.end());
  const auto x_scale = scales_of(rewrite, *group.x);
  if (x_scale.size() != 1 || !find_bias_steps(rewrite, group, x_scale[0], {weight.shape[*axis]})) {
    return false;
  }
  const DType x_dtype = dtypes[static_cast<size_t>(group.x->inputs[0])];
  const bool is_gemm = is_op(*group.layer, "Gemm");
  const bool has_dtypes =
      group.layer->find_attribute(kSumsIntegers) != nullptr ||
      (x_dtype == dtypes[static_cast<size_t>(y.outputs[0])] &&
       (x_dtype == DType::kUInt8 || (x_dtype == DType::kInt8 && is_signed && is_gemm)));
  group.has_integers =
      has_dtypes && (group.reader == &y || is_redundant(rewrite, *group.reader, y));
  return true;
}

/// The graph under the pass, and the nodes that it puts before others.
struct Context {
  Rewrite rewrite;
  std::vector<DType> dtypes;
  // Before the node of each index. What they read is not counted: it has other readers, or is new.
  std::vector<std::vector<Node>> inserted;

  Node& insert_before(const Node& node) {
    return inserted[static_cast<size_t>(&node - &rewrite.node(0))].emplace_back();
  }

  Result<ValueId> add_constant(const Node& layer, const Shape& shape, std::span<const float> all) {
    SYNSIGHT_TRY_ASSIGN(Tensor tensor, Tensor::from(shape, all));
    return rewrite.graph().add_initializer(layer.name + "/scale", std::move(tensor));
  }

  /// Gives a QuantizeLinear or DequantizeLinear other scales, as many as it has.
  Status set_scales(Node& node, std::span<const float> scales) {
    SYNSIGHT_TRY_ASSIGN(const ValueId id,
                        add_constant(node, rewrite.constant(node, 1).shape, scales));
    rewrite.set_input(node, 1, id);
    return {};
  }

  /// Names a new node, and the new value that it gives, after a layer.
  ValueId name_with_output(Node& node, const Node& layer, std::string_view suffix) {
    node.name = unique_node_name(rewrite.graph(), layer.name + std::string(suffix));
    Value value;
    value.name = node.name;
    value.dtype = DType::kFloat32;
    node.outputs = {rewrite.graph().add_value(std::move(value))};
    return node.outputs[0];
  }
};

/// The bias, if there is one, as multiples of its steps, each of which is to be as large as these.
std::vector<float> scale_bias(Context& context, const Group& group, std::span<const float> sizes) {
  std::vector<float> scaled;
  const TensorView bias = find_bias(context.rewrite, *group.layer);
  for (size_t i = 0; bias.exists() && i < bias.shape.num_elements(); ++i) {
    const size_t channel = sizes.size() == 1 ? 0 : i;
    const float count = bias.dtype == DType::kInt32
                            ? static_cast<float>(bias.as<int32_t>()[i])
                            : std::nearbyint(bias.as<float>()[i] / group.bias_steps[channel]);
    scaled.push_back(count * sizes[channel]);
  }
  return scaled;
}

/// The layer's input becomes integers. Where others read it too, they keep what they read.
Status count_input(Context& context, const Group& group) {
  constexpr float kOne[] = {1};
  const ValueId input = group.layer->inputs[0];
  if (context.rewrite.uses(input) == 1) return context.set_scales(*group.x, kOne);
  Node& copy = context.insert_before(*group.layer);
  copy.op_type = group.x->op_type;
  copy.opset = group.x->opset;
  copy.inputs = group.x->inputs;
  SYNSIGHT_TRY_ASSIGN(
      copy.inputs[1],
      context.add_constant(*group.x, context.rewrite.constant(*group.x, 1).shape, kOne));
  context.rewrite.set_input(*group.layer, 0,
                            context.name_with_output(copy, *group.layer, "/counted"));
  return {};
}

/// Puts an Add or Mul behind the layer, which `reader` then reads. Its constants are for all
/// channels, or one each.
Status insert_arithmetic(Context& context, const Group& group, std::string_view op_type,
                         std::span<const float> constants, Node& reader) {
  Shape shape;
  if (constants.size() > 1) {
    shape.push_back(static_cast<int64_t>(constants.size()));
    const Shape& weight = context.rewrite.constant(*group.weight, 0).shape;
    for (size_t axis = 2; axis < weight.rank(); ++axis) shape.push_back(1);
  }
  Node& node = context.insert_before(reader);
  node.op_type = op_type;
  node.opset = group.layer->opset;
  SYNSIGHT_TRY_ASSIGN(const ValueId id, context.add_constant(*group.layer, shape, constants));
  node.inputs = {group.layer->outputs[0], id};
  context.rewrite.set_input(reader, 0, context.name_with_output(node, *group.layer, "/scaled"));
  return {};
}

/// Splits each scale from a sum of integers to the output's steps into a power of two, its unit,
/// which goes into the weights and rounds nothing, and a factor from 0.5 to 1. With units of 1 the
/// sums would be the same, but too large for where a backend keeps them in half precision.
Status count_group(Context& context, const Group& group) {
  const float x_scale = scales_of(context.rewrite, *group.x)[0];
  const float y_scale = scales_of(context.rewrite, *group.y)[0];
  std::vector<float> units;
  std::vector<float> factors;
  for (const float w_scale : group.scales) {
    int exponent = 0;
    factors.push_back(std::frexp(x_scale * w_scale / y_scale, &exponent));
    units.push_back(std::ldexp(1.0F, exponent));
    constexpr int kMostExponent = 64;
    const bool is_usual = factors.back() > 0 && factors.back() < 1;
    if (!is_usual || std::abs(exponent) > kMostExponent) return {};
  }
  constexpr float kOne[] = {1};
  const std::vector<float> bias = scale_bias(context, group, units);
  if (!bias.empty()) {
    const Shape channels{static_cast<int64_t>(bias.size())};
    SYNSIGHT_TRY_ASSIGN(const ValueId id, context.add_constant(*group.layer, channels, bias));
    context.rewrite.set_input(*group.layer, 2, id);
  }
  SYNSIGHT_TRY(insert_arithmetic(context, group, "Mul", factors, *group.y));
  SYNSIGHT_TRY(context.set_scales(*group.y, kOne));
  SYNSIGHT_TRY(context.set_scales(*group.weight, units));
  return count_input(context, group);
}

Status add_bias_last(Context& context, const Group& group) {
  const std::vector<float> bias = scale_bias(context, group, group.bias_steps);
  if (bias.empty() || group.layer->op_type != "Conv") return {};
  context.rewrite.set_input(*group.layer, 2, kNoValue);
  return insert_arithmetic(context, group, "Add", bias, *group.reader);
}

/// Puts a Div or Add of one number before the first input of `y`.
Status insert_number(Context& context, Node& y, std::string_view op_type, float number) {
  Node& node = context.insert_before(y);
  node.op_type = op_type;
  node.opset = kArithmeticOpset;
  SYNSIGHT_TRY_ASSIGN(const ValueId id, context.add_constant(y, {}, {&number, 1}));
  node.inputs = {y.inputs[0], id};
  context.rewrite.set_input(y, 0, context.name_with_output(node, y, "/" + node.op_type));
  return {};
}

/// Where `y` quantises what an AveragePool gives, the zero point is added before it rounds.
Status add_zero_first(Context& context, Node& y) {
  Rewrite& rewrite = context.rewrite;
  if (!is_op(y, "QuantizeLinear") || !is_plain(y) || scales_of(rewrite, y).size() != 1) return {};
  const Node* pool = rewrite.sole_producer(y.inputs[0]);
  if (pool == nullptr || !is_op(*pool, "AveragePool") || !is_plain(*pool)) return {};
  const Node* x = find_dequantize(rewrite, *pool, 0);
  const auto zero = zero_point_of(rewrite, y);
  if (x == nullptr || scales_of(rewrite, *x).size() != 1 || !zero) return {};
  const DType dtype = context.dtypes[static_cast<size_t>(y.outputs[0])];
  if (context.dtypes[static_cast<size_t>(x->inputs[0])] != dtype) return {};
  const bool is_signed = rewrite.constant(y, 2).dtype == DType::kInt8;
  const float shift = is_signed && dtype == DType::kUInt8 ? -128 : 0;
  if (static_cast<float>(*zero) == shift) return {};  // nothing is added
  SYNSIGHT_TRY(insert_number(context, y, "Div", scales_of(rewrite, y)[0]));
  SYNSIGHT_TRY(insert_number(context, y, "Add", static_cast<float>(*zero) - shift));
  constexpr float kOne[] = {1};
  SYNSIGHT_TRY(context.set_scales(y, kOne));
  const TensorView old = rewrite.constant(y, 2);
  SYNSIGHT_TRY_ASSIGN(Tensor zero_point, convert({DType::kFloat32, old.shape, &shift}, old.dtype));
  const ValueId id = rewrite.graph().add_initializer(y.name + "/zero_point", std::move(zero_point));
  rewrite.set_input(y, 2, id);
  return {};
}

}  // namespace

Status compute_in_integers(Graph& graph) {
  if (!ops::quantizes(graph)) return {};
  Context context{Rewrite(graph), {}, std::vector<std::vector<Node>>(graph.nodes.size())};
  context.dtypes = find_dtypes(context.rewrite);
  for (Node& node : graph.nodes) {
    SYNSIGHT_TRY(add_zero_first(context, node));
    Group group;
    if (!find_group(context.rewrite, context.dtypes, node, group)) continue;
    SYNSIGHT_TRY(group.has_integers ? count_group(context, group) : add_bias_last(context, group));
  }
  std::vector<Node> nodes;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    std::move(context.inserted[i].begin(), context.inserted[i].end(), std::back_inserter(nodes));
    nodes.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(nodes);
  return remove_unused(graph);
}

}  // namespace synsight::optimize
