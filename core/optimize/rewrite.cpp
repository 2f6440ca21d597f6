// SPDX-License-Identifier: Apache-2.0
#include "core/optimize/rewrite.h"

#include <algorithm>
#include <utility>

namespace synsight::optimize {

Rewrite::Rewrite(Graph& graph)
    : graph_(graph), uses_(count_uses(graph)), producers_(find_producers(graph)) {}

Node* Rewrite::producer(ValueId id) {
  if (id == kNoValue || producers_[static_cast<size_t>(id)] < 0) return nullptr;
  return &graph_.nodes[static_cast<size_t>(producers_[static_cast<size_t>(id)])];
}

Node* Rewrite::sole_producer(ValueId id) {
  return id != kNoValue && uses(id) == 1 ? producer(id) : nullptr;
}

TensorView Rewrite::constant(const Node& node, size_t input) const {
  if (input >= node.inputs.size() || node.inputs[input] == kNoValue) return {};
  const Value& value = graph_.value(node.inputs[input]);
  return value.is_initializer ? value.initializer.view() : TensorView{};
}

bool Rewrite::forward(size_t index, ValueId source) {
  const ValueId output = node(index).outputs[0];
  const auto is_returned = [&](ValueId id) {
    return std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end();
  };
  if (!is_returned(output)) {
    replace_in_readers(output, source);
    take_out(index);
    return true;
  }
  Node* writer = producer(source);
  if (writer == nullptr || is_returned(source)) return false;
  take_out(index);
  replace_in_readers(source, output);
  std::replace(writer->outputs.begin(), writer->outputs.end(), source, output);
  producers_[static_cast<size_t>(output)] =
      std::exchange(producers_[static_cast<size_t>(source)], -1);
  return true;
}

void Rewrite::merge(size_t index, Node& producer) {
  const ValueId output = node(index).outputs[0];
  const ValueId before = std::exchange(producer.outputs[0], output);
  take_out(index);
  producers_[static_cast<size_t>(output)] =
      std::exchange(producers_[static_cast<size_t>(before)], -1);
}

void Rewrite::replace_by_constants(size_t index, std::vector<Tensor> outputs) {
  const std::vector<ValueId> ids = node(index).outputs;
  take_out(index);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == kNoValue) continue;
    Value& value = graph_.value(ids[i]);
    value.dtype = outputs[i].dtype();
    value.shape = outputs[i].shape();
    value.has_shape = true;
    value.is_initializer = true;
    value.initializer = std::move(outputs[i]);
  }
}

void Rewrite::set_input(Node& node, size_t input, ValueId id) {
  uses_.resize(graph_.values.size(), 0);
  producers_.resize(graph_.values.size(), -1);
  if (input >= node.inputs.size()) node.inputs.resize(input + 1, kNoValue);
  read(id, 1);
  read(std::exchange(node.inputs[input], id), -1);
}

void Rewrite::finish() {
  std::erase_if(graph_.nodes, [](const Node& node) { return node.op_type.empty(); });
}

// Counts readers up or down.
void Rewrite::read(ValueId id, int count) {
  if (id == kNoValue) return;
  int& uses = uses_[static_cast<size_t>(id)];
  uses += count;
  if (uses == 0) release_initializer(graph_.value(id));
}

void Rewrite::take_out(size_t index) {
  const Node gone = std::exchange(graph_.nodes[index], Node());
  for (const ValueId id : gone.inputs) read(id, -1);
  for (const ValueId id : gone.outputs) {
    if (id != kNoValue) producers_[static_cast<size_t>(id)] = -1;
  }
}

void Rewrite::replace_in_readers(ValueId from, ValueId to) {
  for (Node& reader : graph_.nodes) {
    for (ValueId& id : reader.inputs) {
      if (id != from) continue;
      id = to;
      read(to, 1);
      read(from, -1);
    }
  }
}

std::string unique_node_name(const Graph& graph, std::string name) {
  const auto is_taken = [&](const Node& node) { return node.name == name; };
  while (std::any_of(graph.nodes.begin(), graph.nodes.end(), is_taken)) name += "_";
  return name;
}

void release_initializer(Value& value) {
  value.is_initializer = false;
  value.initializer = Tensor();
}

void set_attribute(Node& node, Attribute attribute) {
  std::erase_if(node.attributes,
                [&](const Attribute& present) { return present.name == attribute.name; });
  node.attributes.push_back(std::move(attribute));
}

}  // namespace synsight::optimize
