// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/optimize/rewrite.h"

namespace synsight::optimize {

/// What Relu, Clip, and Max or Min with a constant scalar clamp their first input to; nothing where
/// the node does anything else.
std::optional<ActivationRange> clamp_range(const Rewrite& rewrite, const Node& node);

}  // namespace synsight::optimize
