// SPDX-License-Identifier: Apache-2.0
#include "core/optimize/value_facts.h"

#include <algorithm>
#include <utility>

#include "core/ops/evaluate.h"

namespace synsight::optimize {

namespace {

// What stands in for a dimension that an input does not declare.
constexpr int64_t kTypicalBatch = 1;
constexpr int64_t kTypicalSide = 224;

// Shape arithmetic is small; larger results say nothing about shapes.
constexpr size_t kMaxComputedBytes = 4096;

ops::ValueInfo typical_input(const Value& value) {
  if (!value.has_shape) return {};
  ops::ValueInfo info{value.dtype, value.shape};
  for (size_t axis = 0; axis < info.shape.rank(); ++axis) {
    if (info.shape[axis] < 0) info.shape[axis] = axis == 0 ? kTypicalBatch : kTypicalSide;
  }
  return info;
}

bool is_small(std::span<const ops::ValueInfo> infos) {
  size_t size_bytes = 0;
  for (const ops::ValueInfo& info : infos) size_bytes += info.view().size_bytes();
  return size_bytes <= kMaxComputedBytes;
}

// The one operator whose output's rank depends on dimensions: it drops all those of 1.
bool has_uncertain_rank(const Node& node) {
  const bool has_axes = node.opset < 13 ? node.find_attribute("axes") != nullptr
                                        : node.inputs.size() > 1 && node.inputs[1] != kNoValue;
  return node.op_type == "Squeeze" && !has_axes;
}

}  // namespace

ValueFacts::ValueFacts(const Graph& graph) : graph_(graph), values_(graph.values.size()) {
  for (size_t id = 0; id < values_.size(); ++id) {
    const Value& value = graph.values[id];
    if (value.is_initializer) values_[id] = {value.dtype, value.shape, value.initializer.data()};
  }
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    has_exact_shapes_ = has_exact_shapes_ && value.has_shape && value.shape.is_known();
    values_[static_cast<size_t>(id)] = typical_input(value);
  }
  for (const Node& node : graph.nodes) infer_node(node);
}

void ValueFacts::infer_node(const Node& node) {
  std::vector<ops::ValueInfo> inputs(node.inputs.size());
  bool all_known = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    inputs[i] = (*this)[node.inputs[i]];
    if (!inputs[i].exists()) return;
    all_known = all_known && inputs[i].is_known();
  }
  if (has_uncertain_rank(node) && !has_exact_shapes_) return;
  const auto outputs = ops::infer(node, inputs);
  if (!outputs) return;
  std::vector<Tensor> computed(outputs->size());
  const bool depends_on_shape = node.op_type == "Shape" || node.op_type == "Size";
  if ((all_known || depends_on_shape) && is_small(*outputs)) {
    if (auto result = ops::evaluate(node, inputs, *outputs)) computed = *std::move(result);
  }
  for (size_t i = 0; i < outputs->size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    ops::ValueInfo& value = values_[static_cast<size_t>(node.outputs[i])];
    value = (*outputs)[i];
    value.data = computed[i].data();
    computed_.push_back(std::move(computed[i]));
  }
}

const ops::ValueInfo& ValueFacts::operator[](ValueId id) const {
  static constexpr ops::ValueInfo kNothing;
  const auto index = static_cast<size_t>(id);
  return index < values_.size() ? values_[index] : kNothing;
}

DType ValueFacts::dtype(ValueId id) const {
  const ops::ValueInfo& info = (*this)[id];
  return info.exists() ? info.dtype : graph_.value(id).dtype;
}

bool ValueFacts::have_same_shape(ValueId a, ValueId b) const {
  return has_exact_shapes_ && (*this)[a].exists() && (*this)[b].exists() &&
         (*this)[a].shape == (*this)[b].shape;
}

}  // namespace synsight::optimize
