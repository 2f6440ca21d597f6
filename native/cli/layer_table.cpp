// SPDX-License-Identifier: Apache-2.0
#include "native/cli/layer_table.h"

#include <algorithm>

#include "core/backend/shape_plan.h"

namespace synsight::cli {

namespace {

bool reads_only_constants(const Node& node, const std::vector<bool>& is_constant) {
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
    return id == kNoValue || is_constant[static_cast<size_t>(id)];
  });
}

// By ValueId: what needs no input. The plan knows the elements of most, but not of large ones that
// nodes compute.
std::vector<bool> find_constants(const Graph& graph, const ShapePlan& plan) {
  std::vector<bool> is_constant;
  for (const ops::ValueInfo& info : plan.values) is_constant.push_back(info.is_known());
  for (const Node& node : graph.nodes) {
    if (!reads_only_constants(node, is_constant)) continue;
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) is_constant[static_cast<size_t>(id)] = true;
    }
  }
  return is_constant;
}

// Counts each constant once, for the first node that asks.
class ParameterCounter {
 public:
  ParameterCounter(const ShapePlan& plan, const std::vector<bool>& is_constant)
      : plan_(plan), is_constant_(is_constant), is_counted_(plan.values.size(), false) {}

  ParameterCount count(const Node& node) {
    ParameterCount sum;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const size_t num_elements = take(node.inputs[i]);
      const bool is_statistic = node.op_type == "BatchNormalization" && i >= 3;
      (is_statistic ? sum.non_trainable : sum.trainable) += num_elements;
    }
    return sum;
  }

 private:
  size_t take(ValueId id) {
    if (id == kNoValue) return 0;
    const auto index = static_cast<size_t>(id);
    const ops::ValueInfo& info = plan_.values[index];
    const bool is_parameter =
        is_constant_[index] && is_floating(info.dtype) && info.shape.rank() > 0;
    if (!is_parameter || is_counted_[index]) return 0;
    is_counted_[index] = true;
    return info.shape.num_elements();
  }

  const ShapePlan& plan_;
  const std::vector<bool>& is_constant_;
  std::vector<bool> is_counted_;  // by ValueId
};

using LayerShape = std::vector<std::optional<int64_t>>;

// The dimensions that two plans agree on; the others follow the batch.
LayerShape common_shape(const Shape& shape, const Shape& other) {
  LayerShape common;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool is_same = other.rank() == shape.rank() && other[axis] == shape[axis];
    common.push_back(is_same ? std::optional(shape[axis]) : std::nullopt);
  }
  return common;
}

std::vector<Shape> shapes_of(const ShapePlan& plan) {
  std::vector<Shape> shapes;
  for (const ops::ValueInfo& info : plan.values) shapes.push_back(info.shape);
  return shapes;
}

// Every value's shape for larger inputs, as far as the model leaves them open and the network
// allows it: one picture more and, with `sides_are_open`, twice any other dimension, so that no
// stride hides the difference.
std::vector<Shape> larger_shapes(const Graph& graph, const ShapePlan& plan, bool sides_are_open) {
  std::vector<Shape> inputs;
  for (const ValueId id : graph.inputs) {
    Shape shape = plan.values[static_cast<size_t>(id)].shape;
    const Shape& declared = graph.value(id).shape;
    for (size_t axis = 0; axis < declared.rank(); ++axis) {
      if (declared[axis] >= 0) continue;
      if (axis == 0) {
        ++shape[axis];
      } else if (sides_are_open) {
        shape[axis] *= 2;
      }
    }
    inputs.push_back(shape);
  }
  if (const auto larger = plan_shapes(graph, inputs)) return shapes_of(*larger);
  return sides_are_open ? larger_shapes(graph, plan, false) : shapes_of(plan);
}

}  // namespace

Result<std::vector<Layer>> list_layers(const Graph& graph, std::span<const Shape> input_shapes,
                                       bool sides_are_open) {
  SYNSIGHT_TRY_ASSIGN(const ShapePlan plan, plan_shapes(graph, input_shapes));
  const std::vector<Shape> larger = larger_shapes(graph, plan, sides_are_open);
  const auto shape_of = [&](ValueId id) {
    return common_shape(plan.values[static_cast<size_t>(id)].shape,
                        larger[static_cast<size_t>(id)]);
  };
  std::vector<Layer> layers;
  for (const ValueId id : graph.inputs) {
    layers.push_back({graph.value(id).name, "Input", shape_of(id), {}});
  }
  const std::vector<bool> is_constant = find_constants(graph, plan);
  ParameterCounter parameters(plan, is_constant);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (plan.is_settled[i] || reads_only_constants(node, is_constant)) continue;
    const bool has_output = !node.outputs.empty() && node.outputs[0] != kNoValue;
    layers.push_back({node.name, node.op_type,
                      has_output ? shape_of(node.outputs[0]) : LayerShape(),
                      parameters.count(node)});
  }
  return layers;
}

}  // namespace synsight::cli
