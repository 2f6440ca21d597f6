// SPDX-License-Identifier: Apache-2.0
#include "core/backend/program.h"

#include <algorithm>
#include <utility>

#include "core/backend/flops.h"

namespace synsight {

const void* Program::address(BufferId buffer) const {
  if (buffer == kNoBuffer) return nullptr;
  if (buffers[buffer].constant != nullptr) return buffers[buffer].constant;
  return arena + memory.offsets[buffer];
}

namespace {

class Builder {
 public:
  Builder(const Graph& graph, const ShapePlan& shapes, ProgramNeeds& needs)
      : graph_(graph), shapes_(shapes), needs_(needs) {
    program_.places.resize(graph.values.size());
    forms_.resize(graph.values.size());
    program_.kernels.resize(graph.nodes.size(), nullptr);
  }

  Result<Program> build(std::span<const std::unique_ptr<Kernel>> kernels) {
    for (const ValueId input : graph_.inputs) {
      program_.inputs.push_back(
          place_output(input, {shapes_.values[static_cast<size_t>(input)], Layout::kPlain}));
    }
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (shapes_.is_settled[i]) continue;
      auto kernel = add_node(graph_.nodes[i], kernels[i].get());
      if (!kernel) return fail_at(graph_.nodes[i], std::move(kernel).error());
      program_.kernels[i] = *kernel;
    }
    for (const ValueId output : graph_.outputs) {
      const Operand wanted = {shapes_.values[static_cast<size_t>(output)], Layout::kPlain};
      SYNSIGHT_TRY_ASSIGN(const BufferId buffer, find_or_convert(output, wanted, nullptr));
      program_.outputs.push_back(buffer);
    }
    // The caller copies inputs in before the first step and outputs out after the last.
    for (const BufferId output : program_.outputs) touch(output);
    SYNSIGHT_TRY(allocate_arena());
    SYNSIGHT_TRY(setup_steps());
    return std::move(program_);
  }

 private:
  Operand at_hand(ValueId id) const {
    if (id == kNoValue) return {};
    Operand operand{shapes_.values[static_cast<size_t>(id)], Layout::kPlain};
    const Place& place = program_.places[static_cast<size_t>(id)];
    if (place.buffer != kNoBuffer) {
      operand.layout = place.layout;
      operand.info.dtype = place.dtype;
    }
    return operand;
  }

  /// Adds the node's step and returns the kernel that runs it, or null where there is nothing to
  /// compute.
  Result<const Kernel*> add_node(const Node& node, Kernel* own_kernel) {
    std::vector<Operand> inputs;
    std::vector<Operand> outputs;
    for (const ValueId id : node.inputs) inputs.push_back(at_hand(id));
    for (const ValueId id : node.outputs) outputs.push_back(at_hand(id));
    for (Operand& output : outputs) output.layout = Layout::kPlain;
    if (std::all_of(outputs.begin(), outputs.end(), is_absent_or_empty)) {
      for (size_t i = 0; i < outputs.size(); ++i) place_output(node.outputs[i], outputs[i]);
      return nullptr;
    }
    SYNSIGHT_TRY_ASSIGN(Kernel* const chosen, choose_kernel(node, own_kernel, inputs, outputs));
    Kernel& kernel = *chosen;
    kernel.choose_layouts(inputs, outputs);
    SYNSIGHT_TRY_ASSIGN(const size_t scratch_bytes, kernel.reshape(inputs, outputs));

    Step step{&kernel, &node, {}, {}, kNoBuffer, true};
    for (size_t i = 0; i < inputs.size(); ++i) {
      BufferId buffer = kNoBuffer;
      if (inputs[i].exists() && !kernel.has_packed(i)) {
        SYNSIGHT_TRY_ASSIGN(buffer, find_or_convert(node.inputs[i], inputs[i], &node));
      }
      step.inputs.push_back(buffer);
    }
    if (kernel.is_alias()) {
      const Place place = {step.inputs[0], outputs[0].layout, inputs[0].info.dtype};
      program_.places[static_cast<size_t>(node.outputs[0])] = place;
      forms_[static_cast<size_t>(node.outputs[0])].push_back(place);
      return &kernel;
    }
    for (const BufferId input : step.inputs) touch(input);
    for (size_t i = 0; i < outputs.size(); ++i) {
      step.outputs.push_back(place_output(node.outputs[i], outputs[i]));
    }
    if (scratch_bytes > 0) step.scratch = add_buffer(scratch_bytes);
    program_.steps.push_back(std::move(step));
    return &kernel;
  }

  static bool is_absent_or_empty(const Operand& operand) {
    return !operand.exists() || operand.info.shape.num_elements() == 0;
  }

  Result<Kernel*> choose_kernel(const Node& node, Kernel* own_kernel,
                                std::span<const Operand> inputs, std::span<const Operand> outputs) {
    if (own_kernel != nullptr) {
      bool has_packed = false;
      for (size_t i = 0; i < inputs.size(); ++i) has_packed |= own_kernel->has_packed(i);
      if (has_packed || own_kernel->accepts(inputs, outputs)) return own_kernel;
    }
    SYNSIGHT_TRY_ASSIGN(auto substitute, needs_.make_substitute(node, inputs));
    program_.extra_kernels.push_back(std::move(substitute));
    return program_.extra_kernels.back().get();
  }

  BufferId add_buffer(size_t size_bytes) {
    const size_t step = program_.steps.size();
    // A buffer of no bytes still gets an address of its own: XNNPACK refuses null.
    program_.buffers.push_back({nullptr, {std::max<size_t>(size_bytes, 1), step, step}});
    return program_.buffers.size() - 1;
  }

  BufferId place_output(ValueId id, const Operand& operand) {
    if (id == kNoValue || !operand.exists()) return kNoBuffer;
    const BufferId buffer = add_buffer(operand.info.view().size_bytes());
    program_.places[static_cast<size_t>(id)] = {buffer, operand.layout, operand.info.dtype};
    forms_[static_cast<size_t>(id)].push_back(program_.places[static_cast<size_t>(id)]);
    return buffer;
  }

  void touch(BufferId buffer) {
    if (buffer != kNoBuffer) program_.buffers[buffer].lifetime.last_step = program_.steps.size();
  }

  Result<BufferId> find_or_convert(ValueId id, const Operand& wanted, const Node* node) {
    std::vector<Place>& forms = forms_[static_cast<size_t>(id)];
    for (const Place& form : forms) {
      if (form.layout == wanted.layout && form.dtype == wanted.info.dtype) return form.buffer;
    }
    SYNSIGHT_TRY_ASSIGN(const BufferId buffer, wanted.info.is_known() ? add_constant(id, wanted)
                                                                      : convert(id, wanted, node));
    forms.push_back({buffer, wanted.layout, wanted.info.dtype});
    return buffer;
  }

  Result<BufferId> add_constant(ValueId id, const Operand& wanted) {
    const TensorView elements = {shapes_.values[static_cast<size_t>(id)].dtype, wanted.info.shape,
                                 wanted.info.data};
    SYNSIGHT_TRY_ASSIGN(const void* const placed, needs_.place_constant(elements, wanted));
    program_.buffers.push_back({placed, {}});
    return program_.buffers.size() - 1;
  }

  Result<BufferId> convert(ValueId id, const Operand& wanted, const Node* node) {
    const Place place = program_.places[static_cast<size_t>(id)];
    const bool is_same_layout = place.layout == wanted.layout || is_layout_free(wanted.info.shape);
    if (is_same_layout && place.dtype == wanted.info.dtype) return place.buffer;
    Operand from = wanted;
    from.layout = place.layout;
    from.info.dtype = place.dtype;
    SYNSIGHT_TRY_ASSIGN(auto kernel, needs_.make_conversion());
    SYNSIGHT_TRY(kernel->reshape({&from, 1}, {&wanted, 1}));
    touch(place.buffer);
    Step step{kernel.get(), node, {place.buffer}, {}, kNoBuffer, false};
    const BufferId buffer = add_buffer(wanted.info.view().size_bytes());
    step.outputs.push_back(buffer);
    program_.extra_kernels.push_back(std::move(kernel));
    program_.steps.push_back(std::move(step));
    return buffer;
  }

  Status allocate_arena() {
    std::vector<BufferLifetime> lifetimes;
    for (const Buffer& buffer : program_.buffers) {
      lifetimes.push_back(buffer.constant != nullptr ? BufferLifetime{} : buffer.lifetime);
    }
    SYNSIGHT_TRY_ASSIGN(program_.memory, plan_memory(lifetimes));
    SYNSIGHT_TRY_ASSIGN(program_.arena, needs_.allocate_arena(program_.memory.arena_bytes));
    return {};
  }

  Status setup_steps() {
    for (const Step& step : program_.steps) {
      std::vector<const void*> inputs;
      std::vector<void*> outputs;
      for (const BufferId buffer : step.inputs) inputs.push_back(program_.address(buffer));
      for (const BufferId buffer : step.outputs) outputs.push_back(arena_address(buffer));
      auto status = step.kernel->setup(inputs, outputs, arena_address(step.scratch));
      if (!status && step.node != nullptr) return fail_at(*step.node, std::move(status).error());
      SYNSIGHT_TRY(status);
    }
    return {};
  }

  void* arena_address(BufferId buffer) {
    return buffer == kNoBuffer ? nullptr : program_.arena + program_.memory.offsets[buffer];
  }

  const Graph& graph_;
  const ShapePlan& shapes_;
  ProgramNeeds& needs_;
  Program program_;
  std::vector<std::vector<Place>> forms_;  // by ValueId: all in which it lies so far
};

}  // namespace

Result<Program> build_program(const Graph& graph, std::span<const std::unique_ptr<Kernel>> kernels,
                              const ShapePlan& shapes, ProgramNeeds& needs) {
  return Builder(graph, shapes, needs).build(kernels);
}

std::vector<NodePlan> plan_nodes(const Graph& graph, const Program& program,
                                 const ShapePlan& shapes) {
  std::vector<NodePlan> plans;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    NodePlan plan{&node, "shape arithmetic", 0, {}};
    if (program.kernels[i] != nullptr) {
      plan.kernel = program.kernels[i]->name();
      plan.num_flops = count_flops(node, shapes);
    }
    for (const ValueId id : node.outputs) {
      if (id != kNoValue)
        plan.output_shapes.push_back(shapes.values[static_cast<size_t>(id)].shape);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace synsight
