// SPDX-License-Identifier: Apache-2.0
#include "core/base/aligned_buffer.h"

#include <cstdint>
#include <cstring>

#include "core/base/text.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace synsight {

namespace {

constexpr size_t kHugePageBytes = size_t{2} * 1024 * 1024;

size_t round_up(size_t size, size_t step) { return (size + step - 1) / step * step; }

/// Linux promises more memory than there is and ends the process that uses it.
size_t memory_of_machine() {
#if defined(__linux__)
  const long num_pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  if (num_pages > 0 && page_bytes > 0) {
    return static_cast<size_t>(num_pages) * static_cast<size_t>(page_bytes);
  }
#endif
  return SIZE_MAX - kBufferSlackBytes - kHugePageBytes;
}

/// Asks for huge pages where `data` fills whole ones; without them it works as well.
void prefer_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] size_t size_bytes) {
#if defined(__linux__)
  madvise(data, size_bytes / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE);
#endif
}

tl::unexpected<Error> cannot_allocate(size_t size_bytes) {
  return fail(ErrorCode::kOutOfMemory,
              concat({"cannot allocate ", size_bytes, " bytes of memory"}));
}

}  // namespace

Result<AlignedBuffer> AlignedBuffer::allocate(size_t size_bytes) {
  if (size_bytes > memory_of_machine()) return cannot_allocate(size_bytes);
  const bool is_huge = size_bytes >= kHugePageBytes;
  const size_t alignment = is_huge ? kHugePageBytes : kBufferAlignment;
  const size_t rounded = round_up(size_bytes + kBufferSlackBytes, alignment);
  auto* data = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
  if (data == nullptr) return cannot_allocate(size_bytes);
  if (is_huge) prefer_huge_pages(data, size_bytes);
  std::memset(data + size_bytes, 0, kBufferSlackBytes);
  AlignedBuffer buffer;
  buffer.data_.reset(data);
  buffer.size_ = size_bytes;
  return buffer;
}

}  // namespace synsight
