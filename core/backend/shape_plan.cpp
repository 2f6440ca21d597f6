// SPDX-License-Identifier: Apache-2.0
#include "core/backend/shape_plan.h"

#include <algorithm>
#include <utility>

#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/ops/evaluate.h"

namespace synsight {

std::vector<ops::ValueInfo> ShapePlan::infos_of(std::span<const ValueId> ids) const {
  std::vector<ops::ValueInfo> infos(ids.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    if (ids[i] != kNoValue) infos[i] = values[static_cast<size_t>(ids[i])];
  }
  return infos;
}

namespace {

Status check_input_shape(const Value& input, const Shape& shape) {
  bool fits = shape.is_known() && (!input.has_shape || shape.rank() == input.shape.rank());
  for (size_t axis = 0; fits && input.has_shape && axis < shape.rank(); ++axis) {
    fits = input.shape[axis] < 0 || input.shape[axis] == shape[axis];
  }
  if (!fits) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input \"", input.name, "\" has shape ", shape.to_string(),
                        ", the model wants ", input.shape.to_string()}));
  }
  if (!shape.checked_num_elements()) {
    return fail(ErrorCode::kShapeMismatch, concat({"input \"", input.name, "\" has shape ",
                                                   shape.to_string(), ", which is too large"}));
  }
  return {};
}

Status evaluate(const Node& node, std::span<const ops::ValueInfo> inputs,
                std::span<const ops::ValueInfo> outputs, ShapePlan& plan) {
  SYNSIGHT_TRY_ASSIGN(std::vector<Tensor> tensors, ops::evaluate(node, inputs, outputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    plan.values[static_cast<size_t>(node.outputs[i])].data = tensors[i].data();
    plan.computed.push_back(std::move(tensors[i]));
  }
  return {};
}

// Shape's output depends only on its input's shape, so it is settled whatever the input's elements
// are.
bool is_settled_by_shape(const Node& node) {
  return node.domain.empty() && (node.op_type == "Shape" || node.op_type == "Size");
}

Result<bool> plan_node(const Node& node, ShapePlan& plan) {
  const std::vector<ops::ValueInfo> inputs = plan.infos_of(node.inputs);
  SYNSIGHT_TRY_ASSIGN(const auto outputs, ops::infer(node, inputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue) plan.values[static_cast<size_t>(node.outputs[i])] = outputs[i];
  }
  const bool all_known = std::all_of(inputs.begin(), inputs.end(), [](const ops::ValueInfo& input) {
    return !input.exists() || input.is_known();
  });
  const bool is_settled =
      is_settled_by_shape(node) ||
      (all_known && ops::is_moderate(inputs, outputs, ops::kMostEvaluatedBytes));
  if (!is_settled) return false;
  SYNSIGHT_TRY(evaluate(node, inputs, outputs, plan));
  return true;
}

}  // namespace

Result<ShapePlan> plan_shapes(const Graph& graph, std::span<const Shape> input_shapes) {
  if (input_shapes.size() != graph.inputs.size()) {
    return fail(
        ErrorCode::kInvalidArgument,
        concat({"got ", input_shapes.size(), " inputs, the model has ", graph.inputs.size()}));
  }
  ShapePlan plan;
  plan.values.resize(graph.values.size());
  for (size_t id = 0; id < graph.values.size(); ++id) {
    const Value& value = graph.values[id];
    if (value.is_initializer)
      plan.values[id] = {value.dtype, value.shape, value.initializer.data()};
  }
  for (size_t i = 0; i < input_shapes.size(); ++i) {
    const Value& input = graph.value(graph.inputs[i]);
    SYNSIGHT_TRY(check_input_shape(input, input_shapes[i]));
    plan.values[static_cast<size_t>(graph.inputs[i])] = {input.dtype, input_shapes[i], nullptr};
  }
  for (const Node& node : graph.nodes) {
    SYNSIGHT_TRY_ASSIGN(const bool is_settled, plan_node(node, plan));
    plan.is_settled.push_back(is_settled);
  }
  return plan;
}

Status check_run_memory(const Graph& graph, const ShapePlan& plan, size_t arena_bytes) {
  auto run_bytes = static_cast<double>(arena_bytes);
  for (const auto& ids : {graph.inputs, graph.outputs}) {
    for (const ValueId id : ids) {
      run_bytes += static_cast<double>(plan.values[static_cast<size_t>(id)].view().size_bytes());
    }
  }
  return check_memory("a run", run_bytes);
}

bool has_open_channels(const Shape& shape) {
  return shape.rank() == 4 && shape[1] < 0 && shape[2] == shape[3];
}

Result<std::vector<Shape>> default_input_shapes(const Graph& graph, int64_t unknown_side) {
  std::vector<Shape> shapes;
  for (const ValueId id : graph.inputs) {
    const Value& input = graph.value(id);
    if (!input.has_shape) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"the model does not declare the shape of input \"", input.name, "\""}));
    }
    Shape shape = input.shape;
    if (has_open_channels(shape)) shape[1] = 3;
    for (size_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] < 0) shape[axis] = axis == 0 ? 1 : unknown_side;
    }
    shapes.push_back(shape);
  }
  return shapes;
}

}  // namespace synsight
