// SPDX-License-Identifier: Apache-2.0
#include "core/ops/batch_normalization.h"
#include "core/ops/lrn.h"
#include "native/cuda/functors/normalization.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// An operand [N,C,...] as memory has it: [...,C,inner].
struct Channels {
  int64_t count = 0;
  int64_t inner = 1;
};

Channels channels_of(const Operand& operand) {
  const Shape& shape = operand.info.shape;
  Channels channels{shape[1], 1};
  if (operand.layout == Layout::kChannelsLast) return channels;
  for (size_t axis = 2; axis < shape.rank(); ++axis) channels.inner *= shape[axis];
  return channels;
}

/// BatchNormalization that no convolution took in; its four parameters become two first.
class BatchNormalization final : public LaunchKernel {
 public:
  BatchNormalization(Queue& queue, const Node& node)
      : LaunchKernel(queue, node, "batch normalization") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    outputs[0].layout = inputs[0].layout;
    outputs[0].info.dtype = inputs[0].info.dtype;
    for (Operand& parameter : inputs.subspan(1)) want_plain_f32(parameter);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_batch_normalization(node()));
    input_ = inputs[0];
    channels_ = channels_of(input_);
    return 2 * static_cast<size_t>(channels_.count) * sizeof(float);
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    unbind();
    const auto parameter = [&](size_t input) { return static_cast<const float*>(inputs[input]); };
    auto* const factor = static_cast<float*>(scratch);
    float* const shift = factor + channels_.count;
    bind(FoldStatistics{parameter(1), parameter(2), parameter(3), parameter(4), params_.epsilon,
                        factor, shift},
         channels_.count);
    visit_float_storage(input_.info.dtype, [&](auto type) {
      using T = decltype(type);
      const int64_t run = channels_.inner == 1 ? channels_.count : channels_.inner;
      const auto bind_width = [&](auto functor, int64_t width) {
        functor.x = static_cast<const T*>(inputs[0]);
        functor.y = static_cast<T*>(outputs[0]);
        functor.factor = factor;
        functor.shift = shift;
        functor.inner = Divider(channels_.inner);
        functor.num_channels = Divider(channels_.count);
        functor.clamp = clamp();
        bind(functor, num_elements(input_) / width);
      };
      if (run % kFullWidth<T> == 0) {
        bind_width(ScaleChannels<T, kFullWidth<T>>{}, kFullWidth<T>);
      } else {
        bind_width(ScaleChannels<T, 1>{}, 1);
      }
    });
    return {};
  }

 private:
  ops::BatchNormalizationParams params_;
  Operand input_;
  Channels channels_;
};

class LocalResponseNormalization final : public LaunchKernel {
 public:
  LocalResponseNormalization(Queue& queue, const Node& node)
      : LaunchKernel(queue, node, "local response normalization") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    outputs[0].layout = inputs[0].layout;
    outputs[0].info.dtype = inputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_lrn(node()));
    input_ = inputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    const Channels channels = channels_of(input_);
    visit_float_storage(input_.info.dtype, [&](auto type) {
      using T = decltype(type);
      NormalizeAcrossChannels<T> functor;
      functor.x = static_cast<const T*>(inputs[0]);
      functor.y = static_cast<T*>(outputs[0]);
      functor.inner = Divider(channels.inner);
      functor.num_channels = Divider(channels.count);
      functor.before = params_.before();
      functor.after = params_.after();
      functor.factor = params_.alpha / static_cast<float>(params_.size);
      functor.beta = params_.beta;
      functor.bias = params_.bias;
      functor.clamp = clamp();
      bind(functor, num_elements(input_));
    });
    return {};
  }

 private:
  ops::LrnParams params_;
  Operand input_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_batch_normalization(const Compilation& compilation,
                                                         const Node& node) {
  if (ops::uses_batch_statistics(node)) return make_batch_training(compilation, node);
  return std::make_unique<BatchNormalization>(compilation.queue, node);
}

Result<std::unique_ptr<Kernel>> make_lrn(const Compilation& compilation, const Node& node) {
  return std::make_unique<LocalResponseNormalization>(compilation.queue, node);
}

}  // namespace synsight::cuda
