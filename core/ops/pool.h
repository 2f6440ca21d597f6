// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/window.h"

namespace synsight::ops {

struct PoolParams {
  Window window;
  bool count_include_pad = false;  // AveragePool: taps in the padding count as zeros
};

/// The attributes of MaxPool and AveragePool for an input [N,C,D1,...]. Errors: kInvalidModel,
/// kShapeMismatch, kUnsupportedOp. Source: ONNX MaxPool-22, AveragePool-22.
Result<PoolParams> parse_pool(const Node& node, const Shape& input);

/// The taps of output `output` that lie inside the input, or with `include_pad` inside the padded
/// input; a last window that hangs over (ceil_mode) has fewer.
int64_t count_taps(const WindowAxis& axis, int64_t output, bool include_pad);

}  // namespace synsight::ops
