// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/quantized_groups.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace synsight::cuda {

namespace {

/// A graph with who writes each value, and how many read it.
struct KnownGraph {
  const Graph& graph;
  std::vector<int> uses = count_uses(graph);
  std::vector<int> producers = find_producers(graph);

  /// The node that gives a node's first input; nothing for another operator.
  std::optional<size_t> producer(const Node& node, std::string_view op_type) const {
    if (!has_input(node, 0)) return std::nullopt;
    const int index = producers[static_cast<size_t>(node.inputs[0])];
    if (index < 0) return std::nullopt;
    const Node& found = graph.nodes[static_cast<size_t>(index)];
    return is_op(found, op_type) && has_input(found, 0) ? std::optional<size_t>(index)
                                                        : std::nullopt;
  }

  bool is_sole_reader(const Node& node) const {
    return uses[static_cast<size_t>(node.inputs[0])] == 1;
  }

  /// The same where nobody else reads it.
  std::optional<size_t> sole_producer(const Node& node, std::string_view op_type) const {
    const auto found = producer(node, op_type);
    return found && is_sole_reader(node) ? found : std::nullopt;
  }

  /// The group that ends with that node.
  std::optional<QuantizedGroup> group_before(size_t quantize) const {
    QuantizedGroup group;
    group.quantize = quantize;
    const Node* reader = &graph.nodes[quantize];
    group.middle = sole_producer(*reader, "Mul");
    if (!group.middle) group.middle = sole_producer(*reader, "Add");
    if (group.middle) reader = &graph.nodes[*group.middle];
    const auto conv = sole_producer(*reader, "Conv");
    if (!conv) return std::nullopt;
    group.conv = *conv;
    if (group.middle && !graph.nodes[*conv].activation.is_identity()) return std::nullopt;
    const auto dequantize = producer(graph.nodes[*conv], "DequantizeLinear");
    if (!dequantize || !graph.nodes[*dequantize].activation.is_identity()) return std::nullopt;
    group.dequantize = *dequantize;
    group.shares_input = !is_sole_reader(graph.nodes[*conv]);
    return group;
  }
};

/// The one scale of a QuantizeLinear or DequantizeLinear; 0 where there are more, or it is of no
/// use.
float scale_of(const Graph& graph, const Node& node) {
  const TensorView scale = constant_input(graph, node, 1);
  const bool is_one = scale.data != nullptr && scale.dtype == DType::kFloat32 &&
                      scale.shape.num_elements() == 1 && std::isnormal(scale.as<float>()[0]);
  return is_one ? scale.as<float>()[0] : 0;
}

/// The one zero point; nothing where it is another, or of more than 8 bits.
std::optional<int> zero_point(const Graph& graph, const Node& node) {
  if (!has_input(node, 2)) return 0;
  const TensorView zero = constant_input(graph, node, 2);
  if (zero.data == nullptr || zero.shape.num_elements() != 1) return std::nullopt;
  if (zero.dtype == DType::kUInt8) return zero.as<uint8_t>()[0];
  if (zero.dtype == DType::kInt8) return zero.as<int8_t>()[0];
  return std::nullopt;
}

/// The largest power of two of which a finite number is a multiple; infinite for 0.
float unit_of(float value) {
  if (value == 0) return std::numeric_limits<float>::infinity();
  constexpr int kDigits = std::numeric_limits<float>::digits;
  int exponent = 0;
  const float fraction = std::frexp(std::fabs(value), &exponent);
  const auto digits = static_cast<uint32_t>(std::ldexp(fraction, kDigits));
  return std::ldexp(1.0F, exponent - kDigits + std::countr_zero(digits));
}

/// What a Mul multiplies each of the filters' sums by, or an Add adds; empty where it is not one
/// constant a filter, or one for all.
std::vector<float> find_operands(const Graph& graph, const Node& node, const Shape& weights) {
  const TensorView operands = constant_input(graph, node, 1);
  if (operands.data == nullptr || operands.dtype != DType::kFloat32) return {};
  const auto elements = operands.as<float>();
  const auto num_filters = static_cast<size_t>(weights[0]);
  if (elements.size() == 1 && operands.shape.rank() < weights.rank()) {
    return std::vector<float>(num_filters, elements[0]);
  }
  const bool is_one_each = elements.size() == num_filters &&
                           operands.shape.rank() == weights.rank() - 1 &&
                           operands.shape[0] == weights[0];
  return is_one_each ? std::vector<float>(elements.begin(), elements.end()) : std::vector<float>();
}

/// The Conv's bias, or zeros; empty where it is not a constant.
std::vector<float> find_bias(const Graph& graph, const Node& conv, size_t num_filters) {
  if (!has_input(conv, 2)) return std::vector<float>(num_filters, 0.0F);
  const TensorView bias = constant_input(graph, conv, 2);
  if (bias.data == nullptr || bias.dtype != DType::kFloat32 ||
      bias.shape.num_elements() != num_filters) {
    return {};
  }
  const auto elements = bias.as<float>();
  return {elements.begin(), elements.end()};
}

/// The largest step of which the weights are up to 128 multiples, as f32 rounds them; 0 where there
/// is none.
float step_of(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) {
    if (!std::isfinite(weight)) return 0;
    largest = std::max(largest, std::fabs(weight));
  }
  if (largest == 0) return 1;  // a filter of zeros
  // The weight, the step and their quotient are each rounded, and so is the largest weight.
  constexpr float kTolerance = 0x1p-21F;
  for (int count = 1; count <= 128; ++count) {
    const float step = largest / static_cast<float>(count);
    const bool is_step = std::all_of(weights.begin(), weights.end(), [&](float weight) {
      const float quotient = weight / step;
      const float nearest = std::nearbyint(quotient);
      return std::fabs(quotient - nearest) <= kTolerance * std::fabs(nearest);
    });
    if (is_step) return step;
  }
  return 0;
}

/// Takes a filter's weights as multiples of `step`; false where they need more bits.
bool count_filter(std::span<const float> weights, float step, std::span<int8_t> integers,
                  double bias, QuantizedLayer& layer) {
  int64_t total = 0;
  int64_t most = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const float count = std::nearbyint(weights[i] / step);
    if (!(count >= -128 && count <= 127)) return false;
    integers[i] = static_cast<int8_t>(count);
    total += integers[i];
    most += std::abs(integers[i]) * int64_t{255};
  }
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  if (std::fabs(bias) + 2 * static_cast<double>(most) > kMost) return false;
  layer.bias.push_back(static_cast<int32_t>(bias));
  layer.totals.push_back(static_cast<int32_t>(total));
  return true;
}

/// The same of weights and a bias that are multiples of a power of two.
bool count_exactly(std::span<const float> weights, float bias, std::span<int8_t> integers,
                   float factor, QuantizedLayer& layer) {
  if (!std::isfinite(bias)) return false;
  float unit = unit_of(bias);
  for (const float weight : weights) {
    if (!std::isfinite(weight)) return false;
    unit = std::min(unit, unit_of(weight));
  }
  if (std::isinf(unit)) unit = 1;  // a filter of zeros
  layer.scales.push_back(unit * factor);
  layer.offsets.push_back(0);
  return std::isnormal(layer.scales.back()) &&
         count_filter(weights, unit, integers,
                      static_cast<double>(bias) / static_cast<double>(unit), layer);
}

/// The same of weights that are rounded, with an input in steps of `x_step`.
bool count_rounded(std::span<const float> weights, float offset, std::span<int8_t> integers,
                   float x_step, QuantizedLayer& layer) {
  const float step = step_of(weights);
  layer.scales.push_back(x_step * step);
  layer.offsets.push_back(offset);
  return std::isnormal(layer.scales.back()) && std::isfinite(offset) &&
         count_filter(weights, step, integers, 0, layer);
}

}  // namespace

std::vector<size_t> QuantizedGroup::others() const {
  std::vector<size_t> nodes;
  if (!shares_input) nodes.push_back(dequantize);
  if (middle) nodes.push_back(*middle);
  nodes.push_back(quantize);
  return nodes;
}

std::vector<QuantizedGroup> find_quantized_groups(const Graph& graph) {
  const KnownGraph known{graph};
  std::vector<QuantizedGroup> groups;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_op(graph.nodes[i], "QuantizeLinear")) continue;
    if (const auto group = known.group_before(i)) groups.push_back(*group);
  }
  return groups;
}

Result<QuantizedLayer> find_quantized_layer(const Graph& graph, const QuantizedGroup& group) {
  const Node& conv = graph.nodes[group.conv];
  const Node& last = graph.nodes[group.middle.value_or(group.conv)];
  const TensorView weights = constant_input(graph, conv, 1);
  const auto x_zero = zero_point(graph, graph.nodes[group.dequantize]);
  const auto y_zero = zero_point(graph, graph.nodes[group.quantize]);
  const float x_step = scale_of(graph, graph.nodes[group.dequantize]);
  const float y_step = scale_of(graph, graph.nodes[group.quantize]);
  const bool has_weights =
      weights.data != nullptr && weights.dtype == DType::kFloat32 && weights.shape.rank() >= 3;
  if (!has_weights || weights.shape.num_elements() == 0 || !x_zero || !y_zero || x_step == 0 ||
      y_step == 0) {
    return QuantizedLayer();
  }
  const auto num_filters = static_cast<size_t>(weights.shape[0]);
  std::vector<float> bias = find_bias(graph, conv, num_filters);
  std::vector<float> operands = bias;
  if (group.middle) operands = find_operands(graph, last, weights.shape);
  const bool is_exact = group.middle && is_op(last, "Mul");
  const bool is_known = is_exact ? x_step == 1 && y_step == 1 && last.activation.is_identity()
                                 : !group.middle || !has_input(conv, 2);
  if (bias.empty() || operands.empty() || !is_known) return QuantizedLayer();

  QuantizedLayer layer;
  layer.x_zero = *x_zero;
  layer.y_zero = *y_zero;
  layer.y_step = y_step;
  layer.clamp = last.activation;
  layer.is_rounded = !is_exact;
  SYNSIGHT_TRY_ASSIGN(Tensor integers, Tensor::allocate(DType::kInt8, weights.shape));
  const size_t size = weights.shape.num_elements() / num_filters;
  for (size_t m = 0; m < num_filters; ++m) {
    const auto filter = weights.as<float>().subspan(m * size, size);
    const auto counts = integers.as<int8_t>().subspan(m * size, size);
    const bool is_counted = is_exact ? count_exactly(filter, bias[m], counts, operands[m], layer)
                                     : count_rounded(filter, operands[m], counts, x_step, layer);
    if (!is_counted) return QuantizedLayer();
  }
  layer.weights = std::move(integers);
  return layer;
}

FusedGroups::FusedGroups(Graph& graph, std::vector<std::unique_ptr<Kernel>>& kernels,
                         std::vector<FusedGroup*> groups)
    : graph_(graph), kernels_(kernels), groups_(std::move(groups)) {
  for (const FusedGroup* fused : groups_) {
    const QuantizedGroup& group = fused->group;
    others_.push_back({group.conv,
                       {graph.nodes[group.dequantize].inputs[0]},
                       graph.nodes[group.quantize].outputs});
    for (const size_t other : group.others()) others_.push_back({other, {}, {}});
  }
  swap_all();
}

FusedGroups::~FusedGroups() { swap_all(); }

void FusedGroups::swap_all() {
  for (FusedGroup* fused : groups_) std::swap(fused->kernel, kernels_[fused->group.conv]);
  for (Joints& joints : others_) {
    std::swap(graph_.nodes[joints.node].inputs, joints.inputs);
    std::swap(graph_.nodes[joints.node].outputs, joints.outputs);
  }
}

}  // namespace synsight::cuda
