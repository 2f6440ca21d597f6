// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/backend/xnnpack/convolution.h"
#include "core/backend/xnnpack/xnn_kernel.h"

namespace synsight::xnnpack {

/// Whether Winograd's way applies: a dense 3x3 convolution of stride 1 whose channels are whole
/// vectors.
bool fits_winograd(const ConvolutionSpec& spec);

/// Whether it is the faster way for an output of this shape [N,M,H,W]: it needs 4 times the
/// weights, which pays only where many tiles share them.
bool gains_by_winograd(const Shape& output);

/// A convolution by Winograd's F(4x4, 3x3). `weights`: [M,C,3,3]; `bias`: [M] or null. Errors:
/// kOutOfMemory.
Result<std::unique_ptr<XnnKernel>> make_winograd(const ConvolutionSpec& spec, const float* weights,
                                                 const float* bias);

}  // namespace synsight::xnnpack
