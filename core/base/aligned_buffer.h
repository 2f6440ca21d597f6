// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "core/base/result.h"

namespace synsight {

/// Every buffer starts on a cache line, so that vector loads of any width are aligned.
inline constexpr size_t kBufferAlignment = 64;

/// Readable bytes behind every buffer's end: vector kernels read whole vectors past the last
/// element (XNN_EXTRA_BYTES).
inline constexpr size_t kBufferSlackBytes = 128;

/// Whether the system may have huge pages.
#if defined(__linux__)
inline constexpr bool kHasHugePages = true;
#else
inline constexpr bool kHasHugePages = false;
#endif

/// Owned, uninitialised memory of `size()` bytes plus zeroed slack. From 2 MiB on it lies on huge
/// pages where Linux has them free: a network's weights fill thousands of small ones, each of which
/// costs a walk through the page table in every run.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;

  /// Errors: kOutOfMemory.
  static Result<AlignedBuffer> allocate(size_t size_bytes);

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace synsight
