// SPDX-License-Identifier: Apache-2.0
#include "core/backend/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "core/base/aligned_buffer.h"
#include "core/base/checked.h"

namespace synsight {

namespace {

bool meets(const BufferLifetime& a, const BufferLifetime& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

std::optional<size_t> padded_size(size_t size_bytes) {
  const auto sum = checked_add(size_bytes, kBufferSlackBytes + kBufferAlignment - 1);
  if (!sum) return std::nullopt;
  return *sum / kBufferAlignment * kBufferAlignment;
}

}  // namespace

Result<MemoryPlan> plan_memory(std::span<const BufferLifetime> buffers) {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return buffers[a].size_bytes != buffers[b].size_bytes
               ? buffers[a].size_bytes > buffers[b].size_bytes
               : a < b;
  });
  struct Placed {
    size_t begin;
    size_t end;
    size_t buffer;
  };
  std::vector<Placed> placed;  // sorted by begin
  MemoryPlan plan;
  plan.offsets.resize(buffers.size(), 0);
  for (const size_t buffer : order) {
    if (buffers[buffer].size_bytes == 0) continue;
    const auto size = padded_size(buffers[buffer].size_bytes);
    size_t begin = 0;
    for (const Placed& other : placed) {
      if (!meets(buffers[buffer], buffers[other.buffer])) continue;
      if (size && other.begin >= begin && other.begin - begin >= *size) break;
      begin = std::max(begin, other.end);
    }
    const auto end = size ? checked_add(begin, *size) : std::nullopt;
    if (!end) return fail(ErrorCode::kOutOfMemory, "the network's values do not fit in memory");
    plan.offsets[buffer] = begin;
    plan.arena_bytes = std::max(plan.arena_bytes, *end);
    const auto position = std::find_if(placed.begin(), placed.end(),
                                       [&](const Placed& other) { return other.begin > begin; });
    placed.insert(position, {begin, *end, buffer});
  }
  return plan;
}

}  // namespace synsight
