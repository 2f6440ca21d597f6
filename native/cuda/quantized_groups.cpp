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

  /// The node that gives a node's input to it alone, and clamps nothing; nothing for another
  /// operator.
  std::optional<size_t> sole_producer(const Node& node, std::string_view op_type) const {
    if (!has_input(node, 0)) return std::nullopt;
    const auto id = static_cast<size_t>(node.inputs[0]);
    if (producers[id] < 0 || uses[id] != 1) return std::nullopt;
    const auto index = static_cast<size_t>(producers[id]);
    const Node& found = graph.nodes[index];
    const bool is_plain = is_op(found, op_type) && found.activation.is_identity();
    return is_plain && has_input(found, 0) ? std::optional(index) : std::nullopt;
  }

  /// Whether a QuantizeLinear or DequantizeLinear only rounds and shifts.
  bool has_unit_scale(const Node& node) const {
    const TensorView scale = constant_input(graph, node, 1);
    return scale.data != nullptr && scale.dtype == DType::kFloat32 &&
           scale.shape.num_elements() == 1 && scale.as<float>()[0] == 1;
  }
};

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

/// What a Mul multiplies each of `count` filters' sums by; empty where it is not one constant a
/// filter, or one for all.
std::vector<float> find_factors(const Graph& graph, const Node& mul, const Shape& weights) {
  const TensorView factors = constant_input(graph, mul, 1);
  if (factors.data == nullptr || factors.dtype != DType::kFloat32) return {};
  const auto elements = factors.as<float>();
  const auto num_filters = static_cast<size_t>(weights[0]);
  if (elements.size() == 1 && factors.shape.rank() <= weights.rank()) {
    return std::vector<float>(num_filters, elements[0]);
  }
  const bool is_one_each = elements.size() == num_filters &&
                           factors.shape.rank() == weights.rank() - 1 &&
                           factors.shape[0] == weights[0];
  return is_one_each ? std::vector<float>(elements.begin(), elements.end()) : std::vector<float>();
}

/// Makes the filter's integers of its numbers, which are multiples of a power of two; false where
/// they need more bits.
bool count_filter(std::span<const float> weights, float bias, float factor,
                  std::span<int8_t> integers, QuantizedLayer& layer) {
  if (!std::isfinite(bias)) return false;
  float unit = unit_of(bias);
  for (const float weight : weights) {
    if (!std::isfinite(weight)) return false;
    unit = std::min(unit, unit_of(weight));
  }
  if (std::isinf(unit)) unit = 1;  // a filter of zeros
  int64_t total = 0;
  int64_t most = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const float count = weights[i] / unit;
    if (count < -128 || count > 127) return false;
    integers[i] = static_cast<int8_t>(count);
    total += integers[i];
    most += std::abs(integers[i]) * int64_t{255};
  }
  const double count = static_cast<double>(bias) / static_cast<double>(unit);
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  if (std::fabs(count) + 2 * static_cast<double>(most) > kMost) return false;
  const float scale = unit * factor;
  if (!std::isnormal(scale)) return false;
  layer.bias.push_back(static_cast<int32_t>(count));
  layer.scales.push_back(scale);
  layer.totals.push_back(static_cast<int32_t>(total));
  return true;
}

}  // namespace

std::vector<QuantizedGroup> find_quantized_groups(const Graph& graph) {
  const KnownGraph known{graph};
  std::vector<QuantizedGroup> groups;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& quantize = graph.nodes[i];
    if (!is_op(quantize, "QuantizeLinear") || !known.has_unit_scale(quantize)) continue;
    const auto mul = known.sole_producer(quantize, "Mul");
    if (!mul) continue;
    const auto conv = known.sole_producer(graph.nodes[*mul], "Conv");
    if (!conv) continue;
    const auto dequantize = known.sole_producer(graph.nodes[*conv], "DequantizeLinear");
    if (!dequantize || !known.has_unit_scale(graph.nodes[*dequantize])) continue;
    groups.push_back({*dequantize, *conv, *mul, i});
  }
  return groups;
}

Result<QuantizedLayer> find_quantized_layer(const Graph& graph, const QuantizedGroup& group) {
  const Node& conv = graph.nodes[group.conv];
  const TensorView weights = constant_input(graph, conv, 1);
  const TensorView bias = constant_input(graph, conv, 2);
  const auto x_zero = zero_point(graph, graph.nodes[group.dequantize]);
  const auto y_zero = zero_point(graph, graph.nodes[group.quantize]);
  const bool has_weights =
      weights.data != nullptr && weights.dtype == DType::kFloat32 && weights.shape.rank() >= 3;
  if (!has_weights || weights.shape.num_elements() == 0 || !x_zero || !y_zero) {
    return QuantizedLayer();
  }
  const auto num_filters = static_cast<size_t>(weights.shape[0]);
  const bool has_known_bias = bias.data != nullptr && bias.dtype == DType::kFloat32 &&
                              bias.shape.num_elements() == num_filters;
  const std::vector<float> factors = find_factors(graph, graph.nodes[group.mul], weights.shape);
  if (factors.empty() || (has_input(conv, 2) && !has_known_bias)) return QuantizedLayer();

  QuantizedLayer layer;
  layer.x_zero = *x_zero;
  layer.y_zero = *y_zero;
  SYNSIGHT_TRY_ASSIGN(Tensor integers, Tensor::allocate(DType::kInt8, weights.shape));
  const size_t size = weights.shape.num_elements() / num_filters;
  for (size_t m = 0; m < num_filters; ++m) {
    if (!count_filter(weights.as<float>().subspan(m * size, size),
                      has_known_bias ? bias.as<float>()[m] : 0, factors[m],
                      integers.as<int8_t>().subspan(m * size, size), layer)) {
      return QuantizedLayer();
    }
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
