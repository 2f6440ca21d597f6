// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "core/ops/conv.h"
#include "native/cuda/functors/direct_convolution.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/convolution_weights.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/kernels/spatial.h"
#include "native/cuda/residuals.h"

namespace synsight::cuda {

namespace {

/// Any Conv over one to three axes, with Z where it has one. Constant weights are packed, others
/// read as they are fed.
class DirectConvolutionKernel final : public LaunchKernel {
 public:
  DirectConvolutionKernel(const Compilation& compilation, const Node& node,
                          std::optional<Memory> packed)
      : LaunchKernel(compilation.queue, node, "direct convolution"),
        storage_(compilation.storage),
        packed_(std::move(packed)) {}

  bool has_packed(size_t input) const override { return input == 1 && packed_.has_value(); }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return LaunchKernel::accepts(inputs, outputs) && is_spatial(inputs[0].info.shape);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    inputs[0].info.dtype = outputs[0].info.dtype = storage_;
    choose_channels_last(inputs.first(1), outputs);
    inputs[1].info.dtype = storage_;
    inputs[1].layout = Layout::kPlain;
    if (inputs.size() > 2) want_plain_f32(inputs[2]);
    if (inputs.size() > kResidualInput) want_like(outputs[0], inputs[kResidualInput]);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    weight_shape_ = inputs[1].info.shape;
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_conv(node(), inputs[0].info.shape, weight_shape_));
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
      DirectConvolution<T> functor;
      functor.x = static_cast<const T*>(inputs[0]);
      functor.bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
      if (inputs.size() > kResidualInput) {
        functor.z = static_cast<const T*>(inputs[kResidualInput]);
      }
      functor.y = static_cast<T*>(outputs[0]);
      functor.input = input_map_;
      functor.output = output_map_;
      set_window(params_.window, functor.window);
      functor.clamp = clamp();
      set_weights(inputs[1], functor);
      bind(functor, num_outputs_);
    });
    return {};
  }

 private:
  template <typename T>
  void set_weights(const void* fed, DirectConvolution<T>& functor) const {
    const int64_t num_filters = weight_shape_[0];
    const int64_t num_channels = weight_shape_[1];
    functor.group_filters = Divider(num_filters / params_.group);
    functor.group_channels = num_channels;
    if (packed_) {
      functor.weights = reinterpret_cast<const T*>(packed_->data());
      functor.filter_step = 1;
      functor.channel_step = num_filters;
      functor.tap_step = num_channels * num_filters;
      return;
    }
    int64_t num_taps = 1;
    for (const ops::WindowAxis& axis : params_.window) num_taps *= axis.kernel;
    functor.weights = static_cast<const T*>(fed);
    functor.filter_step = num_channels * num_taps;
    functor.channel_step = num_taps;
    functor.tap_step = 1;
  }

  DType storage_;
  std::optional<Memory> packed_;
  Shape weight_shape_;
  ops::ConvParams params_;
  ImageMap input_map_;
  ImageMap output_map_;
  int64_t num_outputs_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_direct_convolution(const Compilation& compilation,
                                                        const Node& node) {
  const TensorView weights = constant_input(compilation.graph, node, 1);
  std::optional<Memory> packed;
  if (weights.dtype == DType::kFloat32 && weights.data != nullptr) {
    if (!is_spatial(weights.shape)) return nullptr;
    SYNSIGHT_TRY_ASSIGN(packed,
                        upload_filters_last(compilation.queue, weights, compilation.storage));
  }
  return std::make_unique<DirectConvolutionKernel>(compilation, node, std::move(packed));
}

}  // namespace synsight::cuda
