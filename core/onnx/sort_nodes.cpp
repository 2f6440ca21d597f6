// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "core/onnx/build_graph.h"

namespace synsight::onnx {

namespace {

bool is_sorted(const Graph& graph, const std::vector<int>& producers) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const ValueId input : graph.nodes[i].inputs) {
      if (input != kNoValue && producers[static_cast<size_t>(input)] >= static_cast<int>(i)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

void sort_nodes(Graph& graph) {
  const std::vector<int> producers = find_producers(graph);
  if (is_sorted(graph, producers)) return;
  const size_t num_nodes = graph.nodes.size();
  std::vector<std::vector<size_t>> readers(num_nodes);
  std::vector<size_t> num_missing(num_nodes, 0);  // inputs whose producers are not yet placed
  for (size_t i = 0; i < num_nodes; ++i) {
    for (const ValueId input : graph.nodes[i].inputs) {
      const int producer = input == kNoValue ? -1 : producers[static_cast<size_t>(input)];
      if (producer < 0) continue;
      readers[static_cast<size_t>(producer)].push_back(i);
      ++num_missing[i];
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;  // in the file's order
  for (size_t i = 0; i < num_nodes; ++i) {
    if (num_missing[i] == 0) ready.push(i);
  }
  std::vector<Node> sorted;
  sorted.reserve(num_nodes);
  while (!ready.empty()) {
    const size_t next = ready.top();
    ready.pop();
    sorted.push_back(std::move(graph.nodes[next]));
    for (const size_t reader : readers[next]) {
      if (--num_missing[reader] == 0) ready.push(reader);
    }
  }
  for (size_t i = 0; i < num_nodes; ++i) {
    if (num_missing[i] > 0) sorted.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(sorted);
}

}  // namespace synsight::onnx
