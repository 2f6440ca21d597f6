// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/backend/program.h"
#include "native/cuda/device.h"
#include "native/cuda/kernel.h"

namespace synsight::cuda {

/// Memory of the device that programs of one graph share.
struct SharedMemory {
  /// An initializer as a kernel reads it.
  struct Constant {
    const void* elements = nullptr;  // the graph's
    Operand operand;
    Memory memory;
  };

  std::weak_ptr<Memory> arena;      // the last and largest: programs run one after the other
  std::vector<Constant> constants;  // stay as long as the graph
};

/// What one program takes: memory of the device, and copying kernels.
class CudaNeeds final : public ProgramNeeds {
 public:
  /// Both must outlive it.
  CudaNeeds(const Compilation& compilation, SharedMemory& shared)
      : compilation_(compilation), shared_(shared) {}

  Result<std::byte*> allocate_arena(size_t size_bytes) override;
  Result<const void*> place_constant(const TensorView& elements, const Operand& wanted) override;
  Result<std::unique_ptr<Kernel>> make_conversion() override;
  /// There is no other kernel. Errors: kUnsupportedOp.
  Result<std::unique_ptr<Kernel>> make_substitute(const Node& node,
                                                  std::span<const Operand> inputs) override;

  /// Of the arena, which may be larger than what was asked for.
  size_t arena_bytes() const { return arena_->size(); }

 private:
  bool is_initializer(const void* elements) const;
  Result<Memory> upload_constant(const TensorView& elements, const Operand& wanted) const;

  const Compilation& compilation_;
  SharedMemory& shared_;
  std::shared_ptr<Memory> arena_;
  std::vector<Memory> constants_;  // that came of its shapes
};

}  // namespace synsight::cuda
