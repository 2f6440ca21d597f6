// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/executable.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/backend/ports.h"
#include "core/backend/xnnpack/kernel_table.h"
#include "core/backend/xnnpack/weight_allocator.h"
#include "core/backend/xnnpack/xnn_operator.h"
#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/base/threads.h"
#include "core/ops/quantize.h"

namespace synsight::xnnpack {

namespace {

/// The nodes by the bytes of their constants, largest first: while the largest is packed, and its
/// memory needed twice, nothing else has grown yet.
std::vector<size_t> largest_first(const Graph& graph) {
  std::vector<size_t> bytes(graph.nodes.size(), 0);
  std::vector<size_t> order(graph.nodes.size());
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    for (const ValueId input : graph.nodes[i].inputs) {
      if (input != kNoValue) bytes[i] += graph.value(input).initializer.size_bytes();
    }
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return bytes[a] != bytes[b] ? bytes[a] > bytes[b] : a < b; });
  return order;
}

std::vector<Operand> operands_of(const ShapePlan& shapes, std::span<const ValueId> ids) {
  std::vector<Operand> operands;
  for (const ops::ValueInfo& info : shapes.infos_of(ids)) operands.push_back({info});
  return operands;
}

/// What a node reads and writes in a run, beside what is constant.
double value_bytes(const Kernel* kernel, std::span<const Operand> inputs,
                   std::span<const Operand> outputs) {
  double sum = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool is_packed = kernel != nullptr && kernel->has_packed(i);
    if (!is_packed && !inputs[i].info.is_known()) {
      sum += static_cast<double>(inputs[i].info.view().size_bytes());
    }
  }
  for (const Operand& output : outputs) {
    sum += static_cast<double>(output.info.view().size_bytes());
  }
  return sum;
}

/// Checks what a run takes at the least, before any kernel computes a table: all tables so far, and
/// the values that a node reads and writes.
Status check_least_memory(const Graph& graph, const ShapePlan& shapes,
                          std::span<const std::unique_ptr<Kernel>> kernels) {
  const Node* largest = nullptr;
  double largest_bytes = 0;
  double table_bytes = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (shapes.is_settled[i]) continue;
    const Node& node = graph.nodes[i];
    const Kernel* const kernel = kernels[i].get();
    const std::vector<Operand> inputs = operands_of(shapes, node.inputs);
    const std::vector<Operand> outputs = operands_of(shapes, node.outputs);
    if (kernel != nullptr) table_bytes += kernel->table_bytes(inputs, outputs);
    const double size_bytes = table_bytes + value_bytes(kernel, inputs, outputs);
    if (size_bytes <= largest_bytes) continue;
    largest_bytes = size_bytes;
    largest = &node;
  }
  auto status = check_memory("a run", largest_bytes);
  return status || largest == nullptr ? status : fail_at(*largest, std::move(status).error());
}

}  // namespace

Result<std::unique_ptr<Executable>> XnnExecutable::create(Graph&& graph,
                                                          const CompileOptions& options) {
  for (const Node& node : graph.nodes) SYNSIGHT_TRY(ops::find_op(node));
  SYNSIGHT_TRY(check_xnn(xnn_initialize(&weight_allocator()), "initialize"));
  auto executable = std::make_unique<XnnExecutable>();
  executable->graph_ = std::move(graph);
  if (kHasThreads && options.num_threads > 1) {
    executable->threads_.reset(pthreadpool_create(static_cast<size_t>(options.num_threads)));
    if (!executable->threads_) {
      return fail(ErrorCode::kOutOfMemory,
                  concat({"cannot start ", options.num_threads, " threads"}));
    }
  }
  SYNSIGHT_TRY(executable->make_kernels());
  executable->inputs_ = declared_ports(executable->graph_, executable->graph_.inputs);
  executable->outputs_ = declared_ports(executable->graph_, executable->graph_.outputs);
  return executable;
}

Status XnnExecutable::make_kernels() {
  Compilation compilation{graph_, {}, ops::quantizes(graph_)};
  compilation.typical.values.resize(graph_.values.size());
  if (const auto shapes = default_input_shapes(graph_)) {
    if (auto typical = plan_shapes(graph_, *shapes)) compilation.typical = *std::move(typical);
  }
  std::vector<int> uses = count_uses(graph_);
  kernels_.resize(graph_.nodes.size());
  for (const size_t i : largest_first(graph_)) {
    const Node& node = graph_.nodes[i];
    auto kernel = make_kernel(compilation, node, threads_.get());
    if (!kernel) return fail_at(node, std::move(kernel).error());
    kernels_[i] = *std::move(kernel);
    if (kernels_[i] != nullptr) release_packed(node, *kernels_[i], uses);
  }
  return {};
}

void XnnExecutable::release_packed(const Node& node, const Kernel& kernel, std::vector<int>& uses) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue || !kernel.has_packed(i)) continue;
    if (--uses[static_cast<size_t>(node.inputs[i])] == 0) {
      graph_.value(node.inputs[i]).initializer = Tensor();
    }
  }
}

Status XnnExecutable::reshape(std::span<const Shape> input_shapes) {
  is_ready_ = false;
  next_step_.reset();
  program_ = Program();
  needs_.reset();  // gives its memory back before the new one takes any
  SYNSIGHT_TRY_ASSIGN(shapes_, plan_shapes(graph_, input_shapes));
  SYNSIGHT_TRY(check_least_memory(graph_, shapes_, kernels_));
  needs_ = std::make_unique<XnnNeeds>(graph_, shapes_, threads_.get());
  SYNSIGHT_TRY_ASSIGN(program_, build_program(graph_, kernels_, shapes_, *needs_));
  inputs_ = planned_ports(graph_, graph_.inputs, shapes_);
  outputs_ = planned_ports(graph_, graph_.outputs, shapes_);
  is_ready_ = true;
  return {};
}

Status XnnExecutable::begin(std::span<const TensorView> inputs) {
  next_step_.reset();
  if (!is_ready_) return fail(ErrorCode::kInvalidArgument, "a run needs a successful reshape");
  SYNSIGHT_TRY(check_inputs(inputs_, inputs));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t size_bytes = inputs[i].size_bytes();
    std::byte* target = program_.arena + program_.memory.offsets[program_.inputs[i]];
    if (size_bytes > 0) std::memcpy(target, inputs[i].data, size_bytes);
  }
  next_step_ = 0;
  return {};
}

Result<bool> XnnExecutable::advance(const RunOptions& options, const Deadline& pause) {
  SYNSIGHT_TRY(check_begun(next_step_.has_value()));
  while (*next_step_ < program_.steps.size()) {
    if (const Status status = run_node(options); !status) {
      next_step_.reset();
      return tl::unexpected<Error>(status.error());
    }
    if (pause && Clock::now() >= *pause) break;
  }
  return *next_step_ == program_.steps.size();
}

/// Runs the steps from the next one to a node's last.
Status XnnExecutable::run_node(const RunOptions& options) {
  const auto start = options.observer != nullptr ? Clock::now() : Clock::time_point{};
  while (*next_step_ < program_.steps.size()) {
    const Step& step = program_.steps[(*next_step_)++];
    SYNSIGHT_TRY(check_may_continue(options.cancel, options.deadline));
    SYNSIGHT_TRY(step.kernel->run());
    if (!step.ends_node) continue;
    if (options.observer == nullptr) break;
    return tell(*options.observer, *step.node, milliseconds_since(start));
  }
  return {};
}

Status XnnExecutable::finish(std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY(check_ended(next_step_ == program_.steps.size()));
  SYNSIGHT_TRY(check_outputs(outputs_, outputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const size_t size_bytes = outputs[i].size_bytes();
    if (size_bytes > 0)
      std::memcpy(outputs[i].data, program_.address(program_.outputs[i]), size_bytes);
  }
  next_step_.reset();
  return {};
}

Status XnnExecutable::tell(RunObserver& observer, const Node& node, double elapsed_ms) const {
  observer.after_node(node, elapsed_ms);
  if (!observer.wants_outputs(node)) return {};
  for (const ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    const Place& place = program_.places[static_cast<size_t>(id)];
    const ops::ValueInfo& info = shapes_.values[static_cast<size_t>(id)];
    const TensorView stored = {info.dtype, info.shape, program_.address(place.buffer)};
    if (place.layout == Layout::kPlain) {
      observer.output(node, graph_.value(id), stored);
    } else {
      SYNSIGHT_TRY_ASSIGN(const Tensor plain, to_plain(stored));
      observer.output(node, graph_.value(id), plain.view());
    }
  }
  return {};
}

std::vector<NodePlan> XnnExecutable::plan() const {
  return is_ready_ ? plan_nodes(graph_, program_, shapes_) : std::vector<NodePlan>();
}

}  // namespace synsight::xnnpack
