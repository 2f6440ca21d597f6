// SPDX-License-Identifier: Apache-2.0
#include "core/backend/ports.h"

#include <string_view>

#include "core/base/text.h"

namespace synsight {

std::vector<Port> declared_ports(const Graph& graph, std::span<const ValueId> values) {
  std::vector<Port> ports;
  for (const ValueId id : values) {
    const Value& value = graph.value(id);
    ports.push_back({value.name, value.dtype, value.shape});
  }
  return ports;
}

std::vector<Port> planned_ports(const Graph& graph, std::span<const ValueId> values,
                                const ShapePlan& plan) {
  std::vector<Port> ports;
  for (const ValueId id : values) {
    const ops::ValueInfo& info = plan.values[static_cast<size_t>(id)];
    ports.push_back({graph.value(id).name, info.dtype, info.shape});
  }
  return ports;
}

namespace {

Status check_argument(std::string_view kind, const Port& port, const TensorView& view) {
  if (view.dtype != port.dtype) {
    return fail(ErrorCode::kInvalidArgument,
                concat({kind, " \"", port.name, "\" has element type ", dtype_name(view.dtype),
                        ", wanted ", dtype_name(port.dtype)}));
  }
  if (view.shape != port.shape) {
    return fail(ErrorCode::kShapeMismatch,
                concat({kind, " \"", port.name, "\" has shape ", view.shape.to_string(),
                        ", wanted ", port.shape.to_string()}));
  }
  if (view.data == nullptr && view.shape.num_elements() > 0) {
    return fail(ErrorCode::kInvalidArgument,
                concat({kind, " \"", port.name, "\" has no memory behind it"}));
  }
  return {};
}

template <typename View>
Status check_arguments(std::string_view kind, std::span<const Port> ports,
                       std::span<const View> views) {
  if (views.size() != ports.size()) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"got ", views.size(), " ", kind, "s, the model has ", ports.size()}));
  }
  for (size_t i = 0; i < views.size(); ++i) {
    SYNSIGHT_TRY(check_argument(kind, ports[i], views[i]));
  }
  return {};
}

}  // namespace

Status check_inputs(std::span<const Port> ports, std::span<const TensorView> inputs) {
  return check_arguments("input", ports, inputs);
}

Status check_outputs(std::span<const Port> ports, std::span<const MutableTensorView> outputs) {
  return check_arguments("output", ports, outputs);
}

Status check_begun(bool is_begun) {
  if (is_begun) return {};
  return fail(ErrorCode::kInvalidArgument, "no run was begun");
}

Status check_ended(bool is_ended) {
  if (is_ended) return {};
  return fail(ErrorCode::kInvalidArgument, "the run has not come to its end");
}

}  // namespace synsight
