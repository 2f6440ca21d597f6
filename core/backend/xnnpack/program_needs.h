// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>

#include <memory>
#include <vector>

#include "core/backend/program.h"
#include "core/backend/shape_plan.h"
#include "core/base/aligned_buffer.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::xnnpack {

/// What one program takes: memory of the process, XNNPACK's transpose, and reference kernels.
class XnnNeeds final : public ProgramNeeds {
 public:
  XnnNeeds(const Graph& graph, const ShapePlan& shapes, pthreadpool_t threads)
      : graph_(graph), shapes_(shapes), threads_(threads) {}

  Result<std::byte*> allocate_arena(size_t size_bytes) override;
  Result<const void*> place_constant(const TensorView& elements, const Operand& wanted) override;
  Result<std::unique_ptr<Kernel>> make_conversion() override;
  Result<std::unique_ptr<Kernel>> make_substitute(const Node& node,
                                                  std::span<const Operand> inputs) override;

 private:
  const Graph& graph_;
  const ShapePlan& shapes_;
  pthreadpool_t threads_;
  AlignedBuffer arena_;
  std::vector<Tensor> constants_;  // in another layout than the graph's
};

}  // namespace synsight::xnnpack
