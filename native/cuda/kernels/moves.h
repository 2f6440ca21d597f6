// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/backend/operand.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/strided.h"

namespace synsight::cuda {

/// A copy of some elements of an input to some of an output: at each index of `shape` one element,
/// counted from the offsets.
struct Move {
  size_t input = 0;
  size_t output = 0;
  Shape shape;
  ops::Strides source{};
  ops::Strides target{};
  int64_t source_offset = 0;
  int64_t target_offset = 0;
};

/// What an operator that only moves elements does to operands in whatever layouts they have.
/// Errors: those of the operator's parser in core/ops.
using PlanMoves = Result<std::vector<Move>>(const Node& node, std::span<const Operand> inputs,
                                            std::span<const Operand> outputs);

PlanMoves plan_concat, plan_depth_to_space, plan_expand, plan_slice, plan_space_to_depth,
    plan_split, plan_transpose;

}  // namespace synsight::cuda
