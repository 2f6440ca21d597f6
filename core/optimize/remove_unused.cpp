// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"

namespace synsight::optimize {

namespace {

/// Leaves out what an operator gives beside its first output and nothing needs, as Dropout's mask.
void leave_out_unneeded(Node& node, const std::vector<bool>& is_needed) {
  for (size_t i = 1; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    if (id != kNoValue && !is_needed[static_cast<size_t>(id)]) node.outputs[i] = kNoValue;
  }
}

}  // namespace

Status remove_unused(Graph& graph) {
  std::vector<bool> is_needed(graph.values.size(), false);
  for (const ValueId output : graph.outputs) is_needed[static_cast<size_t>(output)] = true;
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool is_used = std::any_of(node->outputs.begin(), node->outputs.end(), [&](ValueId id) {
      return id != kNoValue && is_needed[static_cast<size_t>(id)];
    });
    if (!is_used) continue;
    leave_out_unneeded(*node, is_needed);
    for (const ValueId input : node->inputs) {
      if (input != kNoValue) is_needed[static_cast<size_t>(input)] = true;
    }
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  for (size_t id = 0; id < graph.values.size(); ++id) {
    if (!is_needed[id]) release_initializer(graph.values[id]);
  }
  return {};
}

}  // namespace synsight::optimize
