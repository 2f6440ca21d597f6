// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/program_needs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/kernels.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

Result<std::byte*> CudaNeeds::allocate_arena(size_t size_bytes) {
  arena_ = shared_.arena.lock();
  if (arena_ != nullptr && arena_->size() >= size_bytes) return arena_->data();
  auto arena = Memory::on_device(size_bytes);
  if (!arena) {
    Error error = std::move(arena).error();
    error.message = "a run " + error.message;
    return tl::unexpected<Error>(std::move(error));
  }
  arena_ = std::make_shared<Memory>(*std::move(arena));
  shared_.arena = arena_;
  return arena_->data();
}

Result<const void*> CudaNeeds::place_constant(const TensorView& elements, const Operand& wanted) {
  for (const SharedMemory::Constant& constant : shared_.constants) {
    const Operand& operand = constant.operand;
    if (constant.elements == elements.data && operand.layout == wanted.layout &&
        operand.info.dtype == wanted.info.dtype && operand.info.shape == wanted.info.shape) {
      return constant.memory.data();
    }
  }
  SYNSIGHT_TRY_ASSIGN(Memory placed, upload_constant(elements, wanted));
  const void* const address = placed.data();
  if (is_initializer(elements.data)) {
    shared_.constants.push_back({elements.data, wanted, std::move(placed)});
  } else {
    constants_.push_back(std::move(placed));
  }
  return address;
}

bool CudaNeeds::is_initializer(const void* elements) const {
  const std::vector<Value>& values = compilation_.graph.values;
  return std::any_of(values.begin(), values.end(), [&](const Value& value) {
    return value.is_initializer && value.initializer.data() == elements;
  });
}

Result<Memory> CudaNeeds::upload_constant(const TensorView& elements, const Operand& wanted) const {
  if (wanted.layout == Layout::kChannelsLast && !is_layout_free(elements.shape)) {
    SYNSIGHT_TRY_ASSIGN(const Tensor turned, to_channels_last(elements));
    return upload(compilation_.queue, turned.view(), wanted.info.dtype);
  }
  return upload(compilation_.queue, elements, wanted.info.dtype);
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
