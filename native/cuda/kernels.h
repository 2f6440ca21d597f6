// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>

#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// What the kernel table names: each gives a node's kernel, or null where it cannot do it.
using Make = std::remove_pointer_t<MakeKernel>;

Make make_depthwise;

/// Copies a value of any rank from one layout or dtype to another.
Result<std::unique_ptr<Kernel>> make_conversion(const Compilation& compilation);

}  // namespace synsight::cuda
