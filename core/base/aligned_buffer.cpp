// SPDX-License-Identifier: Apache-2.0
#include "core/base/aligned_buffer.h"

#include <cstdint>
#include <cstring>

#include "core/base/text.h"

namespace synsight {

Result<AlignedBuffer> AlignedBuffer::allocate(size_t size_bytes) {
  const size_t kOverhead = kBufferSlackBytes + kBufferAlignment;
  if (size_bytes > SIZE_MAX - kOverhead) {
    return fail(ErrorCode::kOutOfMemory, concat({"cannot allocate ", size_bytes, " bytes"}));
  }
  const size_t rounded =
      (size_bytes + kBufferSlackBytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  auto* data = static_cast<std::byte*>(std::aligned_alloc(kBufferAlignment, rounded));
  if (data == nullptr) {
    return fail(ErrorCode::kOutOfMemory, concat({"cannot allocate ", size_bytes, " bytes"}));
  }
  std::memset(data + size_bytes, 0, rounded - size_bytes);
  AlignedBuffer buffer;
  buffer.data_.reset(data);
  buffer.size_ = size_bytes;
  return buffer;
}

}  // namespace synsight
