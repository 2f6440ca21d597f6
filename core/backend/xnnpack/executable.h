// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthreadpool.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/backend/program.h"
#include "core/backend/shape_plan.h"
#include "core/backend/xnnpack/program_needs.h"
#include "core/backend/xnnpack/xnn_kernel.h"

namespace synsight::xnnpack {

struct DeleteThreads {
  void operator()(pthreadpool_t threads) const { pthreadpool_destroy(threads); }
};
using Threads = std::unique_ptr<pthreadpool, DeleteThreads>;

/// A graph with one kernel a node, and the program for its last input shapes.
class XnnExecutable final : public Executable {
 public:
  /// Makes the kernels, node by node, and releases each initializer once nothing needs it unpacked.
  static Result<std::unique_ptr<Executable>> create(Graph&& graph, const CompileOptions& options);

  std::span<const Port> inputs() const override { return inputs_; }
  std::span<const Port> outputs() const override { return outputs_; }
  Status reshape(std::span<const Shape> input_shapes) override;
  Status begin(std::span<const TensorView> inputs) override;
  Result<bool> advance(const RunOptions& options, const Deadline& pause) override;
  Status finish(std::span<const MutableTensorView> outputs) override;
  std::vector<NodePlan> plan() const override;
  const Graph& graph() const override { return graph_; }
  size_t arena_bytes() const override { return program_.memory.arena_bytes; }

 private:
  Status make_kernels();
  void release_packed(const Node& node, const Kernel& kernel, std::vector<int>& uses);
  Status run_node(const RunOptions& options);
  Status tell(RunObserver& observer, const Node& node, double elapsed_ms) const;

  Graph graph_;
  Threads threads_;                               // null: one thread
  std::vector<std::unique_ptr<Kernel>> kernels_;  // by node
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  ShapePlan shapes_;
  std::unique_ptr<ProgramNeeds> needs_;  // of the program
  Program program_;
  bool is_ready_ = false;            // the last reshape succeeded
  std::optional<size_t> next_step_;  // of the run that was begun
};

}  // namespace synsight::xnnpack
