// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/backend/memory_plan.h"
#include "core/backend/shape_plan.h"
#include "core/backend/xnnpack/kernel.h"
#include "core/base/aligned_buffer.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight::xnnpack {

using BufferId = size_t;
inline constexpr BufferId kNoBuffer = static_cast<BufferId>(-1);

/// The bytes of one value in one layout: a constant, or a place in the arena from the first step
/// that touches it to the last.
struct Buffer {
  const void* constant = nullptr;
  BufferLifetime lifetime;
};

/// One kernel call.
struct Step {
  Kernel* kernel = nullptr;
  const Node* node = nullptr;  // whose work this is; null for the conversion of a graph output
  std::vector<BufferId> inputs;
  std::vector<BufferId> outputs;
  BufferId scratch = kNoBuffer;
  bool ends_node = false;  // false: the conversion of one of its inputs
};

/// Where a value lies after its node has run.
struct Place {
  BufferId buffer = kNoBuffer;
  Layout layout = Layout::kPlain;
};

/// What an executable does for one set of input shapes: kernel calls in order over one arena, with
/// layout conversions where a kernel gives one layout and another wants the other.
struct Program {
  std::vector<Step> steps;
  std::vector<Buffer> buffers;
  std::vector<Place> places;           // by ValueId: as its producer left it
  std::vector<BufferId> inputs;        // of the graph, kPlain
  std::vector<BufferId> outputs;       // of the graph, kPlain
  std::vector<const Kernel*> kernels;  // by node: which one runs it; null where none does
  std::vector<std::unique_ptr<Kernel>>
      extra_kernels;              // layout conversions, and what this program borrows
  std::vector<Tensor> constants;  // in another layout than the graph's
  AlignedBuffer arena;
  MemoryPlan memory;

  const void* address(BufferId buffer) const;
};

/// Prepares `kernels` (one a node) for the planned shapes and lays out the program. Errors:
/// kOutOfMemory and what the kernels answer, naming the node.
Result<Program> build_program(const Graph& graph, std::span<const std::unique_ptr<Kernel>> kernels,
                              const ShapePlan& shapes, pthreadpool_t threads);

}  // namespace synsight::xnnpack
