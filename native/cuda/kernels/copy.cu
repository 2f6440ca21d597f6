// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/ops/transpose.h"
#include "native/cuda/functors/copy.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/moves.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

bool can_copy(const Operand& from, const Operand& to) {
  return !to.exists() || from.info.dtype == to.info.dtype || (is_float(from) && is_float(to));
}

using Plan = std::function<Result<std::vector<Move>>(std::span<const Operand> inputs,
                                                     std::span<const Operand> outputs)>;

/// The operators that only move elements: a strided copy or several. Whatever their layouts, an
/// output that is its input's bytes is an alias.
class Copy : public Kernel {
 public:
  Copy(Queue& queue, Plan plan, const Clamp& clamp)
      : queue_(queue), plan_(std::move(plan)), clamp_(clamp) {}

  std::string_view name() const override { return is_alias_ ? "alias" : "copy"; }
  bool is_alias() const override { return is_alias_; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return std::all_of(outputs.begin(), outputs.end(),
                       [&](const Operand& output) { return can_copy(inputs[0], output); });
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto has_input_rank = [&](const Operand& output) {
      return output.info.shape.rank() == inputs[0].info.shape.rank();
    };
    if (!std::all_of(outputs.begin(), outputs.end(), has_input_rank)) {
      Kernel::choose_layouts(inputs, outputs);
    }
    keep_layout(inputs, outputs);
    keep_dtype(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(const std::vector<Move> moves, plan_(inputs, outputs));
    steps_.clear();
    for (const Move& move : moves) steps_.push_back(plan_step(move, inputs, outputs));
    output_ = outputs[0];
    is_alias_ = moves.size() == 1 && outputs.size() == 1 && clamp_.is_identity() &&
                inputs[0].info.dtype == outputs[0].info.dtype &&
                num_elements(inputs[0]) == num_elements(outputs[0]) && is_whole(steps_[0]);
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    for (Step& step : steps_) {
      step.target.data = unit_at(outputs[step.output], step.target_size, step.offsets[0]);
      step.source.data = unit_at(inputs[step.input], step.source_size, step.offsets[1]);
    }
    y_ = outputs[0];
    return {};
  }

  Status run() override {
    for (const Step& step : steps_) SYNSIGHT_TRY(queue_step(step));
    return queue_activation(queue_, clamp_, output_, y_);
  }

 private:
  struct Step {
    size_t input = 0;
    size_t output = 0;
    IndexSpace<2> space = {};
    int64_t offsets[2] = {};  // of the target and the source, in units of these sizes:
    size_t target_size = 1;
    size_t source_size = 1;
    Elements target = {};
    ConstElements source = {};
  };

  static Step plan_step(const Move& move, std::span<const Operand> inputs,
                        std::span<const Operand> outputs) {
    Step step{.input = move.input,
              .output = move.output,
              .space = plan_index_space<2>(move.shape, {move.target, move.source}),
              .offsets = {move.target_offset, move.source_offset}};
    step.target.dtype = outputs[move.output].info.dtype;
    step.source.dtype = inputs[move.input].info.dtype;
    step.target_size = dtype_size(step.target.dtype);
    step.source_size = dtype_size(step.source.dtype);
    if (step.target.dtype == step.source.dtype) {
      widen_units(step.space, step.target_size, step.offsets);
      step.source_size = step.target_size;
    } else if (step.offsets[0] % kPack != 0 || step.offsets[1] % kPack != 0) {
      step.space.pack = 1;
    }
    return step;
  }

  /// Whether it copies element by element in the order of both.
  static bool is_whole(const Step& step) {
    const IndexSpace<2>& space = step.space;
    const bool is_dense =
        space.num_axes == 1 && space.strides[0][0] == 1 && space.strides[1][0] == 1;
    return (is_dense || space.num_elements == 1) && step.offsets[0] == 0 && step.offsets[1] == 0;
  }

  Status queue_step(const Step& step) const {
    if (step.target.dtype != step.source.dtype) {
      const ConvertingCopy copy{step.space, step.target, step.source};
      return launch(queue_, copy, step.space.num_packs());
    }
    const StridedCopy copy{step.space, step.target_size, step.target.data, step.source.data};
    return launch(queue_, copy, step.space.num_elements);
  }

  Queue& queue_;
  Plan plan_;
  Clamp clamp_;
  std::vector<Step> steps_;
  Operand output_;
  void* y_ = nullptr;
  bool is_alias_ = false;
};

/// From whatever layout its input has. What tf2onnx turns from N H W C is given as channels last.
class Transpose final : public Copy {
 public:
  Transpose(Queue& queue, Plan plan, const Node& node)
      : Copy(queue, std::move(plan), clamp_of(node)), node_(node) {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto perm = ops::parse_permutation(node_, inputs[0].info.shape.rank());
    const bool is_from_nhwc = perm && *perm == std::vector<size_t>{0, 3, 1, 2};
    const bool gives_image = is_from_nhwc && inputs[0].layout == Layout::kPlain;
    outputs[0].layout = gives_image ? Layout::kChannelsLast : Layout::kPlain;
    keep_dtype(inputs, outputs);
  }

 private:
  const Node& node_;
};

class Concat final : public Copy {
 public:
  using Copy::Copy;

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return std::all_of(inputs.begin(), inputs.end(),
                       [&](const Operand& input) { return can_copy(input, outputs[0]); });
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
    const bool are_alike = std::all_of(inputs.begin(), inputs.end(), [&](const Operand& input) {
      return input.info.dtype == inputs[0].info.dtype;
    });
    if (are_alike) keep_dtype(inputs, outputs);
  }
};

/// Its operands are what the program says.
class Conversion final : public Copy {
 public:
  using Copy::Copy;

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    if (!can_copy(inputs[0], outputs[0])) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({"cannot store ", dtype_name(inputs[0].info.dtype), " as ",
                          dtype_name(outputs[0].info.dtype)}));
    }
    return Copy::reshape(inputs, outputs);
  }
};

Plan plan_for(const Node& node, PlanMoves* plan) {
  return [&node, plan](std::span<const Operand> inputs, std::span<const Operand> outputs) {
    return plan(node, inputs, outputs);
  };
}

Result<std::unique_ptr<Kernel>> make_copy(const Compilation& compilation, const Node& node,
                                          PlanMoves* plan) {
  return std::make_unique<Copy>(compilation.queue, plan_for(node, plan), clamp_of(node));
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_slice(const Compilation& compilation, const Node& node) {
  return make_copy(compilation, node, plan_slice);
}

Result<std::unique_ptr<Kernel>> make_split(const Compilation& compilation, const Node& node) {
  return make_copy(compilation, node, plan_split);
}

Result<std::unique_ptr<Kernel>> make_expand(const Compilation& compilation, const Node& node) {
  return make_copy(compilation, node, plan_expand);
}

Result<std::unique_ptr<Kernel>> make_depth_to_space(const Compilation& compilation,
                                                    const Node& node) {
  return make_copy(compilation, node, plan_depth_to_space);
}

Result<std::unique_ptr<Kernel>> make_space_to_depth(const Compilation& compilation,
                                                    const Node& node) {
  return make_copy(compilation, node, plan_space_to_depth);
}

Result<std::unique_ptr<Kernel>> make_concat(const Compilation& compilation, const Node& node) {
  return std::make_unique<Concat>(compilation.queue, plan_for(node, plan_concat), clamp_of(node));
}

Result<std::unique_ptr<Kernel>> make_transpose(const Compilation& compilation, const Node& node) {
  return std::make_unique<Transpose>(compilation.queue, plan_for(node, plan_transpose), node);
}

Result<std::unique_ptr<Kernel>> make_conversion(const Compilation& compilation) {
  const auto plan = [](std::span<const Operand> inputs,
                       std::span<const Operand> outputs) -> Result<std::vector<Move>> {
    return std::vector{Move{.shape = outputs[0].info.shape,
                            .source = strides_of(inputs[0]),
                            .target = strides_of(outputs[0])}};
  };
  return std::make_unique<Conversion>(compilation.queue, plan, Clamp{});
}

}  // namespace synsight::cuda
