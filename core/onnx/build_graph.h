// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/onnx/records.h"

namespace synsight::onnx {

/// Joins a model's nodes by its values' names: a valid Graph. Initializers that are also listed as
/// inputs (IR version 3) are no inputs. Errors: kInvalidModel, kUnsupportedOp, kUnsupportedType.
Result<Graph> build_graph(ModelRecord model);

/// Gives every node a unique name: a made-up one (`Conv_12`) where it has none.
void name_nodes(std::vector<NodeRecord>& nodes);

/// Sets every node's opset to the version of its domain that `opsets` imports; ONNX Runtime's own
/// QuantizeLinear, DequantizeLinear and operators on quantised values become ONNX's. Errors:
/// kInvalidModel for a node of ONNX's own domain where it is not imported.
Status set_opsets(std::vector<NodeRecord>& nodes, const OpsetImports& opsets);

/// Puts nodes behind those whose outputs they read; nodes that already are keep their places, and
/// nodes in a circle come last.
void sort_nodes(Graph& graph);

}  // namespace synsight::onnx
