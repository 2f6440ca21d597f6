// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "core/base/result.h"
#include "core/tensor/tensor.h"
#include "native/cuda/device.h"

namespace synsight::cuda {

/// A copy of the bytes on the device, there when it returns. Errors: kOutOfMemory, kDevice.
Result<Memory> upload(Queue& queue, std::span<const std::byte> bytes);

/// The same for elements, converted to `dtype`.
Result<Memory> upload(Queue& queue, const TensorView& elements, DType dtype);

}  // namespace synsight::cuda
