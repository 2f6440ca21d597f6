// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "core/ops/clip.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Operators that compute each element they write: clamping it there is free or nearly so. Those
/// that only move elements stay as they are.
bool can_clamp(const Node& node) {
  static constexpr std::string_view kOperators[] = {"Add",
                                                    "AveragePool",
                                                    "BatchNormalization",
                                                    "Clip",
                                                    "Conv",
                                                    "ConvTranspose",
                                                    "Div",
                                                    "Elu",
                                                    "Gemm",
                                                    "GlobalAveragePool",
                                                    "GlobalMaxPool",
                                                    "InstanceNormalization",
                                                    "LRN",
                                                    "LeakyRelu",
                                                    "MatMul",
                                                    "Max",
                                                    "MaxPool",
                                                    "Mean",
                                                    "Min",
                                                    "Mul",
                                                    "PRelu",
                                                    "ReduceMax",
                                                    "ReduceMean",
                                                    "ReduceSum",
                                                    "Relu",
                                                    "Sub",
                                                    "Sum"};
  const bool has_one_output = std::count_if(node.outputs.begin(), node.outputs.end(),
                                            [](auto id) { return id != kNoValue; }) == 1;
  return has_one_output && node.domain.empty() &&
         std::find(std::begin(kOperators), std::end(kOperators), node.op_type) !=
             std::end(kOperators);
}

/// The one f32 that a constant input holds.
std::optional<float> constant_scalar(const Rewrite& rewrite, const Node& node, size_t input) {
  const TensorView constant = rewrite.constant(node, input);
  if (constant.dtype != DType::kFloat32 || constant.shape.rank() > 0) return std::nullopt;
  return constant.as<float>()[0];
}

/// What Relu, Clip, and Max or Min with a constant scalar clamp their first input to.
std::optional<ActivationRange> range_of(const Rewrite& rewrite, const Node& node) {
  if (!node.domain.empty() || node.inputs.empty()) return std::nullopt;
  if (node.op_type == "Relu") return ActivationRange{0, kInfinity};
  if (node.op_type == "Max" || node.op_type == "Min") {
    const auto bound = constant_scalar(rewrite, node, 1);
    if (!bound || node.inputs.size() != 2) return std::nullopt;
    return node.op_type == "Max" ? ActivationRange{*bound, kInfinity}
                                 : ActivationRange{-kInfinity, *bound};
  }
  if (node.op_type != "Clip") return std::nullopt;
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(rewrite.constant(node, i));
    const bool is_bound = inputs[i].dtype == DType::kFloat32 && inputs[i].shape.num_elements() == 1;
    if (i > 0 && node.inputs[i] != kNoValue && !is_bound) return std::nullopt;
  }
  return ops::constant_clip_range(node, inputs).value_or(std::nullopt);
}

/// First `inner`, then `outer`.
ActivationRange compose(const ActivationRange& inner, const ActivationRange& outer) {
  const auto clamp = [&](float value) { return std::min(std::max(value, outer.min), outer.max); };
  return {clamp(inner.min), clamp(inner.max)};
}

void fuse(Rewrite& rewrite, const ValueFacts& facts, size_t index) {
  const Node& node = rewrite.node(index);
  if (node.inputs.empty() || facts.dtype(node.inputs[0]) != DType::kFloat32) return;
  const auto range = range_of(rewrite, node);
  if (!range || std::isnan(range->min) || std::isnan(range->max)) return;
  Node* writer = rewrite.sole_producer(node.inputs[0]);
  if (writer == nullptr || !can_clamp(*writer)) return;
  writer->activation = compose(compose(writer->activation, *range), node.activation);
  rewrite.merge(index, *writer);
}

}  // namespace

Status fuse_activations(Graph& graph) {
  const ValueFacts facts(graph);
  Rewrite rewrite(graph);
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) fuse(rewrite, facts, i);
  rewrite.finish();
  return {};
}

}  // namespace synsight::optimize
