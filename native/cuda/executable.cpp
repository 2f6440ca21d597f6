// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/executable.h"

#include <algorithm>
#include <utility>

#include "core/backend/ports.h"
#include "core/base/text.h"
#include "core/ops/quantize.h"
#include "core/tensor/convert.h"
#include "native/cuda/element.h"
#include "native/cuda/kernel_table.h"
#include "native/cuda/kernels/quantized_convolution.h"

namespace synsight::cuda {

namespace {

// What a QuantizeLinear rounds to steps stays as ONNX has it: rounded to half precision before, it
// would often come to another step, of which the rest of the network makes much.
DType storage_of(bool is_quantized, Precision precision) {
  if (is_quantized) return DType::kFloat32;
  if (precision == Precision::kFloat32 || precision == Precision::kTf32) return DType::kFloat32;
  return precision == Precision::kBFloat16 ? DType::kBFloat16 : DType::kFloat16;
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kUnsupportedOp || error.code == ErrorCode::kUnsupportedType ||
         error.code == ErrorCode::kDevice || error.code == ErrorCode::kOutOfMemory;
}

}  // namespace

Result<std::unique_ptr<Executable>> CudaExecutable::create(Graph&& graph,
                                                           const CompileOptions& options) {
  for (const Node& node : graph.nodes) SYNSIGHT_TRY(ops::find_op(node));
  auto executable = std::make_unique<CudaExecutable>();
  Status status = executable->open(graph, options);
  if (status) {
    executable->graph_ = std::move(graph);
    status = executable->make_kernels();
    if (status) status = executable->build_for_typical_shapes();
    if (!status) graph = std::move(executable->graph_);
  }
  if (!status) {
    Error error = std::move(status).error();
    // The host may have the memory that the device lacks.
    if (error.code == ErrorCode::kOutOfMemory) error.code = ErrorCode::kDevice;
    return tl::unexpected<Error>(std::move(error));
  }
  executable->release_packed();
  return executable;
}

Status CudaExecutable::open(const Graph& graph, const CompileOptions& options) {
  SYNSIGHT_TRY(use_device(options.device));
  device_ = options.device;
  SYNSIGHT_TRY_ASSIGN(compute_, Queue::create());
  SYNSIGHT_TRY_ASSIGN(feed_, Queue::create());
  for (size_t i = 0; i < kMaxRuns; ++i) {
    SYNSIGHT_TRY_ASSIGN(Slot slot, make_slot());
    slots_.push_back(std::move(slot));
  }
  SYNSIGHT_TRY_ASSIGN(libraries_, open_libraries(compute_, options));
  const bool is_quantized = ops::quantizes(graph);
  compilation_.emplace(Compilation{{graph_, {}, is_quantized},
                                   compute_,
                                   libraries_.get(),
                                   storage_of(is_quantized, options.precision),
                                   options.precision != Precision::kFloat32});
  return {};
}

CudaExecutable::~CudaExecutable() {
  if (compilation_) static_cast<void>(give_up_runs());  // there is nobody to tell of an error
}

Status CudaExecutable::make_kernels() {
  compilation_->typical.values.resize(graph_.values.size());
  if (const auto shapes = default_input_shapes(graph_)) {
    if (auto typical = plan_shapes(graph_, *shapes)) compilation_->typical = *std::move(typical);
  }
  SYNSIGHT_TRY(make_groups());
  kernels_.resize(graph_.nodes.size());
  std::vector<bool> has_group(graph_.nodes.size());
  for (const FusedGroup& fused : groups_) has_group[fused.group.conv] = true;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (!has_group[i]) SYNSIGHT_TRY(make_kernel_of(i));
  }
  inputs_ = declared_ports(graph_, graph_.inputs);
  outputs_ = declared_ports(graph_, graph_.outputs);
  return {};
}

Status CudaExecutable::make_kernel_of(size_t node) {
  auto kernel = make_kernel(*compilation_, graph_.nodes[node]);
  if (!kernel) return fail_at(graph_.nodes[node], std::move(kernel).error());
  kernels_[node] = *std::move(kernel);
  return {};
}

Status CudaExecutable::make_groups() {
  for (const QuantizedGroup& group : find_quantized_groups(graph_)) {
    const Node& conv = graph_.nodes[group.conv];
    SYNSIGHT_TRY_ASSIGN(const QuantizedLayer layer, find_quantized_layer(graph_, group));
    // At f32 what is rounded is rounded as on the CPU.
    if (layer.scales.empty() || (layer.is_rounded && !compilation_->allows_tf32)) continue;
    auto kernel = make_quantized_convolution(*compilation_, conv, layer);
    if (!kernel) return fail_at(conv, std::move(kernel).error());
    if (*kernel != nullptr) groups_.push_back({group, *std::move(kernel)});
  }
  return {};
}

// Whether the network can be computed shows when its shapes are known.
Status CudaExecutable::build_for_typical_shapes() {
  const auto shapes = default_input_shapes(graph_);
  if (!shapes) return {};
  const auto recorded = find_or_record(*shapes);
  if (!recorded && is_refusal(recorded.error())) return tl::unexpected(recorded.error());
  return {};
}

void CudaExecutable::release_packed() {
  std::vector<int> uses = count_uses(graph_);
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    if (kernels_[i] == nullptr) continue;
    for (size_t input = 0; input < node.inputs.size(); ++input) {
      const ValueId id = node.inputs[input];
      if (id == kNoValue || !kernels_[i]->has_packed(input)) continue;
      if (--uses[static_cast<size_t>(id)] == 0) graph_.value(id).initializer = Tensor();
    }
  }
}

Status CudaExecutable::reshape(std::span<const Shape> input_shapes) {
  current_ = nullptr;
  SYNSIGHT_TRY(give_up_runs());
  SYNSIGHT_TRY_ASSIGN(const ShapedProgram* const shaped, find_or_record(input_shapes));
  inputs_ = planned_ports(graph_, graph_.inputs, shaped->shapes);
  outputs_ = planned_ports(graph_, graph_.outputs, shaped->shapes);
  current_ = shaped;
  return {};
}

Status CudaExecutable::give_up_runs() {
  SYNSIGHT_TRY(reuse_device(device_));
  SYNSIGHT_TRY(feed_.wait());
  SYNSIGHT_TRY(compute_.wait());
  runs_.clear();
  return {};
}

// Nothing is under way when it records, so that what is forgotten may go.
Result<CudaExecutable::ShapedProgram*> CudaExecutable::find_or_record(
    std::span<const Shape> input_shapes) {
  const auto known = std::find_if(recorded_.begin(), recorded_.end(), [&](const auto& shaped) {
    return std::equal(input_shapes.begin(), input_shapes.end(), shaped->input_shapes.begin(),
                      shaped->input_shapes.end());
  });
  if (known != recorded_.end()) {
    std::rotate(recorded_.begin(), known, known + 1);
    return recorded_.front().get();
  }
  watched_.reset();
  auto made = make_recorded(input_shapes);
  if (!made) {
    const bool lacks_memory = made.error().code == ErrorCode::kOutOfMemory;
    if (!lacks_memory || recorded_.empty()) return tl::unexpected(std::move(made).error());
    recorded_.clear();  // they can be recorded again
    return find_or_record(input_shapes);
  }
  forget_for(**made);
  recorded_.insert(recorded_.begin(), *std::move(made));
  bound_ = recorded_.front().get();
  return recorded_.front().get();
}

// What lies in an arena of more than half the size shall come to lie in the new one.
void CudaExecutable::forget_for(const ShapedProgram& made) {
  const size_t arena_bytes = made.needs->arena_bytes();
  std::erase_if(recorded_, [&](const auto& other) {
    const size_t other_bytes = other->needs->arena_bytes();
    return other_bytes < arena_bytes && other_bytes > arena_bytes / 2;
  });
  if (recorded_.size() == kMaxRecordings) recorded_.pop_back();
}

Result<std::unique_ptr<CudaExecutable::ShapedProgram>> CudaExecutable::make_recorded(
    std::span<const Shape> input_shapes) {
  SYNSIGHT_TRY_ASSIGN(auto shaped, lay_out(input_shapes, true));
  SYNSIGHT_TRY(record(*shaped));
  const std::vector<Port> inputs = planned_ports(graph_, graph_.inputs, shaped->shapes);
  const std::vector<Port> outputs = planned_ports(graph_, graph_.outputs, shaped->shapes);
  for (Slot& slot : slots_) SYNSIGHT_TRY(make_room(slot, inputs, outputs));
  return shaped;
}

Result<std::unique_ptr<CudaExecutable::ShapedProgram>> CudaExecutable::lay_out(
    std::span<const Shape> input_shapes, bool is_fused) {
  bound_ = nullptr;
  auto shaped = std::make_unique<ShapedProgram>();
  shaped->input_shapes.assign(input_shapes.begin(), input_shapes.end());
  SYNSIGHT_TRY_ASSIGN(shaped->shapes, plan_shapes(graph_, input_shapes));
  store_floats(shaped->shapes);
  shaped->residuals = find_residuals(graph_, shaped->shapes, kernels_);
  shaped->groups = groups_for(shaped->shapes);
  shaped->is_fused = is_fused;
  shaped->needs = std::make_unique<CudaNeeds>(*compilation_, shared_);
  std::vector<bool> has_group(graph_.nodes.size());
  if (is_fused) {
    for (const FusedGroup* fused : shaped->groups) has_group[fused->group.conv] = true;
  }
  for (const FusedGroup& fused : groups_) {
    const size_t conv = fused.group.conv;
    if (!has_group[conv] && kernels_[conv] == nullptr) SYNSIGHT_TRY(make_kernel_of(conv));
  }
  {
    const FusedResiduals fused(graph_, is_fused ? shaped->residuals : std::vector<Residual>());
    const FusedGroups quantized(graph_, kernels_,
                                is_fused ? shaped->groups : std::vector<FusedGroup*>());
    SYNSIGHT_TRY_ASSIGN(shaped->program,
                        build_program(graph_, kernels_, shaped->shapes, *shaped->needs));
  }
  shaped->plan = plan_nodes(graph_, shaped->program, shaped->shapes);
  if (!is_fused) return shaped;
  for (const Residual& residual : shaped->residuals) {
    shaped->plan[residual.add].kernel = concat({"in ", graph_.nodes[residual.conv].name});
  }
  for (const FusedGroup* fused : shaped->groups) {
    for (const size_t other : fused->group.others()) {
      shaped->plan[other].kernel = concat({"in ", graph_.nodes[fused->group.conv].name});
    }
  }
  return shaped;
}

// Those of which nothing is known from the shapes alone.
std::vector<FusedGroup*> CudaExecutable::groups_for(const ShapePlan& shapes) {
  std::vector<FusedGroup*> groups;
  for (FusedGroup& fused : groups_) {
    const std::vector<size_t> others = fused.group.others();
    const bool is_settled =
        shapes.is_settled[fused.group.conv] ||
        std::any_of(others.begin(), others.end(), [&](size_t i) { return shapes.is_settled[i]; });
    if (!is_settled) groups.push_back(&fused);
  }
  return groups;
}

// What flows between nodes is stored as the backend stores it; inputs and outputs are the caller's.
void CudaExecutable::store_floats(ShapePlan& shapes) const {
  std::vector<bool> is_port(graph_.values.size(), false);
  for (const ValueId id : graph_.inputs) is_port[static_cast<size_t>(id)] = true;
  for (const ValueId id : graph_.outputs) is_port[static_cast<size_t>(id)] = true;
  for (size_t id = 0; id < shapes.values.size(); ++id) {
    ops::ValueInfo& info = shapes.values[id];
    const bool is_constant = info.is_known() || graph_.values[id].is_initializer;
    if (info.dtype == DType::kFloat32 && !is_constant && !is_port[id]) {
      info.dtype = compilation_->storage;
    }
  }
}

// The first time the libraries load their code, which nothing may do while it is recorded.
Status CudaExecutable::record(ShapedProgram& shaped) {
  const Program& program = shaped.program;
  const auto run_steps = [&]() -> Status {
    for (const Step& step : program.steps) {
      auto status = step.kernel->run();
      if (!status && step.node != nullptr) return fail_at(*step.node, std::move(status).error());
      SYNSIGHT_TRY(status);
    }
    return {};
  };
  SYNSIGHT_TRY(compute_.set_zero(program.arena, program.memory.arena_bytes));
  Status status = run_steps();
  SYNSIGHT_TRY(compute_.wait());  // before a program that fails goes
  SYNSIGHT_TRY(status);
  SYNSIGHT_TRY(compute_.begin_recording());
  status = run_steps();
  auto recording = compute_.end_recording();
  SYNSIGHT_TRY(status);
  SYNSIGHT_TRY_ASSIGN(shaped.recording, std::move(recording));
  return {};
}

// Whether the observer wants nothing of what lies between nodes that are fused.
bool CudaExecutable::can_fuse_for(RunObserver& observer) const {
  const auto wants = [&](size_t node) { return observer.wants_outputs(graph_.nodes[node]); };
  return std::none_of(current_->residuals.begin(), current_->residuals.end(),
                      [&](const Residual& residual) { return wants(residual.conv); }) &&
         std::none_of(current_->groups.begin(), current_->groups.end(),
                      [&](const FusedGroup* fused) {
                        const QuantizedGroup& group = fused->group;
                        return wants(group.conv) || (group.middle && wants(*group.middle)) ||
                               (!group.shares_input && wants(group.dequantize));
                      });
}

// An observer that wants what a Conv gives before the Add gets another program, where it is there.
Result<const CudaExecutable::ShapedProgram*> CudaExecutable::lay_out_for(RunObserver& observer) {
  const bool is_fused = can_fuse_for(observer);
  if (bound_ != nullptr && bound_->is_fused == is_fused &&
      bound_->input_shapes == current_->input_shapes) {
    return bound_;
  }
  SYNSIGHT_TRY(feed_.wait());  // no memory is given back while anything is under way
  SYNSIGHT_TRY(compute_.wait());
  bound_ = nullptr;
  watched_.reset();
  SYNSIGHT_TRY_ASSIGN(watched_, lay_out(current_->input_shapes, is_fused));
  return bound_ = watched_.get();
}

Status CudaExecutable::begin(std::span<const TensorView> inputs) {
  if (current_ == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "a run needs a successful reshape");
  }
  SYNSIGHT_TRY(check_inputs(inputs_, inputs));
  SYNSIGHT_TRY_ASSIGN(const size_t index, free_slot());
  SYNSIGHT_TRY(feed_tensors(feed_, slots_[index], inputs_, inputs));
  runs_.push_back({index, false});
  return {};
}

// One whose last run is over; the oldest run is given up for it if need be.
Result<size_t> CudaExecutable::free_slot() {
  SYNSIGHT_TRY(reuse_device(device_));
  if (runs_.size() == kMaxRuns) {
    const Slot& given_up = slots_[runs_.front().slot];
    SYNSIGHT_TRY(given_up.fed.wait());
    if (runs_.front().is_queued) SYNSIGHT_TRY(given_up.computed.wait());
    runs_.pop_front();
  }
  return runs_.empty() ? 0 : 1 - runs_.front().slot;
}

bool CudaExecutable::takes_pictures() const {
  return current_ != nullptr && inputs_.size() == 1 && inputs_[0].dtype == DType::kFloat32 &&
         inputs_[0].shape.rank() == 4;
}

Status CudaExecutable::begin_pictures(std::span<const image::PlannedPicture> pictures,
                                      image::TensorLayout layout) {
  if (!takes_pictures()) {
    return fail(ErrorCode::kInvalidArgument, "the network's input is no batch of f32 pictures");
  }
  SYNSIGHT_TRY_ASSIGN(const std::vector<PictureFeed> feeds,
                      plan_feeds(inputs_[0].shape, pictures, layout));
  SYNSIGHT_TRY_ASSIGN(const size_t index, free_slot());
  Slot& slot = slots_[index];
  if (!has_room(slot, feeds)) {
    SYNSIGHT_TRY(feed_.wait());
    SYNSIGHT_TRY(compute_.wait());
    SYNSIGHT_TRY(make_room(slot, inputs_[0], feeds));
  }
  SYNSIGHT_TRY(feed_pictures(feed_, slot, inputs_[0], feeds, layout));
  runs_.push_back({index, false});
  return {};
}

Result<bool> CudaExecutable::advance(const RunOptions& options, const Deadline& /*pause*/) {
  SYNSIGHT_TRY(check_begun(!runs_.empty()));
  Run& run = runs_.back();
  if (run.is_queued) return true;
  SYNSIGHT_TRY(reuse_device(device_));
  Status status = check_may_continue(options.cancel, options.deadline);
  const Slot& slot = slots_[run.slot];
  if (status) {
    status = options.observer == nullptr ? queue_run(slot) : run_watched(slot, options);
  }
  if (!status) {
    // Its inputs may still be on their way, and its slot is free from now on.
    SYNSIGHT_TRY(feed_.wait());
    SYNSIGHT_TRY(compute_.wait());
    runs_.pop_back();
    return tl::unexpected<Error>(std::move(status).error());
  }
  run.is_queued = true;
  return true;
}

Status CudaExecutable::queue_run(const Slot& slot) {
  SYNSIGHT_TRY(copy_inputs(current_->program, slot));
  SYNSIGHT_TRY(compute_.replay(current_->recording));
  return copy_outputs(current_->program, slot);
}

Status CudaExecutable::copy_inputs(const Program& program, const Slot& slot) {
  SYNSIGHT_TRY(compute_.wait_for(slot.fed));
  const std::byte* source = slot.device_inputs.data();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    std::byte* const target = program.arena + program.memory.offsets[program.inputs[i]];
    SYNSIGHT_TRY(compute_.copy_on_device(target, source, port_bytes(inputs_[i])));
    source += port_step(inputs_[i]);
  }
  return {};
}

Status CudaExecutable::copy_outputs(const Program& program, const Slot& slot) {
  std::byte* target = slot.host_outputs.data();
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const void* const source = program.address(program.outputs[i]);
    SYNSIGHT_TRY(compute_.copy_to_host(target, source, port_bytes(outputs_[i])));
    target += port_step(outputs_[i]);
  }
  return compute_.record(slot.computed);
}

Status CudaExecutable::run_watched(const Slot& slot, const RunOptions& options) {
  SYNSIGHT_TRY_ASSIGN(const ShapedProgram* const shaped, lay_out_for(*options.observer));
  SYNSIGHT_TRY_ASSIGN(const Event start, Event::create());
  SYNSIGHT_TRY_ASSIGN(const Event end, Event::create());
  SYNSIGHT_TRY(copy_inputs(shaped->program, slot));
  SYNSIGHT_TRY(compute_.record(start));
  for (const Step& step : shaped->program.steps) {
    SYNSIGHT_TRY(check_may_continue(options.cancel, options.deadline));
    SYNSIGHT_TRY(step.kernel->run());
    if (!step.ends_node) continue;
    SYNSIGHT_TRY(compute_.record(end));
    SYNSIGHT_TRY(end.wait());
    SYNSIGHT_TRY_ASSIGN(const double milliseconds, elapsed_ms(start, end));
    SYNSIGHT_TRY(tell_all(*options.observer, *shaped, *step.node, milliseconds));
    SYNSIGHT_TRY(compute_.record(start));
  }
  return copy_outputs(shaped->program, slot);
}

// Tells of a node, and of those whose work it did as well.
Status CudaExecutable::tell_all(RunObserver& observer, const ShapedProgram& shaped,
                                const Node& node, double elapsed_ms) {
  SYNSIGHT_TRY(tell(observer, shaped, node, elapsed_ms));
  for (const Residual& residual : shaped.residuals) {
    if (!shaped.is_fused || &graph_.nodes[residual.conv] != &node) continue;
    SYNSIGHT_TRY(tell(observer, shaped, graph_.nodes[residual.add], 0));
  }
  for (const FusedGroup* fused : shaped.groups) {
    if (!shaped.is_fused || &graph_.nodes[fused->group.conv] != &node) continue;
    for (const size_t other : fused->group.others()) {
      SYNSIGHT_TRY(tell(observer, shaped, graph_.nodes[other], 0));
    }
  }
  return {};
}

Status CudaExecutable::tell(RunObserver& observer, const ShapedProgram& shaped, const Node& node,
                            double elapsed_ms) {
  observer.after_node(node, elapsed_ms);
  if (!observer.wants_outputs(node)) return {};
  for (const ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    const Place& place = shaped.program.places[static_cast<size_t>(id)];
    TensorView stored = {place.dtype, shaped.shapes.values[static_cast<size_t>(id)].shape, nullptr};
    SYNSIGHT_TRY_ASSIGN(const Memory copy, Memory::pinned(stored.size_bytes()));
    SYNSIGHT_TRY(compute_.copy_to_host(copy.data(), shaped.program.address(place.buffer),
                                       stored.size_bytes()));
    SYNSIGHT_TRY(compute_.wait());
    stored.data = copy.data();
    const DType dtype = is_floating(place.dtype) ? DType::kFloat32 : place.dtype;
    SYNSIGHT_TRY_ASSIGN(Tensor elements, convert(stored, dtype));
    if (place.layout == Layout::kChannelsLast) {
      SYNSIGHT_TRY_ASSIGN(elements, to_plain(elements.view()));
    }
    observer.output(node, graph_.value(id), elements.view());
  }
  return {};
}

Status CudaExecutable::finish(std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY(check_begun(!runs_.empty()));
  SYNSIGHT_TRY(check_ended(runs_.front().is_queued));
  SYNSIGHT_TRY(check_outputs(outputs_, outputs));
  SYNSIGHT_TRY(reuse_device(device_));
  const Slot& slot = slots_[runs_.front().slot];
  runs_.pop_front();
  SYNSIGHT_TRY(slot.computed.wait());
  read_outputs(slot, outputs_, outputs);
  return {};
}

std::vector<NodePlan> CudaExecutable::plan() const {
  return current_ == nullptr ? std::vector<NodePlan>() : current_->plan;
}

}  // namespace synsight::cuda
