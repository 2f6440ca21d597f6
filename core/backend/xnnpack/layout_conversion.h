// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/backend/xnnpack/xnn_kernel.h"
#include "core/base/result.h"

namespace synsight::xnnpack {

/// A kernel that copies a rank-4 f32 value from one layout to the other.
Result<std::unique_ptr<XnnKernel>> make_layout_conversion();

}  // namespace synsight::xnnpack
