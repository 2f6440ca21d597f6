// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/backend/operand.h"
#include "core/base/result.h"

namespace synsight::cuda {

/// Checks the indices that are known before a run, tuples into axes of `dims`. Errors:
/// kInvalidArgument for one that is outside.
Status check_known_indices(const Operand& indices, std::span<const int64_t> dims);

}  // namespace synsight::cuda
