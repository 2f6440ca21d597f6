// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// Instance normalization is group normalization with a group for each channel.
struct GroupNormalizationParams {
  int64_t num_groups = 1;
  int64_t num_scales = 0;  // scale and bias hold one number for each channel, or for each group
  float epsilon = 1e-5f;
};

/// The attributes of GroupNormalization and InstanceNormalization for an input [N,C,D1,...].
/// Errors: kInvalidModel, kShapeMismatch, kUnsupportedOp. Source: ONNX GroupNormalization-18, -21,
/// InstanceNormalization-22.
Result<GroupNormalizationParams> parse_group_normalization(const Node& node, const Shape& input);

}  // namespace synsight::ops
