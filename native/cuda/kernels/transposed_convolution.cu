// SPDX-License-Identifier: Apache-2.0
#include "core/ops/conv_transpose.h"
#include "native/cuda/functors/transposed_convolution.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/kernels/spatial.h"

namespace synsight::cuda {

namespace {

/// ConvTranspose over one to three axes, in the layout that its input has.
class TransposedConvolutionKernel final : public LaunchKernel {
 public:
  TransposedConvolutionKernel(const Compilation& compilation, const Node& node)
      : LaunchKernel(compilation.queue, node, "transposed convolution"),
        storage_(compilation.storage) {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return LaunchKernel::accepts(inputs, outputs) && is_spatial(inputs[0].info.shape);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    inputs[0].info.dtype = inputs[1].info.dtype = outputs[0].info.dtype = storage_;
    inputs[1].layout = Layout::kPlain;
    if (inputs.size() > 2) want_plain_f32(inputs[2]);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& weights = inputs[1].info.shape;
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_conv_transpose(node(), inputs[0].info.shape, weights));
    group_channels_ = weights[0] / params_.group;
    group_filters_ = weights[1];
    input_map_ = image_map(inputs[0]);
    output_map_ = image_map(outputs[0]);
    num_outputs_ = num_elements(outputs[0]);
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(storage_, [&](auto type) {
      using T = decltype(type);
      TransposedConvolution<T> functor;
      functor.x = static_cast<const T*>(inputs[0]);
      functor.weights = static_cast<const T*>(inputs[1]);
      functor.bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
      functor.y = static_cast<T*>(outputs[0]);
      functor.input = input_map_;
      functor.output = output_map_;
      set_window(params_.window, functor.window);
      functor.group_filters = Divider(group_filters_);
      functor.group_channels = group_channels_;
      for (const ops::WindowAxis& axis : params_.window) functor.num_taps *= axis.kernel;
      functor.clamp = clamp();
      bind(functor, num_outputs_);
    });
    return {};
  }

 private:
  DType storage_;
  ops::ConvTransposeParams params_;
  int64_t group_channels_ = 1;
  int64_t group_filters_ = 1;
  ImageMap input_map_;
  ImageMap output_map_;
  int64_t num_outputs_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_transposed_convolution(const Compilation& compilation,
                                                            const Node& node) {
  return std::make_unique<TransposedConvolutionKernel>(compilation, node);
}

}  // namespace synsight::cuda
