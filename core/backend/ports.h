// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/backend/shape_plan.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight {

/// The ports of a graph's inputs or outputs as the model declares them.
std::vector<Port> declared_ports(const Graph& graph, std::span<const ValueId> values);

/// The same ports with the dtypes and shapes of a plan.
std::vector<Port> planned_ports(const Graph& graph, std::span<const ValueId> values,
                                const ShapePlan& plan);

/// Checks what a run is given against its ports: the number of tensors, their dtypes, shapes and
/// that memory is behind them. Errors: kInvalidArgument, kShapeMismatch, naming the port.
Status check_inputs(std::span<const Port> ports, std::span<const TensorView> inputs);
Status check_outputs(std::span<const Port> ports, std::span<const MutableTensorView> outputs);

/// Errors: kInvalidArgument where a run is to go on that was not begun, or to end before its end.
Status check_begun(bool is_begun);
Status check_ended(bool is_ended);

}  // namespace synsight
