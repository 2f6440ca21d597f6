// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <xnnpack.h>

namespace synsight::xnnpack {

/// The memory of XNNPACK's operators. Where there are huge pages, packed weights lie one behind the
/// other in a few large buffers, so that those get them, whatever the size of a single operator.
/// Elsewhere they take the place of the initializers that were packed before them. Thread-safe.
const xnn_allocator& weight_allocator();

}  // namespace synsight::xnnpack
