// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/backend/xnnpack/convolution.h"
#include "core/backend/xnnpack/xnn_kernel.h"

namespace synsight::xnnpack {

/// Whether a filter a channel can be computed row by row (depthwise_rows.h), and is then faster
/// than XNNPACK's: that is so where vectors hold four floats, as in WebAssembly.
bool gains_by_rows(const ConvolutionSpec& spec);

/// `weights`: [C,1,kH,kW]; `bias`: [C] or null. Errors: kOutOfMemory.
Result<std::unique_ptr<XnnKernel>> make_depthwise(const ConvolutionSpec& spec, const float* weights,
                                                  const float* bias);

}  // namespace synsight::xnnpack
