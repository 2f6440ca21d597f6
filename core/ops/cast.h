// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// The element type of a number of ONNX's TensorProto.DataType. Errors: kUnsupportedType. Source:
/// onnx.proto.
Result<DType> dtype_from_onnx(int64_t number);

/// The element type that Cast's attribute `to` names. Errors: kInvalidModel for an
/// attribute that is no integer, kUnsupportedType. Source: ONNX Cast-6.
Result<DType> parse_cast_target(const Node& node);

}  // namespace synsight::ops
