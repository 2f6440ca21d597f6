// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <xnnpack.h>

namespace synsight::xnnpack {

/// The memory of XNNPACK's operators. Packed weights lie one behind the other in a few large
/// buffers, so that those get huge pages, whatever the size of a single operator. Thread-safe.
const xnn_allocator& weight_allocator();

}  // namespace synsight::xnnpack
