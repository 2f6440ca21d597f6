// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/backend/kernel.h"
#include "core/backend/memory_plan.h"
#include "core/backend/shape_plan.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight {

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

/// Where a value lies after its node has run, and how.
struct Place {
  BufferId buffer = kNoBuffer;
  Layout layout = Layout::kPlain;
  DType dtype = DType::kUndefined;
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
  std::vector<std::unique_ptr<Kernel>> extra_kernels;  // conversions, and what it substituted
  MemoryPlan memory;
  std::byte* arena = nullptr;

  const void* address(BufferId buffer) const;
};

/// What a program takes from its backend.
class ProgramNeeds {
 public:
  virtual ~ProgramNeeds() = default;

  /// Memory that lives as long as the program. Errors: kOutOfMemory.
  virtual Result<std::byte*> allocate_arena(size_t size_bytes) = 0;
  /// The elements, in `wanted`'s layout and dtype, where kernels can read them, as long as the
  /// program lives. `elements` have its shape, in ONNX's order. Errors: kOutOfMemory.
  virtual Result<const void*> place_constant(const TensorView& elements, const Operand& wanted) = 0;
  /// A kernel that copies a value from one layout or dtype to another. Errors: kUnsupportedType.
  virtual Result<std::unique_ptr<Kernel>> make_conversion() = 0;
  /// A kernel for a node without an own one, or whose own one does not accept these inputs. Errors:
  /// kUnsupportedOp.
  virtual Result<std::unique_ptr<Kernel>> make_substitute(const Node& node,
                                                          std::span<const Operand> inputs) = 0;
};

/// Prepares `kernels`, one a node or null, for the planned shapes and lays out the program. A
/// value's dtype in `shapes` is how it is stored unless its kernel chooses another. Graph outputs
/// are given with their dtypes in `shapes`. Errors: kOutOfMemory and what the kernels answer,
/// naming the node.
Result<Program> build_program(const Graph& graph, std::span<const std::unique_ptr<Kernel>> kernels,
                              const ShapePlan& shapes, ProgramNeeds& needs);

/// How each node of a built program runs: Executable::plan.
std::vector<NodePlan> plan_nodes(const Graph& graph, const Program& program,
                                 const ShapePlan& shapes);

}  // namespace synsight
