// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "native/cuda/device.h"
#include "native/cuda/element.h"
#include "native/cuda/functors/clamp.h"

namespace synsight::cuda {

/// Queues a node's fused activation in place, for kernels that take none. Nothing is queued for the
/// identity. Errors: kDevice.
Status queue_activation(Queue& queue, const Clamp& clamp, const Elements& y, int64_t num_elements);

}  // namespace synsight::cuda
