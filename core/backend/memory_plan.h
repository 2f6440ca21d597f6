// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/result.h"

namespace synsight {

/// A buffer that is needed from one step of a run to another, both included.
struct BufferLifetime {
  size_t size_bytes = 0;  // 0: takes no place
  size_t first_step = 0;
  size_t last_step = 0;
};

/// Where each buffer lies in one arena. Buffers whose lifetimes meet do not overlap; each is
/// aligned to kBufferAlignment and followed by kBufferSlackBytes that nobody else writes while it
/// lives.
struct MemoryPlan {
  std::vector<size_t> offsets;
  size_t arena_bytes = 0;
};

/// Places the largest buffers first, each at the lowest offset that is free for its lifetime.
/// Errors: kOutOfMemory where the sum does not fit in size_t.
Result<MemoryPlan> plan_memory(std::span<const BufferLifetime> buffers);

}  // namespace synsight
