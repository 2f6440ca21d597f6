// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/program_needs.h"

#include <string>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/kernels.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

Result<std::byte*> CudaNeeds::allocate_arena(size_t size_bytes) {
  auto arena = Memory::on_device(size_bytes);
  if (!arena) {
    Error error = std::move(arena).error();
    error.message = "a run " + error.message;
    return tl::unexpected<Error>(std::move(error));
  }
  arena_ = *std::move(arena);
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

Result<std::unique_ptr<Kernel>> CudaNeeds::make_substitute(const Node& /*node*/,
                                                           std::span<const Operand> inputs) {
  std::string found;
  for (const Operand& input : inputs) {
    if (!input.exists()) continue;
    found += concat(
        {found.empty() ? "" : ", ", dtype_name(input.info.dtype), input.info.shape.to_string()});
  }
  return fail(ErrorCode::kUnsupportedOp, concat({"cuda has no kernel for inputs ", found}));
}

}  // namespace synsight::cuda
