// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/moves.h"

#include "core/ops/concat.h"
#include "core/ops/depth_to_space.h"
#include "core/ops/slice.h"
#include "core/ops/split.h"
#include "core/ops/transpose.h"
#include "native/cuda/kernels/operands.h"

namespace synsight::cuda {

Result<std::vector<Move>> plan_transpose(const Node& node, std::span<const Operand> inputs,
                                         std::span<const Operand> outputs) {
  const Shape& shape = outputs[0].info.shape;
  SYNSIGHT_TRY_ASSIGN(const auto perm, ops::parse_permutation(node, shape.rank()));
  const ops::Strides strides = strides_of(inputs[0]);
  Move move{.shape = shape, .target = strides_of(outputs[0])};
  for (size_t axis = 0; axis < perm.size(); ++axis) move.source[axis] = strides[perm[axis]];
  return std::vector{move};
}

Result<std::vector<Move>> plan_slice(const Node& node, std::span<const Operand> inputs,
                                     std::span<const Operand> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_slice_params(node, views_of(inputs)));
  const ops::Strides strides = strides_of(inputs[0]);
  Move move{.shape = params.shape, .target = strides_of(outputs[0])};
  for (size_t axis = 0; axis < params.shape.rank(); ++axis) {
    move.source_offset += params.starts[axis] * strides[axis];
    // Along a single index a step may be larger than a product can hold.
    move.source[axis] = params.shape[axis] == 1 ? 0 : strides[axis] * params.steps[axis];
  }
  return std::vector{move};
}

Result<std::vector<Move>> plan_split(const Node& node, std::span<const Operand> inputs,
                                     std::span<const Operand> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_split_params(node, views_of(inputs)));
  const ops::Strides strides = strides_of(inputs[0]);
  std::vector<Move> moves;
  int64_t offset = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].exists()) {
      moves.push_back({.output = i,
                       .shape = outputs[i].info.shape,
                       .source = strides,
                       .target = strides_of(outputs[i]),
                       .source_offset = offset});
    }
    offset += params.sizes[i] * strides[params.axis];
  }
  return moves;
}

Result<std::vector<Move>> plan_concat(const Node& node, std::span<const Operand> inputs,
                                      std::span<const Operand> outputs) {
  SYNSIGHT_TRY_ASSIGN(const size_t axis,
                      ops::parse_concat_axis(node, outputs[0].info.shape.rank()));
  const ops::Strides strides = strides_of(outputs[0]);
  std::vector<Move> moves;
  int64_t offset = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = inputs[i].info.shape;
    moves.push_back({.input = i,
                     .shape = shape,
                     .source = strides_of(inputs[i]),
                     .target = strides,
                     .target_offset = offset});
    offset += shape[axis] * strides[axis];
  }
  return moves;
}

Result<std::vector<Move>> plan_expand(const Node& /*node*/, std::span<const Operand> inputs,
                                      std::span<const Operand> outputs) {
  const Shape& shape = outputs[0].info.shape;
  return std::vector{Move{.shape = shape,
                          .source = broadcast_strides(inputs[0], shape),
                          .target = strides_of(outputs[0])}};
}

Result<std::vector<Move>> plan_depth_to_space(const Node& node, std::span<const Operand> inputs,
                                              std::span<const Operand> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_block_params(node));
  const ops::Blocks blocks = ops::plan_blocks(params, outputs[0].info.shape, strides_of(inputs[0]),
                                              strides_of(outputs[0]));
  return std::vector{
      Move{.shape = blocks.shape, .source = blocks.depth_strides, .target = blocks.space_strides}};
}

Result<std::vector<Move>> plan_space_to_depth(const Node& node, std::span<const Operand> inputs,
                                              std::span<const Operand> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_block_params(node));
  const ops::Blocks blocks =
      ops::plan_blocks(params, inputs[0].info.shape, strides_of(outputs[0]), strides_of(inputs[0]));
  return std::vector{
      Move{.shape = blocks.shape, .source = blocks.space_strides, .target = blocks.depth_strides}};
}

}  // namespace synsight::cuda
