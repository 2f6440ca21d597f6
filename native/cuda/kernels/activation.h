// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend/operand.h"
#include "core/base/result.h"
#include "native/cuda/device.h"
#include "native/cuda/functors/clamp.h"

namespace synsight::cuda {

/// Queues a node's fused activation in place, on the output at `y`, for kernels that take none.
/// Nothing is queued for the identity. Errors: kDevice.
Status queue_activation(Queue& queue, const Clamp& clamp, const Operand& output, void* y);

}  // namespace synsight::cuda
