// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/backend/program.h"
#include "native/cuda/device.h"
#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// What one program takes: memory of the device, and copying kernels.
class CudaNeeds final : public ProgramNeeds {
 public:
  explicit CudaNeeds(const Compilation& compilation) : compilation_(compilation) {}

  Result<std::byte*> allocate_arena(size_t size_bytes) override;
  Result<const void*> place_constant(const TensorView& elements, const Operand& wanted) override;
  Result<std::unique_ptr<Kernel>> make_conversion() override;
  /// There is no other kernel. Errors: kUnsupportedOp.
  Result<std::unique_ptr<Kernel>> make_substitute(const Node& node,
                                                  std::span<const Operand> inputs) override;

 private:
  const Compilation& compilation_;
  Memory arena_;
  std::vector<Memory> constants_;
};

}  // namespace synsight::cuda
