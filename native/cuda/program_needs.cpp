// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/program_needs.h"

#include <utility>

#include "native/cuda/kernels.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

// The device says so itself when memory is taken; nothing is computed for it before.
Status CudaNeeds::check_memory(double /*size_bytes*/) const { return {}; }

Result<std::byte*> CudaNeeds::allocate_arena(size_t size_bytes) {
  SYNSIGHT_TRY_ASSIGN(arena_, Memory::on_device(size_bytes));
  return arena_.data();
}

Result<const void*> CudaNeeds::place_constant(const TensorView& elements, const Operand& wanted) {
  Memory placed;
  if (wanted.layout == Layout::kChannelsLast && !is_layout_free(elements.shape)) {
    SYNSIGHT_TRY_ASSIGN(const Tensor turned, to_channels_last(elements));
    SYNSIGHT_TRY_ASSIGN(placed, upload(compilation_.queue, turned.view(), wanted.info.dtype));
  } else {
    SYNSIGHT_TRY_ASSIGN(placed, upload(compilation_.queue, elements, wanted.info.dtype));
  }
  constants_.push_back(std::move(placed));
  return constants_.back().data();
}

Result<std::unique_ptr<Kernel>> CudaNeeds::make_conversion() {
  return cuda::make_conversion(compilation_);
}

Result<std::unique_ptr<Kernel>> CudaNeeds::make_substitute(const Node& /*node*/) {
  return fail(ErrorCode::kUnsupportedOp,
              "the cuda backend does not compute it with these element types or shapes");
}

}  // namespace synsight::cuda
