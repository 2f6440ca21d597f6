// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/backend/xnnpack/kernel.h"
#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace synsight::xnnpack {

/// A kernel that copies a rank-4 f32 value from one layout to the other.
Result<std::unique_ptr<Kernel>> make_layout_conversion();

/// A copy of [N,C,H,W] elements in the order N H W C; the shape keeps ONNX's order. Any dtype.
/// Errors: kOutOfMemory.
Result<Tensor> to_channels_last(const TensorView& plain);

/// The reverse: a copy of elements that lie as N H W C, `channels_last.shape` being [N,C,H,W].
Result<Tensor> to_plain(const TensorView& channels_last);

}  // namespace synsight::xnnpack
