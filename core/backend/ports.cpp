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

Status check_count(std::string_view kind, size_t found, size_t wanted) {
  if (found == wanted) return {};
  return fail(ErrorCode::kInvalidArgument,
              concat({"got ", found, " ", kind, "s, the model has ", wanted}));
}

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

}  // namespace

Status check_run_arguments(std::span<const Port> input_ports, std::span<const TensorView> inputs,
                           std::span<const Port> output_ports,
                           std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY(check_count("input", inputs.size(), input_ports.size()));
  SYNSIGHT_TRY(check_count("output", outputs.size(), output_ports.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    SYNSIGHT_TRY(check_argument("input", input_ports[i], inputs[i]));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    SYNSIGHT_TRY(check_argument("output", output_ports[i], outputs[i]));
  }
  return {};
}

}  // namespace synsight
