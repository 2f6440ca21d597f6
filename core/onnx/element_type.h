// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/tensor/dtype.h"

namespace synsight::onnx {

/// The DType of TensorProto.DataType's number; kUndefined where there is none.
DType element_type(uint64_t data_type);

/// ONNX's name of the type, for messages: `float8e4m3fn`, `string`, `type 99`.
std::string element_type_name(uint64_t data_type);

}  // namespace synsight::onnx
