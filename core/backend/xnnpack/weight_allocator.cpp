// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/weight_allocator.h"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "core/base/aligned_buffer.h"
#include "core/base/checked.h"
#include "core/base/memory.h"

namespace synsight::xnnpack {

namespace {

constexpr size_t kSlabBytes = size_t{8} * 1024 * 1024 - kBufferSlackBytes;
/// Larger blocks have a slab of their own, so that little of one is lost.
constexpr size_t kMostShared = kSlabBytes / 4;
/// Smaller blocks are no weights worth a page.
constexpr size_t kLeastShared = size_t{16} * 1024;

struct Slab {
  AlignedBuffer memory;
  size_t used_bytes = 0;
  size_t num_blocks = 0;
};

/// What lies before each block.
struct alignas(kBufferAlignment) Header {
  Slab* slab;  // null: the block is the C library's
};

// XNNPACK has one allocator a process, so these are the process's.
std::mutex mutex;           // guards what follows, and all slabs
Slab* open_slab = nullptr;  // takes the next block

Slab* make_slab(size_t size_bytes) {
  auto memory = AlignedBuffer::allocate(size_bytes);
  return memory ? new (std::nothrow) Slab{*std::move(memory), 0, 0} : nullptr;
}

/// A slab with `size_bytes` free at its end; null without memory.
Slab* find_slab(size_t size_bytes) {
  if (size_bytes > kMostShared) return make_slab(size_bytes);
  if (open_slab == nullptr || open_slab->memory.size() - open_slab->used_bytes < size_bytes) {
    Slab* slab = make_slab(kSlabBytes);
    if (slab == nullptr) return nullptr;
    open_slab = slab;
  }
  return open_slab;
}

void* allocate_aligned(void* /*context*/, size_t alignment, size_t size) {
  if (alignment > kBufferAlignment || size > SIZE_MAX - 2 * sizeof(Header)) return nullptr;
  const size_t block_bytes = sizeof(Header) + round_up(size, kBufferAlignment);
  Slab* slab = nullptr;
  void* block = nullptr;
  if (!kHasHugePages || size < kLeastShared) {
    block = std::aligned_alloc(kBufferAlignment, block_bytes);
  } else {
    const std::lock_guard lock(mutex);
    slab = find_slab(block_bytes);
    if (slab != nullptr) {
      block = slab->memory.data() + slab->used_bytes;
      slab->used_bytes += block_bytes;
      ++slab->num_blocks;
    }
  }
  return block != nullptr ? new (block) Header{slab} + 1 : nullptr;
}

void free_aligned(void* /*context*/, void* block) {
  if (block == nullptr) return;
  Header* header = static_cast<Header*>(block) - 1;
  Slab* slab = header->slab;
  if (!kHasHugePages || slab == nullptr) {
    std::free(header);
    return;
  }
  const std::lock_guard lock(mutex);
  if (--slab->num_blocks > 0) return;
  if (slab == open_slab) open_slab = nullptr;
  delete slab;
}

/// XNNPACK's tables of pointers to pixels.
void* reallocate(void* /*context*/, void* block, size_t size) {
  if (!check_memory("a table", static_cast<double>(size))) return nullptr;
  return std::realloc(block, size);
}

void* allocate(void* context, size_t size) { return reallocate(context, nullptr, size); }

void deallocate(void* /*context*/, void* block) { std::free(block); }

}  // namespace

const xnn_allocator& weight_allocator() {
  static constexpr xnn_allocator kAllocator = {nullptr,    allocate,         reallocate,
                                               deallocate, allocate_aligned, free_aligned};
  return kAllocator;
}

}  // namespace synsight::xnnpack
