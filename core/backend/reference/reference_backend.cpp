// SPDX-License-Identifier: Apache-2.0
#include "core/backend/reference/reference_backend.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "core/backend/flops.h"
#include "core/backend/memory_plan.h"
#include "core/backend/ports.h"
#include "core/backend/shape_plan.h"
#include "core/base/aligned_buffer.h"
#include "core/ops/op.h"

namespace synsight {

namespace {

void copy_elements(const TensorView& source, const MutableTensorView& target) {
  if (source.size_bytes() > 0) std::memcpy(target.data, source.data, source.size_bytes());
}

class ReferenceExecutable final : public Executable {
 public:
  explicit ReferenceExecutable(Graph&& graph)
      : graph_(std::move(graph)),
        inputs_(declared_ports(graph_, graph_.inputs)),
        outputs_(declared_ports(graph_, graph_.outputs)) {}

  std::span<const Port> inputs() const override { return inputs_; }
  std::span<const Port> outputs() const override { return outputs_; }
  const Graph& graph() const override { return graph_; }
  size_t arena_bytes() const override { return arena_.size(); }

  Status reshape(std::span<const Shape> input_shapes) override;
  Status begin(std::span<const TensorView> inputs) override;
  Result<bool> advance(const RunOptions& options, const Deadline& pause) override;
  Status finish(std::span<const MutableTensorView> outputs) override;
  std::vector<NodePlan> plan() const override;

 private:
  // A node that runs, with its views ready.
  struct Step {
    const Node* node = nullptr;
    std::vector<TensorView> inputs;
    std::vector<MutableTensorView> outputs;
  };

  std::vector<BufferLifetime> lifetimes() const;
  TensorView view(ValueId id) const;
  MutableTensorView mutable_view(ValueId id);
  Status run_step(const Step& step, RunObserver* observer) const;

  Graph graph_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  bool is_ready_ = false;
  // What the last reshape found.
  ShapePlan shapes_;
  std::vector<size_t> offsets_;  // in the arena, by ValueId
  AlignedBuffer arena_;
  std::vector<Step> steps_;
  std::optional<size_t> next_step_;  // of the run that was begun
};

// A run's first step fills the graph's inputs and its last one reads the graph's outputs; the nodes
// have a step each between them. What is constant or settled takes no place.
std::vector<BufferLifetime> ReferenceExecutable::lifetimes() const {
  std::vector<BufferLifetime> lifetimes(graph_.values.size());
  for (size_t id = 0; id < lifetimes.size(); ++id) {
    const ops::ValueInfo& info = shapes_.values[id];
    if (info.exists() && !info.is_known()) lifetimes[id].size_bytes = info.view().size_bytes();
  }
  const auto extend = [&](ValueId id, size_t step) {
    if (id != kNoValue) lifetimes[static_cast<size_t>(id)].last_step = step;
  };
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const size_t step = i + 1;
    for (const ValueId id : graph_.nodes[i].inputs) extend(id, step);
    for (const ValueId id : graph_.nodes[i].outputs) {
      if (id != kNoValue) lifetimes[static_cast<size_t>(id)].first_step = step;
      extend(id, step);
    }
  }
  for (const ValueId id : graph_.outputs) extend(id, graph_.nodes.size() + 1);
  return lifetimes;
}

TensorView ReferenceExecutable::view(ValueId id) const {
  if (id == kNoValue) return {};
  const ops::ValueInfo& info = shapes_.values[static_cast<size_t>(id)];
  if (info.is_known()) return info.view();
  return {info.dtype, info.shape, arena_.data() + offsets_[static_cast<size_t>(id)]};
}

MutableTensorView ReferenceExecutable::mutable_view(ValueId id) {
  if (id == kNoValue) return {};
  const ops::ValueInfo& info = shapes_.values[static_cast<size_t>(id)];
  return {info.dtype, info.shape, arena_.data() + offsets_[static_cast<size_t>(id)]};
}

Status ReferenceExecutable::reshape(std::span<const Shape> input_shapes) {
  is_ready_ = false;
  next_step_.reset();
  steps_.clear();
  arena_ = {};
  SYNSIGHT_TRY_ASSIGN(shapes_, plan_shapes(graph_, input_shapes));
  SYNSIGHT_TRY_ASSIGN(MemoryPlan memory, plan_memory(lifetimes()));
  SYNSIGHT_TRY(check_run_memory(graph_, shapes_, memory.arena_bytes));
  SYNSIGHT_TRY_ASSIGN(arena_, AlignedBuffer::allocate(memory.arena_bytes));
  offsets_ = std::move(memory.offsets);
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (shapes_.is_settled[i]) continue;
    const Node& node = graph_.nodes[i];
    Step& step = steps_.emplace_back();
    step.node = &node;
    for (const ValueId id : node.inputs) step.inputs.push_back(view(id));
    for (const ValueId id : node.outputs) step.outputs.push_back(mutable_view(id));
  }
  inputs_ = planned_ports(graph_, graph_.inputs, shapes_);
  outputs_ = planned_ports(graph_, graph_.outputs, shapes_);
  is_ready_ = true;
  return {};
}

Status ReferenceExecutable::run_step(const Step& step, RunObserver* observer) const {
  const Clock::time_point start = Clock::now();
  SYNSIGHT_TRY(ops::run_reference(*step.node, step.inputs, step.outputs));
  if (observer == nullptr) return {};
  observer->after_node(*step.node, milliseconds_since(start));
  if (!observer->wants_outputs(*step.node)) return {};
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    if (!step.outputs[i].exists()) continue;
    observer->output(*step.node, graph_.value(step.node->outputs[i]), step.outputs[i]);
  }
  return {};
}

Status ReferenceExecutable::begin(std::span<const TensorView> inputs) {
  next_step_.reset();
  if (!is_ready_) return fail(ErrorCode::kInvalidArgument, "a run needs a successful reshape");
  SYNSIGHT_TRY(check_inputs(inputs_, inputs));
  for (size_t i = 0; i < inputs.size(); ++i) {
    copy_elements(inputs[i], mutable_view(graph_.inputs[i]));
  }
  next_step_ = 0;
  return {};
}

Result<bool> ReferenceExecutable::advance(const RunOptions& options, const Deadline& pause) {
  SYNSIGHT_TRY(check_begun(next_step_.has_value()));
  while (*next_step_ < steps_.size()) {
    Status status = check_may_continue(options.cancel, options.deadline);
    if (status) status = run_step(steps_[(*next_step_)++], options.observer);
    if (!status) {
      next_step_.reset();
      return tl::unexpected<Error>(std::move(status).error());
    }
    if (pause && Clock::now() >= *pause) break;
  }
  return *next_step_ == steps_.size();
}

Status ReferenceExecutable::finish(std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY(check_ended(next_step_ == steps_.size()));
  SYNSIGHT_TRY(check_outputs(outputs_, outputs));
  for (size_t i = 0; i < outputs.size(); ++i) copy_elements(view(graph_.outputs[i]), outputs[i]);
  next_step_.reset();
  return {};
}

std::vector<NodePlan> ReferenceExecutable::plan() const {
  std::vector<NodePlan> plans;
  if (!is_ready_) return plans;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    NodePlan& plan = plans.emplace_back();
    plan.node = &node;
    plan.kernel = shapes_.is_settled[i] ? "shape arithmetic" : "reference";
    plan.num_flops = shapes_.is_settled[i] ? 0 : count_flops(node, shapes_);
    for (const ValueId id : node.outputs) plan.output_shapes.push_back(view(id).shape);
  }
  return plans;
}

}  // namespace

std::string_view ReferenceBackend::kernel_name(std::string_view op_type) const {
  const auto table = ops::op_table();
  const bool is_known = std::any_of(table.begin(), table.end(),
                                    [&](const ops::Op& op) { return op.name == op_type; });
  return is_known ? "reference" : "";
}

Result<std::unique_ptr<Executable>> ReferenceBackend::compile(
    Graph&& graph, const CompileOptions& /*options*/) const {
  for (const Node& node : graph.nodes) SYNSIGHT_TRY(ops::find_op(node));
  return std::make_unique<ReferenceExecutable>(std::move(graph));
}

}  // namespace synsight
