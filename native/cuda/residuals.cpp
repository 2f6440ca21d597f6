// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/residuals.h"

#include <utility>

namespace synsight::cuda {

namespace {

/// A graph with what is known of its values and nodes.
struct KnownGraph {
  const Graph& graph;
  const ShapePlan& shapes;
  std::span<const std::unique_ptr<Kernel>> kernels;
  std::vector<int> uses = count_uses(graph);
  std::vector<int> producers = find_producers(graph);

  const ops::ValueInfo& info(ValueId id) const { return shapes.values[static_cast<size_t>(id)]; }

  /// Whether the kernel of a Conv takes what is added, too.
  bool takes(const Node& conv, const Kernel& kernel, ValueId z) const {
    std::vector<Operand> inputs;
    for (const ops::ValueInfo& input : shapes.infos_of(conv.inputs)) inputs.push_back({input});
    inputs.resize(kResidualInput);
    inputs.push_back({info(z)});
    const Operand output{info(conv.outputs[0])};
    return kernel.accepts(inputs, {&output, 1});
  }

  /// Whether the value that an Add reads is of a Conv that can add `z`, and nothing else.
  bool can_join(ValueId sums, ValueId z) const {
    const int index = producers[static_cast<size_t>(sums)];
    if (index < 0 || uses[static_cast<size_t>(sums)] != 1) return false;
    const Node& conv = graph.nodes[static_cast<size_t>(index)];
    const auto& kernel = kernels[static_cast<size_t>(index)];
    return is_op(conv, "Conv") && conv.activation.is_identity() && kernel != nullptr &&
           !shapes.is_settled[static_cast<size_t>(index)] &&
           producers[static_cast<size_t>(z)] < index && info(z).shape == info(sums).shape &&
           takes(conv, *kernel, z);
  }
};

}  // namespace

std::vector<Residual> find_residuals(const Graph& graph, const ShapePlan& shapes,
                                     std::span<const std::unique_ptr<Kernel>> kernels) {
  const KnownGraph known{graph, shapes, kernels};
  std::vector<Residual> residuals;
  for (size_t add = 0; add < graph.nodes.size(); ++add) {
    const Node& node = graph.nodes[add];
    if (!is_op(node, "Add")) continue;
    for (const auto& [sums, z] :
         {std::pair(node.inputs[0], node.inputs[1]), std::pair(node.inputs[1], node.inputs[0])}) {
      if (!known.can_join(sums, z)) continue;
      residuals.push_back(
          {static_cast<size_t>(known.producers[static_cast<size_t>(sums)]), add, z});
      break;
    }
  }
  return residuals;
}

FusedResiduals::FusedResiduals(Graph& graph, std::vector<Residual> residuals)
    : graph_(graph), residuals_(std::move(residuals)) {
  for (const Residual& residual : residuals_) {
    const Node& add = graph.nodes[residual.add];
    Joints conv{graph.nodes[residual.conv].inputs, add.outputs, add.activation};
    conv.inputs.resize(kResidualInput, kNoValue);
    conv.inputs.push_back(residual.z);
    others_.push_back({.conv = std::move(conv), .add = {}});
  }
  swap_all();
}

FusedResiduals::~FusedResiduals() { swap_all(); }

void FusedResiduals::swap_all() {
  for (size_t i = 0; i < residuals_.size(); ++i) {
    swap(graph_.nodes[residuals_[i].conv], others_[i].conv);
    swap(graph_.nodes[residuals_[i].add], others_[i].add);
  }
}

void FusedResiduals::swap(Node& node, Joints& joints) {
  std::swap(node.inputs, joints.inputs);
  std::swap(node.outputs, joints.outputs);
  std::swap(node.activation, joints.activation);
}

}  // namespace synsight::cuda
