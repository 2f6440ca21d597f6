// SPDX-License-Identifier: Apache-2.0
#include "core/backend/memory_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/base/aligned_buffer.h"
#include "tests/support/expect.h"

namespace synsight::test {

namespace {

// Bytes that each buffer needs, its slack included.
size_t needed(const BufferLifetime& buffer) {
  return buffer.size_bytes == 0 ? 0 : buffer.size_bytes + kBufferSlackBytes;
}

// Checks, step by step, that the buffers alive at each lie apart and inside the arena.
void check_plan(std::span<const BufferLifetime> buffers, const MemoryPlan& plan) {
  size_t num_steps = 0;
  for (const BufferLifetime& buffer : buffers)
    num_steps = std::max(num_steps, buffer.last_step + 1);
  CHECK(plan.offsets.size() == buffers.size());
  for (size_t step = 0; step < num_steps; ++step) {
    std::vector<std::pair<size_t, size_t>> alive;
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (buffers[i].size_bytes == 0) continue;
      if (step < buffers[i].first_step || step > buffers[i].last_step) continue;
      alive.push_back({plan.offsets[i], plan.offsets[i] + needed(buffers[i])});
      CHECK(plan.offsets[i] % kBufferAlignment == 0);
      CHECK(alive.back().second <= plan.arena_bytes);
    }
    std::sort(alive.begin(), alive.end());
    for (size_t i = 1; i < alive.size(); ++i) CHECK(alive[i - 1].second <= alive[i].first);
  }
}

// The largest sum of bytes that are alive at one step: no plan needs less.
size_t peak_bytes(std::span<const BufferLifetime> buffers, size_t num_steps) {
  size_t peak = 0;
  for (size_t step = 0; step < num_steps; ++step) {
    size_t sum = 0;
    for (const BufferLifetime& buffer : buffers) {
      if (step >= buffer.first_step && step <= buffer.last_step) sum += needed(buffer);
    }
    peak = std::max(peak, sum);
  }
  return peak;
}

}  // namespace

TEST_CASE("buffers that live at the same time never overlap") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const size_t num_steps = 1 + random() % 40;
    std::vector<BufferLifetime> buffers(random() % 60);
    for (BufferLifetime& buffer : buffers) {
      buffer.size_bytes = random() % 4 == 0 ? random() % 3 : random() % 10000;
      buffer.first_step = random() % num_steps;
      buffer.last_step = buffer.first_step + random() % (num_steps - buffer.first_step);
    }
    check_plan(buffers, expect(plan_memory(buffers)));
  }
}

TEST_CASE("a chain needs little more than its two largest neighbours") {
  std::vector<BufferLifetime> buffers;
  size_t sum = 0;
  constexpr size_t kNumSteps = 100;
  for (size_t step = 0; step < kNumSteps; ++step) {
    buffers.push_back({1000 + (step * 37 % 50) * 1000, step, step + 1});
    sum += needed(buffers.back());
  }
  const MemoryPlan plan = expect(plan_memory(buffers));
  check_plan(buffers, plan);
  CHECK(plan.arena_bytes < sum / 10);
  CHECK(plan.arena_bytes < peak_bytes(buffers, kNumSteps + 1) * 5 / 4);
}

TEST_CASE("a buffer that everybody reads stays while others share") {
  std::vector<BufferLifetime> buffers = {{5000, 0, 9}};
  for (size_t step = 1; step < 9; ++step) buffers.push_back({4000, step, step});
  const MemoryPlan plan = expect(plan_memory(buffers));
  check_plan(buffers, plan);
  CHECK(plan.arena_bytes < 5000 + 4000 + 1000);
}

TEST_CASE("nothing needs no arena") {
  CHECK(expect(plan_memory({})).arena_bytes == 0);
  const BufferLifetime empty[] = {{0, 0, 3}, {0, 1, 2}};
  CHECK(expect(plan_memory(empty)).arena_bytes == 0);
}

TEST_CASE("a sum that does not fit is refused") {
  const BufferLifetime buffers[] = {
      {SIZE_MAX / 2, 0, 1}, {SIZE_MAX / 2, 0, 1}, {SIZE_MAX / 2, 0, 1}};
  const BufferLifetime one[] = {{SIZE_MAX - 10, 0, 0}};
  for (const auto& plan : {plan_memory(buffers), plan_memory(one)}) {
    CHECK(!plan.has_value());
    if (!plan) CHECK(error_code_name(plan.error().code) == "out_of_memory");
  }
}

}  // namespace synsight::test
