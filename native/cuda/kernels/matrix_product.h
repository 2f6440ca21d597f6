// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/base/result.h"
#include "native/cuda/device.h"
#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// A Gemm's or MatMul's B on the device, as [n,k] of the storage type; null where it is no constant
/// matrix of f32. Errors: kInvalidModel, kOutOfMemory, kDevice.
Result<std::shared_ptr<const Memory>> pack_product(const Compilation& compilation,
                                                   const Node& node);

/// The product without a library; `packed` is pack_product's.
std::unique_ptr<Kernel> make_direct_product(const Compilation& compilation, const Node& node,
                                            std::shared_ptr<const Memory> packed);

}  // namespace synsight::cuda
