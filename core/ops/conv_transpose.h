// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/window.h"

namespace synsight::ops {

/// A transposed convolution's window slides over its output: the axes' `input` and `output` have
/// changed places.
struct ConvTransposeParams {
  int64_t group = 1;
  Window window;
};

/// ConvTranspose's attributes for an input [N,C,D1,...] and a weight [C,M/group,k1,...]. Errors:
/// kInvalidModel, kShapeMismatch. Source: ONNX ConvTranspose-22.
Result<ConvTransposeParams> parse_conv_transpose(const Node& node, const Shape& input,
                                                 const Shape& weight);

}  // namespace synsight::ops
