// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/program_needs.h"

#include <utility>

#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/layout_conversion.h"

namespace synsight::xnnpack {

Result<std::byte*> XnnNeeds::allocate_arena(size_t size_bytes) {
  SYNSIGHT_TRY(check_run_memory(graph_, shapes_, size_bytes));
  SYNSIGHT_TRY_ASSIGN(arena_, AlignedBuffer::allocate(size_bytes));
  return arena_.data();
}

Result<const void*> XnnNeeds::place_constant(const TensorView& elements, const Operand& wanted) {
  if (wanted.layout == Layout::kPlain || is_layout_free(elements.shape)) return elements.data;
  SYNSIGHT_TRY_ASSIGN(Tensor tensor, to_channels_last(elements));
  constants_.push_back(std::move(tensor));
  return std::as_const(constants_.back()).data();
}

Result<std::unique_ptr<Kernel>> XnnNeeds::make_conversion() {
  SYNSIGHT_TRY_ASSIGN(auto kernel, make_layout_conversion());
  kernel->set_threads(threads_);
  return kernel;
}

Result<std::unique_ptr<Kernel>> XnnNeeds::make_substitute(const Node& node,
                                                          std::span<const Operand> /*inputs*/) {
  return make_borrowed(node);
}

}  // namespace synsight::xnnpack
