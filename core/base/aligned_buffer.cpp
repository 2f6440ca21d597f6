// SPDX-License-Identifier: Apache-2.0
#include "core/base/aligned_buffer.h"

#include <cstdint>
#include <cstring>

#include "core/base/checked.h"
#include "core/base/memory.h"
#include "core/base/text.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace synsight {

namespace {

constexpr size_t kHugePageBytes = size_t{2} * 1024 * 1024;

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
  SYNSIGHT_TRY(check_memory("a buffer", static_cast<double>(size_bytes)));
  if (size_bytes > SIZE_MAX - kBufferSlackBytes - kHugePageBytes) {
    return cannot_allocate(size_bytes);
  }
  const bool is_huge = kHasHugePages && size_bytes >= kHugePageBytes;
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
