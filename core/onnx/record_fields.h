// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/onnx/records.h"
#include "core/onnx/wire.h"

namespace synsight::onnx {

/// Set a field of a message that is no message of its own, or one that is read whole. Unknown
/// fields are passed over. Errors: kInvalidModel.
Status set_model_field(const Field& field, ModelRecord& model);
Status set_graph_field(const Field& field, ModelRecord& model);
Status set_function_field(const Field& field, FunctionRecord& function);
Status set_node_field(const Field& field, NodeRecord& node);

}  // namespace synsight::onnx
