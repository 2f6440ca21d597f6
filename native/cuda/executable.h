// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/backend/program.h"
#include "core/backend/shape_plan.h"
#include "native/cuda/device.h"
#include "native/cuda/kernel.h"
#include "native/cuda/libraries.h"
#include "native/cuda/program_needs.h"
#include "native/cuda/residuals.h"
#include "native/cuda/slot.h"

namespace synsight::cuda {

/// A graph with one kernel a node, and the program for its last input shapes, recorded once. Inputs
/// travel on a queue of their own, so that those of one run are copied while another computes.
class CudaExecutable final : public Executable {
 public:
  /// Makes the kernels and, where the graph declares its inputs' shapes, the program. A graph that
  /// is refused is given back. Errors: those of Backend::compile.
  static Result<std::unique_ptr<Executable>> create(Graph&& graph, const CompileOptions& options);

  CudaExecutable() = default;
  CudaExecutable(const CudaExecutable&) = delete;
  CudaExecutable& operator=(const CudaExecutable&) = delete;
  ~CudaExecutable() override;

  std::span<const Port> inputs() const override { return inputs_; }
  std::span<const Port> outputs() const override { return outputs_; }
  size_t max_runs() const override { return kMaxRuns; }
  Status reshape(std::span<const Shape> input_shapes) override;
  Status begin(std::span<const TensorView> inputs) override;
  bool takes_pictures() const override;
  Status begin_pictures(std::span<const image::PlannedPicture> pictures,
                        image::TensorLayout layout) override;
  Result<bool> advance(const RunOptions& options, const Deadline& pause) override;
  Status finish(std::span<const MutableTensorView> outputs) override;
  std::vector<NodePlan> plan() const override;
  const Graph& graph() const override { return graph_; }
  size_t arena_bytes() const override { return program_.memory.arena_bytes; }

 private:
  static constexpr size_t kMaxRuns = 2;

  // A run under way.
  struct Run {
    size_t slot = 0;
    bool is_queued = false;
  };

  Status open(const CompileOptions& options);
  Status make_kernels();
  Status build_for_typical_shapes();
  void release_packed();
  void store_floats();
  Status give_up_runs();
  Status build(std::span<const Shape> input_shapes);
  Status lay_out(bool is_fused);
  Status lay_out_for(RunObserver* observer);
  Status record();
  Result<size_t> free_slot();
  Status copy_inputs(const Slot& slot);
  Status copy_outputs(const Slot& slot);
  Status queue_run(const Slot& slot);
  Status run_watched(const Slot& slot, const RunOptions& options);
  Status tell_all(RunObserver& observer, const Node& node, double elapsed_ms);
  Status tell(RunObserver& observer, const Node& node, double elapsed_ms);

  Graph graph_;
  int device_ = 0;
  Queue compute_;
  Queue feed_;
  OpenLibraries libraries_;
  std::optional<Compilation> compilation_;
  std::vector<std::unique_ptr<Kernel>> kernels_;  // by node
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<Shape> shapes_of_inputs_;
  ShapePlan shapes_;                  // with the dtypes in which values are stored
  std::vector<Residual> residuals_;   // of these shapes
  std::unique_ptr<CudaNeeds> needs_;  // of the program
  Program program_;
  bool is_fused_ = false;  // Convs of the program do those residuals' Adds
  Recording recording_;
  std::vector<Slot> slots_;
  std::deque<Run> runs_;   // under way, oldest first
  bool is_built_ = false;  // the program is that of shapes_of_inputs_
  bool is_ready_ = false;  // the last reshape succeeded
};

}  // namespace synsight::cuda
