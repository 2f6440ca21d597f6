// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/optimize/clamp_range.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

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

/// First `inner`, then `outer`.
ActivationRange compose(const ActivationRange& inner, const ActivationRange& outer) {
  const auto clamp = [&](float value) { return std::min(std::max(value, outer.min), outer.max); };
  return {clamp(inner.min), clamp(inner.max)};
}

void fuse(Rewrite& rewrite, const ValueFacts& facts, size_t index) {
  const Node& node = rewrite.node(index);
  if (node.inputs.empty() || facts.dtype(node.inputs[0]) != DType::kFloat32) return;
  const auto range = clamp_range(rewrite, node);
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
