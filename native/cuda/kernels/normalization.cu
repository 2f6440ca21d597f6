// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "core/graph/attributes.h"
#include "core/ops/batch_normalization.h"
#include "core/ops/group_normalization.h"
#include "core/ops/layer_normalization.h"
#include "core/ops/strided.h"
#include "native/cuda/functors/normalization.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

using Axes = std::vector<StridedAxis>;

/// How a NormalizeRows goes through its operands.
struct RowPlan {
  StridedMap rows;
  StridedMap inner;
  StridedMap parameter_rows;
  StridedMap scale_inner;
  StridedMap bias_inner;
  int64_t parameter_step = 1;
  int64_t num_rows = 0;
  int64_t length = 0;
  int64_t run = 1;  // so many elements lie together, and their parameters
  float epsilon = 0;
  bool gives_variances = false;  // and not the inverse deviations
};

/// What layer, group and instance normalization, and that of a batch, share.
class RowNormalization : public LaunchKernel {
 public:
  using LaunchKernel::LaunchKernel;

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    for (Operand& parameter : inputs.subspan(1)) want_plain_f32(parameter);
    for (Operand& statistic : outputs.subspan(1)) want_plain_f32(statistic);
    outputs[0].info.dtype = inputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    dtype_ = inputs[0].info.dtype;
    SYNSIGHT_TRY_ASSIGN(plan_, plan(inputs));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      if (plan_.run % kFullWidth<T> == 0) {
        bind_normalization<T, kFullWidth<T>>(inputs, outputs);
      } else {
        bind_normalization<T, 1>(inputs, outputs);
      }
    });
    return {};
  }

 protected:
  virtual Result<RowPlan> plan(std::span<const Operand> inputs) = 0;

 private:
  template <typename T, int kWidth>
  void bind_normalization(std::span<const void* const> inputs, std::span<void* const> outputs) {
    const auto statistic = [&](size_t output) {
      return output < outputs.size() ? static_cast<float*>(outputs[output]) : nullptr;
    };
    NormalizeRows<T, kWidth> functor;
    functor.x = static_cast<const T*>(inputs[0]);
    functor.y = static_cast<T*>(outputs[0]);
    functor.scale = static_cast<const float*>(inputs[1]);
    functor.bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
    functor.means = statistic(1);
    (plan_.gives_variances ? functor.variances : functor.inverse_deviations) = statistic(2);
    functor.rows = plan_.rows;
    functor.inner = plan_.inner;
    functor.parameter_rows = plan_.parameter_rows;
    functor.scale_inner = plan_.scale_inner;
    functor.bias_inner = plan_.bias_inner;
    functor.parameter_step = plan_.parameter_step;
    functor.length = plan_.length;
    functor.epsilon = plan_.epsilon;
    functor.clamp = clamp();
    bind_rows(functor, plan_.num_rows);
  }

  DType dtype_ = DType::kUndefined;
  RowPlan plan_;
};

class LayerNormalization final : public RowNormalization {
 public:
  LayerNormalization(Queue& queue, const Node& node)
      : RowNormalization(queue, node, "layer normalization") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    RowNormalization::choose_layouts(inputs, outputs);
    inputs[0].layout = outputs[0].layout = Layout::kPlain;
  }

 protected:
  Result<RowPlan> plan(std::span<const Operand> inputs) override {
    SYNSIGHT_TRY_ASSIGN(const auto params,
                        ops::parse_layer_normalization(node(), inputs[0].info.shape));
    RowPlan plan;
    plan.num_rows = static_cast<int64_t>(params.outer.num_elements());
    plan.length = static_cast<int64_t>(params.normalized.num_elements());
    plan.epsilon = params.epsilon;
    plan.rows = StridedMap(Axes{{plan.num_rows, plan.length}});
    plan.inner = StridedMap(Axes{{plan.length, 1}});
    const auto map_of_parameter = [&](const Operand& parameter) {
      return map_of(params.normalized,
                    ops::broadcast_strides(parameter.info.shape, params.normalized));
    };
    plan.scale_inner = map_of_parameter(inputs[1]);
    bool is_whole = is_same(inputs[1], params.normalized);
    if (inputs.size() > 2 && inputs[2].exists()) {
      plan.bias_inner = map_of_parameter(inputs[2]);
      is_whole = is_whole && is_same(inputs[2], params.normalized);
    }
    if (is_whole) plan.run = plan.length;
    return plan;
  }

 private:
  static bool is_same(const Operand& parameter, const Shape& normalized) {
    return parameter.info.shape.num_elements() == normalized.num_elements();
  }
};

/// GroupNormalization and InstanceNormalization, in both layouts.
class GroupNormalization final : public RowNormalization {
 public:
  GroupNormalization(Queue& queue, const Node& node)
      : RowNormalization(queue, node, "group normalization") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    RowNormalization::choose_layouts(inputs, outputs);
    outputs[0].layout = inputs[0].layout;
  }

 protected:
  Result<RowPlan> plan(std::span<const Operand> inputs) override {
    const Shape& shape = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_group_normalization(node(), shape));
    const int64_t num_channels = shape[1];
    const int64_t group = num_channels / params.num_groups;
    int64_t pixels = 1;
    for (size_t axis = 2; axis < shape.rank(); ++axis) pixels *= shape[axis];
    const bool is_last = inputs[0].layout == Layout::kChannelsLast;
    // One scale a channel, or one a group.
    const bool is_by_group = params.num_scales != num_channels;
    const int64_t channel_step = is_by_group ? 0 : 1;
    RowPlan plan;
    plan.num_rows = shape[0] * params.num_groups;
    plan.length = group * pixels;
    plan.epsilon = params.epsilon;
    plan.rows = StridedMap(Axes{{shape[0], num_channels * pixels},
                                {params.num_groups, group * (is_last ? 1 : pixels)}});
    plan.parameter_rows =
        StridedMap(Axes{{shape[0], 0}, {params.num_groups, is_by_group ? 1 : group}});
    plan.inner = StridedMap(is_last ? Axes{{pixels, num_channels}, {group, 1}}
                                    : Axes{{group, pixels}, {pixels, 1}});
    plan.scale_inner = plan.bias_inner =
        StridedMap(is_last ? Axes{{pixels, 0}, {group, channel_step}}
                           : Axes{{group, channel_step}, {pixels, 0}});
    plan.parameter_step = is_last ? channel_step : 0;
    plan.run = is_last ? group : pixels;
    return plan;
  }
};

/// BatchNormalization in training, by the moments of its own input.
class BatchTraining final : public RowNormalization {
 public:
  BatchTraining(Queue& queue, const Node& node)
      : RowNormalization(queue, node, "batch normalization") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    RowNormalization::choose_layouts(inputs, outputs);
    inputs[0].layout = outputs[0].layout = Layout::kPlain;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    SYNSIGHT_TRY(RowNormalization::setup(inputs, outputs, scratch));
    SYNSIGHT_TRY_ASSIGN(const float momentum, float_attribute(node(), "momentum", 0.9f));
    for (size_t i = 1; i < outputs.size(); ++i) {
      if (outputs[i] == nullptr) continue;
      bind(MoveStatistics{static_cast<const float*>(inputs[2 + i]), static_cast<float*>(outputs[i]),
                          momentum},
           num_channels_);
    }
    return {};
  }

 protected:
  Result<RowPlan> plan(std::span<const Operand> inputs) override {
    const Shape& shape = inputs[0].info.shape;
    num_channels_ = shape[1];
    int64_t pixels = 1;
    for (size_t axis = 2; axis < shape.rank(); ++axis) pixels *= shape[axis];
    RowPlan plan;
    SYNSIGHT_TRY_ASSIGN(
        plan.epsilon, float_attribute(node(), "epsilon", ops::BatchNormalizationParams{}.epsilon));
    plan.num_rows = num_channels_;
    plan.length = shape[0] * pixels;
    plan.rows = StridedMap(Axes{{num_channels_, pixels}});
    plan.inner = StridedMap(Axes{{shape[0], num_channels_ * pixels}, {pixels, 1}});
    plan.parameter_rows = StridedMap(Axes{{num_channels_, 1}});
    plan.scale_inner = plan.bias_inner = StridedMap(Axes{{plan.length, 0}});
    plan.parameter_step = 0;
    plan.run = pixels;
    plan.gives_variances = true;
    return plan;
  }

 private:
  int64_t num_channels_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_batch_training(const Compilation& compilation,
                                                    const Node& node) {
  return std::make_unique<BatchTraining>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_layer_normalization(const Compilation& compilation,
                                                         const Node& node) {
  return std::make_unique<LayerNormalization>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_group_normalization(const Compilation& compilation,
                                                         const Node& node) {
  return std::make_unique<GroupNormalization>(compilation.queue, node);
}

}  // namespace synsight::cuda
