// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "core/graph/attributes.h"
#include "core/ops/conv.h"
#include "native/cuda/functors/depthwise.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/convolution_weights.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/residuals.h"

namespace synsight::cuda {

namespace {

/// Indices that keep a large GPU busy: 132 multiprocessors with a few hundred each. Where an image
/// is too small to give as many, an index takes fewer outputs and channels.
constexpr int64_t kEnoughIndices = 1 << 15;

FilterAxis filter_axis(const ops::WindowAxis& axis) {
  return {static_cast<int>(axis.input),    static_cast<int>(axis.output),
          static_cast<int>(axis.kernel),   static_cast<int>(axis.stride),
          static_cast<int>(axis.dilation), static_cast<int>(axis.pad_begin)};
}

/// Conv with one filter for each channel, over [N,C,H,W] that lie channels last.
class Depthwise final : public LaunchKernel {
 public:
  Depthwise(const Compilation& compilation, const Node& node, const Shape& weight_shape,
            Memory weights)
      : LaunchKernel(compilation.queue, node, "depthwise convolution"),
        storage_(compilation.storage),
        weight_shape_(weight_shape),
        weights_(std::move(weights)) {}

  bool has_packed(size_t input) const override { return input == 1; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return LaunchKernel::accepts(inputs, outputs) && inputs.size() <= kResidualInput;
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    inputs[0].info.dtype = outputs[0].info.dtype = storage_;
    inputs[0].layout = outputs[0].layout = Layout::kChannelsLast;
    if (inputs.size() > 2) want_plain_f32(inputs[2]);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    const Shape& input = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_conv(node(), input, weight_shape_));
    num_images_ = input[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(storage_, [&](auto type) {
      using T = decltype(type);
      DepthwiseShape<T> shape;
      shape.x = static_cast<const T*>(inputs[0]);
      shape.weights = reinterpret_cast<const T*>(weights_.data());
      shape.bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
      shape.y = static_cast<T*>(outputs[0]);
      shape.num_images = num_images_;
      shape.num_channels = weight_shape_[0];
      shape.rows = filter_axis(params_.window[0]);
      shape.columns = filter_axis(params_.window[1]);
      shape.clamp = clamp();
      bind_best(shape);
    });
    return {};
  }

 private:
  template <typename T>
  void bind_best(const DepthwiseShape<T>& shape) {
    const bool is_wide = shape.num_channels % kFullWidth<T> == 0;
    const FilterAxis& columns = shape.columns;
    if (is_wide && columns.dilation == 1) {
      if (columns.taps == 3 && columns.stride == 1) return bind_row<T, 3, 1, 4>(shape);
      if (columns.taps == 3 && columns.stride == 2) return bind_row<T, 3, 2, 2>(shape);
      if (columns.taps == 5 && columns.stride == 1) return bind_row<T, 5, 1, 4>(shape);
      if (columns.taps == 5 && columns.stride == 2) return bind_row<T, 5, 2, 2>(shape);
      if (columns.taps == 7 && columns.stride == 1) return bind_row<T, 7, 1, 2>(shape);
    }
    if (is_wide) {
      bind_counted(DepthwiseAny<T, kFullWidth<T>>(shape));
    } else {
      bind_counted(DepthwiseAny<T, 1>(shape));
    }
  }

  template <typename T, int kTaps, int kStride, int kOutputs>
  void bind_row(const DepthwiseShape<T>& shape) {
    constexpr int kWidth = kFullWidth<T>;
    const DepthwiseRow<T, kTaps, kStride, kOutputs, kWidth> several(shape);
    if (several.count() >= kEnoughIndices) return bind_counted(several);
    const DepthwiseRow<T, kTaps, kStride, 1, kWidth> one(shape);
    if (one.count() >= kEnoughIndices) return bind_counted(one);
    bind_counted(DepthwiseRow<T, kTaps, kStride, 1, kWidth / 4>(shape));
  }

  template <typename Functor>
  void bind_counted(const Functor& functor) {
    bind(functor, functor.count());
  }

  DType storage_;
  Shape weight_shape_;
  Memory weights_;
  ops::ConvParams params_;
  int64_t num_images_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_depthwise(const Compilation& compilation, const Node& node) {
  const TensorView weights = constant_input(compilation.graph, node, 1);
  if (weights.dtype != DType::kFloat32 || weights.data == nullptr) return nullptr;
  const Shape& shape = weights.shape;
  SYNSIGHT_TRY_ASSIGN(const int64_t group, int_attribute(node, "group", 1));
  if (shape.rank() != 4 || shape[0] != group || shape[1] != 1) return nullptr;
  SYNSIGHT_TRY_ASSIGN(Memory packed,
                      upload_filters_last(compilation.queue, weights, compilation.storage));
  return std::make_unique<Depthwise>(compilation, node, shape, std::move(packed));
}

}  // namespace synsight::cuda
