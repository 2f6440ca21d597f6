// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "native/cuda/device.h"

namespace synsight::cuda {

/// Milliseconds of one run of a kernel of one output that is prepared for these operands, with
/// `scratch_bytes`, on memory of its own, which is full of zeros: the program's is not there before
/// all kernels are prepared. Inputs that it does not read do not exist. Blocks; not for use while a
/// queue records. Errors: kDevice, and the kernel's own.
Result<double> time_kernel(Queue& queue, Kernel& kernel, std::span<const Operand> inputs,
                           const Operand& output, size_t scratch_bytes);

}  // namespace synsight::cuda
