// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// How DepthToSpace and SpaceToDepth order a block's elements among the channels.
struct BlockParams {
  int64_t block_size = 1;
  bool is_crd = false;  // channel, row, column; else row, column, channel (ONNX's DCR)
};

/// Errors: kInvalidModel, kUnsupportedOp for another mode. Source: ONNX DepthToSpace-11,
/// SpaceToDepth-1, SpaceToDepth-28 (mode).
Result<BlockParams> parse_block_params(const Node& node);

}  // namespace synsight::ops
