// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/upload.h"

#include <algorithm>
#include <cstring>

#include "core/tensor/convert.h"

namespace synsight::cuda {

namespace {

/// Weights go to the device through pinned memory of this size, so that it need not be as large as
/// they are.
constexpr size_t kStagingBytes = size_t{16} << 20;

}  // namespace

Result<Memory> upload(Queue& queue, std::span<const std::byte> bytes) {
  SYNSIGHT_TRY_ASSIGN(Memory memory, Memory::on_device(bytes.size()));
  SYNSIGHT_TRY_ASSIGN(const Memory staging, Memory::pinned(std::min(bytes.size(), kStagingBytes)));
  for (size_t begin = 0; begin < bytes.size(); begin += staging.size()) {
    const size_t size = std::min(staging.size(), bytes.size() - begin);
    std::memcpy(staging.data(), bytes.data() + begin, size);
    SYNSIGHT_TRY(queue.copy_to_device(memory.data() + begin, staging.data(), size));
    SYNSIGHT_TRY(queue.wait());
  }
  return memory;
}

Result<Memory> upload(Queue& queue, const TensorView& elements, DType dtype) {
  if (elements.dtype == dtype) {
    return upload(queue, {static_cast<const std::byte*>(elements.data), elements.size_bytes()});
  }
  SYNSIGHT_TRY_ASSIGN(const Tensor converted, convert(elements, dtype));
  return upload(queue, {static_cast<const std::byte*>(converted.data()), converted.size_bytes()});
}

}  // namespace synsight::cuda
