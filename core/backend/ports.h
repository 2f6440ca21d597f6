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

/// Checks the arguments of Executable::run against its ports: their number, dtypes, shapes and
/// that memory is behind them. Errors: kInvalidArgument, kShapeMismatch, naming the port.
Status check_run_arguments(std::span<const Port> input_ports, std::span<const TensorView> inputs,
                           std::span<const Port> output_ports,
                           std::span<const MutableTensorView> outputs);

}  // namespace synsight
