// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/tensor/tensor.h"
#include "native/cuda/device.h"

namespace synsight::cuda {

/// [M,C/group,taps] of a convolution's weights [M,C/group,k1,...].
Shape flatten_taps(const Shape& weights);

/// A convolution's f32 weights [M,C/group,k1,...] on the device, as [k1,...,C/group,M] of the
/// storage type: neighbouring lanes, which compute neighbouring filters, read neighbours. Errors:
/// kOutOfMemory, kDevice.
Result<Memory> upload_filters_last(Queue& queue, const TensorView& weights, DType storage);

/// The same as a library takes them: [filters][k1]...[channels], with zeros behind the M filters
/// and their C/group channels.
Result<Memory> upload_filters_first(Queue& queue, const TensorView& weights, int64_t filters,
                                    int64_t channels, DType storage);

/// A convolution's f32 bias [M] on the device, with zeros up to `filters`.
Result<Memory> upload_bias(Queue& queue, const TensorView& bias, int64_t filters, DType dtype);

}  // namespace synsight::cuda
