// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::ops {

/// Clip's bounds as floats, infinite where the node has none; nothing where a bound is no constant
/// or not one f32. `inputs` are all the node's, data null where it is not known. Errors:
/// kInvalidModel. Source: ONNX Clip-6 (attributes), Clip-11 (inputs).
Result<std::optional<ActivationRange>> constant_clip_range(const Node& node,
                                                           std::span<const TensorView> inputs);

}  // namespace synsight::ops
