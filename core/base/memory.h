// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace synsight {

/// The bytes of memory that can be had now, swap space included; infinity where the system does not
/// say. What was allocated and never written still counts as free. Linux promises more and ends the
/// process that uses it, so whoever needs much asks before.
double available_memory();

/// Checks that `size_bytes` can be had; a double, so that no sum is too large for it. Less than 64
/// MiB are not looked at, so that small buffers cost nothing. Errors: kOutOfMemory, `a run needs
/// 27.0 GB, 20.1 GB of memory are free`, where `what` is `a run`.
Status check_memory(std::string_view what, double size_bytes);

}  // namespace synsight
