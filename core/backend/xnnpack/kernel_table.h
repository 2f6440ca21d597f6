// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "core/backend/xnnpack/xnn_kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::xnnpack {

/// This backend's kernel for an operator: its own (`xnn convolution`) or `borrowed`.
std::string_view kernel_name(std::string_view op_type);

/// Makes the own kernel for a node, which computes on `threads`, and packs its constants; null for
/// a node that it cannot do (non-constant weights, another element type, an unusual attribute), and
/// where there is none. Errors: those of the rules of the operator, kOutOfMemory.
Result<std::unique_ptr<Kernel>> make_kernel(const Compilation& compilation, const Node& node,
                                            pthreadpool_t threads);

}  // namespace synsight::xnnpack
