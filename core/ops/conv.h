// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/window.h"

namespace synsight::ops {

/// The kernel sizes of a convolution's weight [_, _, k1, k2, ...], checked against the attribute
/// kernel_shape. Errors: kShapeMismatch.
Result<std::vector<int64_t>> weight_kernel(const Node& node, const Shape& weight);

/// Checks a convolution's optional bias [num_outputs]. Errors: kShapeMismatch.
Status check_bias(const Shape& bias, int64_t num_outputs);

struct ConvParams {
  int64_t group = 1;
  Window window;
};

/// Conv's attributes for an input [N,C,D1,...] and a weight [M,C/group,k1,...]. Errors:
/// kInvalidModel, kShapeMismatch. Source: ONNX Conv-22.
Result<ConvParams> parse_conv(const Node& node, const Shape& input, const Shape& weight);

}  // namespace synsight::ops
