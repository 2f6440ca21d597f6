// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// What ScatterND makes of an element and an update: the update itself, or both.
enum class ScatterReduction : uint8_t { kNone, kAdd, kMul, kMax, kMin };

/// Errors: kInvalidModel, kUnsupportedOp. Source: ONNX ScatterND-18.
Result<ScatterReduction> parse_scatter_reduction(const Node& node);

}  // namespace synsight::ops
