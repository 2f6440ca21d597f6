// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/onnx/records.h"

namespace synsight::onnx {

/// Replaces every node that calls one of the model's functions by the function's nodes, whose names
/// and values get the call's name before them. All nodes come out named and with their opsets set.
/// Errors: kInvalidModel for calls that go round or grow beyond all measure.
Status inline_functions(ModelRecord& model);

}  // namespace synsight::onnx
