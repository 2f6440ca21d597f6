// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::onnx {

/// The operators on quantised values that stand for one on floats, sorted: QLinearConv,
/// MatMulInteger and others of ONNX's own, QLinearAdd and others of ONNX Runtime's.
std::vector<std::string_view> quantized_operators();
bool is_quantized_operator(std::string_view op_type);

/// Replaces every such node by DequantizeLinear nodes, the operator on floats, which keeps the
/// node's name and has the attribute kSumsIntegers, and a QuantizeLinear or a Cast to int32.
/// Errors: kInvalidModel, kUnsupportedOp.
Status expand_quantized(Graph& graph);

}  // namespace synsight::onnx
