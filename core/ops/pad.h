// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

enum class PadMode { kConstant, kReflect, kEdge, kWrap };

/// How many indices Pad adds, or drops where negative, before and after each axis.
struct PadParams {
  PadMode mode = PadMode::kConstant;
  std::array<int64_t, Shape::kMaxRank> begin{};
  std::array<int64_t, Shape::kMaxRank> end{};
};

/// `inputs` are all the node's; the pads must be known. Errors: kInvalidModel, kShapeMismatch,
/// kUnsupportedOp for another mode. Source: ONNX Pad-2 (attributes), Pad-11 (inputs), Pad-18
/// (axes), Pad-19 (wrap).
Result<PadParams> parse_pad_params(const Node& node, std::span<const TensorView> inputs);

/// What the constant mode fills with; nothing where an input gives it and is not known. Errors:
/// kInvalidModel.
Result<std::optional<double>> constant_pad_value(const Node& node,
                                                 std::span<const TensorView> inputs);

}  // namespace synsight::ops
