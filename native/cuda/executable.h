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
#include "native/cuda/quantized_groups.h"
#include "native/cuda/residuals.h"
#include "native/cuda/slot.h"

namespace synsight::cuda {

/// A graph with one kernel a node, and a recorded program for each of the last input shapes. Inputs
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
  size_t arena_bytes() const override {
    return current_ == nullptr ? 0 : current_->program.memory.arena_bytes;
  }

  /// How many input shapes stay recorded: batches of 1, 2, 4 ... 128. A recording is small beside
  /// its arena, of which all together take no more than twice the largest.
  static constexpr size_t kMaxRecordings = 8;

 private:
  static constexpr size_t kMaxRuns = 2;

  // A run under way.
  struct Run {
    size_t slot = 0;
    bool is_queued = false;
  };

  // The program for certain input shapes. Only that of bound_ has steps that can be run: a kernel
  // knows the shapes of the last program that was laid out, where a recording has them for good.
  struct ShapedProgram {
    std::vector<Shape> input_shapes;
    ShapePlan shapes;  // with the dtypes in which values are stored
    std::vector<Residual> residuals;
    std::vector<FusedGroup*> groups;
    bool is_fused = false;  // Convs do those residuals' Adds, and the groups' other nodes' work
    std::unique_ptr<CudaNeeds> needs;
    Program program;
    std::vector<NodePlan> plan;
    Recording recording;  // none where it is only there to be watched
  };

  Status open(const Graph& graph, const CompileOptions& options);
  Status make_kernels();
  Status make_kernel_of(size_t node);
  Status make_groups();
  Status build_for_typical_shapes();
  void release_packed();
  void store_floats(ShapePlan& shapes) const;
  std::vector<FusedGroup*> groups_for(const ShapePlan& shapes);
  bool can_fuse_for(RunObserver& observer) const;
  Status give_up_runs();
  void forget_for(const ShapedProgram& made);
  Result<ShapedProgram*> find_or_record(std::span<const Shape> input_shapes);
  Result<std::unique_ptr<ShapedProgram>> make_recorded(std::span<const Shape> input_shapes);
  Result<std::unique_ptr<ShapedProgram>> lay_out(std::span<const Shape> input_shapes,
                                                 bool is_fused);
  Status record(ShapedProgram& shaped);
  Result<const ShapedProgram*> lay_out_for(RunObserver& observer);
  Result<size_t> free_slot();
  Status copy_inputs(const Program& program, const Slot& slot);
  Status copy_outputs(const Program& program, const Slot& slot);
  Status queue_run(const Slot& slot);
  Status run_watched(const Slot& slot, const RunOptions& options);
  Status tell_all(RunObserver& observer, const ShapedProgram& shaped, const Node& node,
                  double elapsed_ms);
  Status tell(RunObserver& observer, const ShapedProgram& shaped, const Node& node,
              double elapsed_ms);

  Graph graph_;
  int device_ = 0;
  Queue compute_;
  Queue feed_;
  OpenLibraries libraries_;
  std::optional<Compilation> compilation_;
  std::vector<std::unique_ptr<Kernel>> kernels_;  // by node
  std::vector<FusedGroup> groups_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  SharedMemory shared_;
  std::vector<std::unique_ptr<ShapedProgram>> recorded_;  // the last used one is the first
  std::unique_ptr<ShapedProgram> watched_;                // the last that an observer needed
  const ShapedProgram* current_ = nullptr;  // that of the last reshape, where it succeeded
  const ShapedProgram* bound_ = nullptr;    // which one the kernels are prepared for, or none
  std::vector<Slot> slots_;
  std::deque<Run> runs_;  // under way, oldest first
};

}  // namespace synsight::cuda
