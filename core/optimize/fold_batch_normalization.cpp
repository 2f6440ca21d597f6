// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "core/graph/attributes.h"
#include "core/ops/batch_normalization.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

/// A Conv, Gemm or MatMul, or a BatchNormalization of its own, whose weights (input 1), and bias
/// (input 2) if there is one, are constant.
struct Linear {
  Node* node = nullptr;
  size_t num_channels = 0;     // of the output, whose axis 1 they are
  size_t rank = 0;             // of the output
  bool channels_last = false;  // in the weights; else they come first
  TensorView bias;             // one element or one a channel; absent: zeros
};

/// y[c] = scale[c] * x[c] + shift[c].
struct ChannelAffine {
  std::vector<double> scale;
  std::vector<double> shift;
};

bool is_f32_constant(const TensorView& view) { return view.dtype == DType::kFloat32; }

/// Whether a Gemm is A * B' + C, without factors.
bool is_plain_gemm(const Node& node) {
  return float_attribute(node, "alpha", 1).value_or(0) == 1 &&
         float_attribute(node, "beta", 1).value_or(0) == 1;
}

/// Which layer `node` is, if it is one.
std::optional<Linear> find_linear(const Rewrite& rewrite, const ValueFacts& facts, Node* node) {
  if (node == nullptr || !node->domain.empty() || !node->activation.is_identity()) {
    return std::nullopt;
  }
  const TensorView weight = rewrite.constant(*node, 1);
  if (!is_f32_constant(weight) || weight.shape.num_elements() == 0) return std::nullopt;
  Linear linear;
  linear.node = node;
  linear.rank = weight.shape.rank();
  const bool is_conv = node->op_type == "Conv" && linear.rank >= 3;
  const bool is_gemm = node->op_type == "Gemm" && linear.rank == 2 && is_plain_gemm(*node);
  const size_t input_rank = facts[node->inputs[0]].shape.rank();
  const bool is_matmul = node->op_type == "MatMul" && linear.rank == 2 && input_rank == 2;
  const bool is_normalization =
      node->op_type == "BatchNormalization" && linear.rank == 1 && input_rank >= 2;
  if (is_normalization && ops::uses_batch_statistics(*node)) return std::nullopt;
  if (!is_conv && !is_gemm && !is_matmul && !is_normalization) return std::nullopt;
  if (is_normalization) linear.rank = input_rank;
  linear.channels_last =
      is_matmul || (is_gemm && int_attribute(*node, "transB", 0).value_or(0) == 0);
  linear.num_channels = static_cast<size_t>(weight.shape[linear.channels_last ? 1 : 0]);
  if (node->inputs.size() > 2 && node->inputs[2] != kNoValue) {
    linear.bias = rewrite.constant(*node, 2);
    const size_t size = linear.bias.exists() ? linear.bias.shape.num_elements() : 0;
    const bool is_channels = size == linear.num_channels && linear.bias.shape.rank() > 0 &&
                             linear.bias.shape[linear.bias.shape.rank() - 1] ==
                                 static_cast<int64_t>(linear.num_channels);
    if (!is_f32_constant(linear.bias) || (size != 1 && !is_channels)) return std::nullopt;
  }
  return linear;
}

std::optional<ChannelAffine> batch_normalization(const Rewrite& rewrite, const Node& node,
                                                 const Linear& linear) {
  const auto params = ops::parse_batch_normalization(node);
  if (!params) return std::nullopt;
  std::vector<std::span<const float>> inputs;  // scale, bias, mean, variance
  for (size_t i = 1; i <= 4; ++i) {
    const TensorView constant = rewrite.constant(node, i);
    if (!is_f32_constant(constant)) return std::nullopt;
    inputs.push_back(constant.as<float>());
    if (inputs.back().size() != linear.num_channels) return std::nullopt;
  }
  ChannelAffine affine;
  for (size_t c = 0; c < linear.num_channels; ++c) {
    const double deviation = std::sqrt(static_cast<double>(inputs[3][c]) + params->epsilon);
    affine.scale.push_back(inputs[0][c] / deviation);
    affine.shift.push_back(inputs[1][c] - inputs[2][c] * affine.scale[c]);
  }
  return affine;
}

/// A constant's value for each channel, where it broadcasts to the layer's output along nothing but
/// the channels: [C,1,1], [1,C,1,1], a scalar, ...
std::optional<std::vector<double>> channel_values(const TensorView& constant,
                                                  const Linear& linear) {
  const size_t rank = constant.shape.rank();
  if (!is_f32_constant(constant) || rank > linear.rank) return std::nullopt;
  const auto elements = constant.as<float>();
  const size_t num_after_channels = linear.rank - 2;
  const bool is_per_channel =
      elements.size() == linear.num_channels && rank > num_after_channels &&
      constant.shape[rank - 1 - num_after_channels] == static_cast<int64_t>(linear.num_channels);
  if (!is_per_channel && elements.size() != 1) return std::nullopt;
  std::vector<double> values(linear.num_channels, elements[0]);
  if (is_per_channel) std::copy(elements.begin(), elements.end(), values.begin());
  return values;
}

/// Add, Sub, Mul or Div of the layer's output, which is the operand `input`, and a constant.
std::optional<ChannelAffine> arithmetic(const Rewrite& rewrite, const Node& node, size_t input,
                                        const Linear& linear) {
  auto values = channel_values(rewrite.constant(node, 1 - input), linear);
  if (!values) return std::nullopt;
  ChannelAffine affine{std::vector<double>(linear.num_channels, 1),
                       std::vector<double>(linear.num_channels, 0)};
  const bool is_first = input == 0;
  if (node.op_type == "Add") {
    affine.shift = *std::move(values);
  } else if (node.op_type == "Sub") {
    for (double& value : is_first ? *values : affine.scale) value = -value;
    affine.shift = *std::move(values);
  } else if (node.op_type == "Mul") {
    affine.scale = *std::move(values);
  } else if (node.op_type == "Div" && is_first) {
    for (double& value : *values) value = 1 / value;
    affine.scale = *std::move(values);
  } else {
    return std::nullopt;
  }
  return affine;
}

bool is_finite(const ChannelAffine& affine) {
  const auto all_finite = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
  };
  return all_finite(affine.scale) && all_finite(affine.shift);
}

/// Whole networks' weights, which a page waits for, four at a time.
void scale_channel(std::span<float> weights, double factor) {
  constexpr size_t kLanes = 4;
  using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
  using Doubles = double __attribute__((vector_size(kLanes * sizeof(double))));
  size_t i = 0;
  for (; i + kLanes <= weights.size(); i += kLanes) {
    Floats values;
    std::memcpy(&values, &weights[i], sizeof values);
    values = __builtin_convertvector(__builtin_convertvector(values, Doubles) * factor, Floats);
    std::memcpy(&weights[i], &values, sizeof values);
  }
  for (; i < weights.size(); ++i) weights[i] = static_cast<float>(weights[i] * factor);
}

/// Scales the weights, in place unless other nodes read them as well.
Status scale_weights(Rewrite& rewrite, const Linear& linear, const std::vector<double>& scale) {
  Graph& graph = rewrite.graph();
  const ValueId shared = linear.node->inputs[1];
  if (rewrite.uses(shared) > 1) {
    SYNSIGHT_TRY_ASSIGN(Tensor copy, Tensor::copy(graph.value(shared).initializer.view()));
    rewrite.set_input(*linear.node, 1,
                      graph.add_initializer(linear.node->name + "/weight", std::move(copy)));
  }
  const auto weights = graph.value(linear.node->inputs[1]).initializer.as<float>();
  const size_t channel_size = weights.size() / linear.num_channels;
  const size_t num_outer = linear.channels_last ? channel_size : 1;
  const size_t num_inner = linear.channels_last ? 1 : channel_size;
  size_t first = 0;
  for (size_t outer = 0; outer < num_outer; ++outer) {
    for (const double factor : scale) {
      scale_channel(weights.subspan(first, num_inner), factor);
      first += num_inner;
    }
  }
  return {};
}

Status apply(Rewrite& rewrite, const Linear& linear, const ChannelAffine& affine) {
  SYNSIGHT_TRY_ASSIGN(
      Tensor bias, Tensor::allocate(DType::kFloat32, {static_cast<int64_t>(linear.num_channels)}));
  for (size_t c = 0; c < linear.num_channels; ++c) {
    double before = 0;
    if (linear.bias.exists()) {
      const auto elements = linear.bias.as<float>();
      before = elements[elements.size() == 1 ? 0 : c];
    }
    bias.as<float>()[c] = static_cast<float>(before * affine.scale[c] + affine.shift[c]);
  }
  SYNSIGHT_TRY(scale_weights(rewrite, linear, affine.scale));
  rewrite.set_input(*linear.node, 2,
                    rewrite.graph().add_initializer(linear.node->name + "/bias", std::move(bias)));
  if (linear.node->op_type == "MatMul") linear.node->op_type = "Gemm";
  return {};
}

/// By ValueId: whether the value is rounded to a quantised network's steps, if only after clamps.
/// There another rounding may be a step more or less, so that nothing is folded before it.
std::vector<bool> find_quantized(const Graph& graph) {
  std::vector<bool> is_quantized(graph.values.size());
  const auto is_found = [&](ValueId id) {
    return id != kNoValue && is_quantized[static_cast<size_t>(id)];
  };
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (node->inputs.empty() || node->inputs[0] == kNoValue) continue;
    const bool is_clamp = is_op(*node, "Relu") || is_op(*node, "Clip");
    if (is_op(*node, "QuantizeLinear") || (is_clamp && is_found(node->outputs.front()))) {
      is_quantized[static_cast<size_t>(node->inputs[0])] = true;
    }
  }
  return is_quantized;
}

Status fold(Rewrite& rewrite, const ValueFacts& facts, size_t index) {
  const Node& node = rewrite.node(index);
  if (!node.domain.empty() || !node.activation.is_identity()) return {};
  const bool is_normalization = node.op_type == "BatchNormalization";
  if (is_normalization && ops::uses_batch_statistics(node)) return {};
  const size_t num_operands = is_normalization ? 1 : std::min(node.inputs.size(), size_t{2});
  for (size_t input = 0; input < num_operands; ++input) {
    const auto linear = find_linear(rewrite, facts, rewrite.sole_producer(node.inputs[input]));
    if (!linear) continue;
    const auto affine = is_normalization ? batch_normalization(rewrite, node, *linear)
                                         : arithmetic(rewrite, node, input, *linear);
    if (!affine || !is_finite(*affine)) continue;
    SYNSIGHT_TRY(apply(rewrite, *linear, *affine));
    rewrite.merge(index, *linear->node);
    return {};
  }
  return {};
}

}  // namespace

Status fold_batch_normalization(Graph& graph) {
  const ValueFacts facts(graph);
  const std::vector<bool> is_quantized = find_quantized(graph);
  Rewrite rewrite(graph);
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) {
    const Node& node = rewrite.node(i);
    const ValueId output = node.outputs.empty() ? kNoValue : node.outputs[0];
    if (output == kNoValue || is_quantized[static_cast<size_t>(output)]) continue;
    SYNSIGHT_TRY(fold(rewrite, facts, i));
  }
  rewrite.finish();
  return {};
}

}  // namespace synsight::optimize
