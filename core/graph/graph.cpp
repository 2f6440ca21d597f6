// SPDX-License-Identifier: Apache-2.0
#include "core/graph/graph.h"

#include <unordered_set>
#include <utility>

#include "core/base/text.h"

namespace synsight {

const Attribute* Node::find_attribute(std::string_view attribute_name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == attribute_name) return &attribute;
  }
  return nullptr;
}

bool is_op(const Node& node, std::string_view op_type) {
  return node.domain.empty() && node.op_type == op_type;
}

ValueId Graph::add_value(Value value) {
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_initializer(std::string value_name, Tensor tensor) {
  Value value;
  value.name = std::move(value_name);
  value.dtype = tensor.dtype();
  value.shape = tensor.shape();
  value.has_shape = true;
  value.is_initializer = true;
  value.initializer = std::move(tensor);
  return add_value(std::move(value));
}

std::string describe(const Node& node) {
  return concat({"node \"", node.name, "\" (", node.domain.empty() ? "" : node.domain + ".",
                 node.op_type, ")"});
}

tl::unexpected<Error> fail_at(const Node& node, Error error) {
  if (!error.message.starts_with("node \"")) {
    error.message = concat({describe(node), ": ", error.message});
  }
  return tl::unexpected<Error>(std::move(error));
}

namespace {

Status check_id(const Graph& graph, ValueId id, const std::string& where) {
  if (id < 0 || static_cast<size_t>(id) >= graph.values.size()) {
    return fail(ErrorCode::kInvalidModel, concat({where, ": a value id is out of range"}));
  }
  return {};
}

Status check_node(const Graph& graph, const Node& node, std::vector<bool>& written) {
  for (const ValueId input : node.inputs) {
    if (input == kNoValue) continue;
    SYNSIGHT_TRY(check_id(graph, input, describe(node)));
    if (!written[static_cast<size_t>(input)]) {
      return fail(ErrorCode::kInvalidModel,
                  concat({describe(node), ": input \"", graph.value(input).name,
                          "\" is read before any node, input or initializer gives it"}));
    }
  }
  for (const ValueId output : node.outputs) {
    if (output == kNoValue) continue;
    SYNSIGHT_TRY(check_id(graph, output, describe(node)));
    if (written[static_cast<size_t>(output)]) {
      return fail(
          ErrorCode::kInvalidModel,
          concat({describe(node), ": output \"", graph.value(output).name, "\" is written twice"}));
    }
    written[static_cast<size_t>(output)] = true;
  }
  return {};
}

}  // namespace

Status validate(const Graph& graph) {
  std::vector<bool> written(graph.values.size(), false);
  for (size_t id = 0; id < graph.values.size(); ++id) written[id] = graph.values[id].is_initializer;
  for (const ValueId input : graph.inputs) {
    SYNSIGHT_TRY(check_id(graph, input, "graph inputs"));
    if (written[static_cast<size_t>(input)]) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"graph input \"", graph.value(input).name, "\" is given twice"}));
    }
    written[static_cast<size_t>(input)] = true;
  }
  std::unordered_set<std::string_view> names;
  for (const Node& node : graph.nodes) {
    if (node.name.empty() || !names.insert(node.name).second) {
      return fail(ErrorCode::kInvalidModel,
                  concat({describe(node), ": the node's name is not unique"}));
    }
    SYNSIGHT_TRY(check_node(graph, node, written));
  }
  if (graph.outputs.empty()) return fail(ErrorCode::kInvalidModel, "the graph has no outputs");
  for (const ValueId output : graph.outputs) {
    SYNSIGHT_TRY(check_id(graph, output, "graph outputs"));
    if (!written[static_cast<size_t>(output)]) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"graph output \"", graph.value(output).name, "\" is given by no node"}));
    }
  }
  return {};
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.values.size(), 0);
  for (const Node& node : graph.nodes) {
    for (const ValueId input : node.inputs) {
      if (input != kNoValue) ++uses[static_cast<size_t>(input)];
    }
  }
  for (const ValueId output : graph.outputs) ++uses[static_cast<size_t>(output)];
  return uses;
}

std::vector<int> find_producers(const Graph& graph) {
  std::vector<int> producers(graph.values.size(), -1);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const ValueId output : graph.nodes[i].outputs) {
      if (output != kNoValue) producers[static_cast<size_t>(output)] = static_cast<int>(i);
    }
  }
  return producers;
}

}  // namespace synsight
