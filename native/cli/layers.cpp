// SPDX-License-Identifier: Apache-2.0
#include "native/cli/layers.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "native/cli/suggest.h"

namespace synsight::cli {

bool has_keras_layers(const Graph& graph) {
  const auto said = graph.metadata.find("synsight.layers");
  return said != graph.metadata.end() && said->second == "keras";
}

std::vector<size_t> find_layer_ends(const Graph& graph) {
  std::vector<size_t> ends(graph.nodes.size());
  std::map<std::string_view, size_t> nodes;
  for (size_t i = 0; i < ends.size(); ++i) {
    ends[i] = i;
    nodes.emplace(graph.nodes[i].name, i);
  }
  if (!has_keras_layers(graph)) return ends;
  for (size_t i = 0; i < ends.size(); ++i) {
    // The shortest name that a node has: a model in the model is one layer, as in Keras.
    const std::string_view name = graph.nodes[i].name;
    for (size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
      const auto end = nodes.find(name.substr(0, slash));
      if (end == nodes.end()) continue;
      ends[i] = end->second;
      break;
    }
  }
  return ends;
}

Result<ValueId> find_layer(const Graph& graph, const std::string& name) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) {
    if (node.outputs.empty() || node.outputs[0] == kNoValue) continue;
    if (node.name == name) return node.outputs[0];
    names.push_back(node.name);
  }
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      if (graph.value(id).name == name) return id;
      names.push_back(graph.value(id).name);
    }
  }
  const bool is_read = std::any_of(graph.values.begin(), graph.values.end(),
                                   [&](const Value& value) { return value.name == name; });
  return fail(ErrorCode::kInvalidArgument,
              is_read ? concat({"\"", name, "\" is an input or a constant, wanted a layer"})
                      : concat({"there is no layer \"", name, "\"", suggestion(name, names),
                                " (`synsight summary` lists them)"}));
}

}  // namespace synsight::cli
