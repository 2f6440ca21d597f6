// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/strided.h"

namespace synsight::ops {

/// How DepthToSpace and SpaceToDepth order a block's elements among the channels.
struct BlockParams {
  int64_t block_size = 1;
  bool is_crd = false;  // channel, row, column; else row, column, channel (ONNX's DCR)
};

/// Errors: kInvalidModel, kUnsupportedOp for another mode. Source: ONNX DepthToSpace-11,
/// SpaceToDepth-1, SpaceToDepth-28 (mode).
Result<BlockParams> parse_block_params(const Node& node);

/// The two sides of the operators as one index space [N, row, column, C, H, W], where `space` is
/// [N, C, H * block, W * block] and `depth` is [N, C * block * block, H, W].
struct Blocks {
  Shape shape;
  Strides depth_strides;
  Strides space_strides;
};

/// The steps are how far the elements of the sides lie apart along N, C, H and W.
Blocks plan_blocks(const BlockParams& params, const Shape& space, const Strides& depth_steps,
                   const Strides& space_steps);

}  // namespace synsight::ops
