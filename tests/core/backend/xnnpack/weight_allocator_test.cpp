// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/weight_allocator.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/threads.h"

namespace synsight::xnnpack {

namespace {

constexpr size_t kAlignment = 64;

struct Block {
  uint8_t* data;
  size_t size;
  uint8_t mark;
};

Block allocate(size_t size, uint8_t mark) {
  const xnn_allocator& allocator = weight_allocator();
  auto* data = static_cast<uint8_t*>(allocator.aligned_allocate(nullptr, kAlignment, size));
  if (data != nullptr) std::memset(data, mark, size);
  return {data, size, mark};
}

bool is_intact(const Block& block) {
  if (block.data == nullptr || reinterpret_cast<uintptr_t>(block.data) % kAlignment != 0) {
    return false;
  }
  for (size_t i = 0; i < block.size; ++i) {
    if (block.data[i] != block.mark) return false;
  }
  return true;
}

/// Takes and frees blocks of all kinds in a random order; how many did not keep their bytes.
int count_damaged(uint32_t seed) {
  constexpr std::array kSizes = {0, 1, 1000, 16 * 1024, 100'001, 1 << 20, 3 << 20, 9 << 20};
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  int num_damaged = 0;
  const auto free_one = [&] {
    std::swap(blocks[random() % blocks.size()], blocks.back());
    num_damaged += !is_intact(blocks.back());
    weight_allocator().aligned_deallocate(nullptr, blocks.back().data);
    blocks.pop_back();
  };
  for (int step = 0; step < 100; ++step) {
    const auto size = static_cast<size_t>(kSizes[random() % kSizes.size()]);
    blocks.push_back(allocate(size, static_cast<uint8_t>(random())));
    if (random() % 4 != 0) free_one();
  }
  while (!blocks.empty()) free_one();
  return num_damaged;
}

}  // namespace

TEST_CASE("blocks are aligned and never overlap, from several threads as well") {
  std::array<int, 3> num_damaged = {};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < num_damaged.size(); ++i) {
    const auto count = [&num_damaged, i] { num_damaged[i] = count_damaged(i); };
    if (kHasThreads) {
      threads.emplace_back(count);
    } else {
      count();
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : num_damaged) CHECK(count == 0);
}

TEST_CASE("memory that cannot be had is null, and null is freed as nothing") {
  const xnn_allocator& allocator = weight_allocator();
  CHECK(allocator.aligned_allocate(nullptr, kAlignment, SIZE_MAX) == nullptr);
  CHECK(allocator.aligned_allocate(nullptr, kAlignment, SIZE_MAX - (1 << 20)) == nullptr);
  allocator.aligned_deallocate(nullptr, nullptr);
}

}  // namespace synsight::xnnpack
