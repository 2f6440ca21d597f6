// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// This backend's kernel for an operator; empty where there is none.
std::string_view kernel_name(std::string_view op_type);

/// Makes the kernel for a node and packs its constants; null where there is none, for the node may
/// be gone once shapes are known. Errors: kDevice, and those of the operator's rules.
Result<std::unique_ptr<Kernel>> make_kernel(const Compilation& compilation, const Node& node);

}  // namespace synsight::cuda
