// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/graph/attributes.h"
#include "core/ops/conv.h"
#include "core/ops/strided.h"
#include "native/cuda/functors/quantized_convolution.h"
#include "native/cuda/kernels/convolution_weights.h"
#include "native/cuda/kernels/launch_kernel.h"
#include "native/cuda/kernels/quantized_convolution.h"
#include "native/cuda/kernels/spatial.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

namespace {

FilterAxis filter_axis(const ops::WindowAxis& axis) {
  return {static_cast<int>(axis.input),    static_cast<int>(axis.output),
          static_cast<int>(axis.kernel),   static_cast<int>(axis.stride),
          static_cast<int>(axis.dilation), static_cast<int>(axis.pad_begin)};
}

QuantizedConvolution direct_functor(const QuantizedConstants& constants,
                                    const ops::ConvParams& params, const Operand& x,
                                    const Operand& y) {
  const Shape taps = flatten_taps(constants.shape);
  QuantizedConvolution functor;
  functor.weights = constants.weights_data();
  functor.input = image_map(x);
  functor.output = image_map(y);
  set_window(params.window, functor.window);
  functor.group_filters = Divider(y.info.shape[1] / params.group);
  functor.group_channels = taps[1];
  functor.num_taps = taps[2];
  functor.levels = constants.levels(x.info.dtype);
  functor.requantize = constants.requantize(y.info.dtype);
  return functor;
}

template <int kWidth>
QuantizedDepthwise<kWidth> depthwise_functor(const QuantizedConstants& constants,
                                             const ops::ConvParams& params, const Operand& x,
                                             const Operand& y) {
  QuantizedDepthwise<kWidth> functor;
  functor.weights = constants.weights_data();
  functor.num_channels = constants.shape[0];
  functor.rows = filter_axis(params.window[0]);
  functor.columns = filter_axis(params.window[1]);
  functor.packs = Divider(functor.num_channels / kWidth);
  functor.output_columns = Divider(functor.columns.output);
  functor.output_rows = Divider(functor.rows.output);
  functor.levels = constants.levels(x.info.dtype);
  functor.requantize = constants.requantize(y.info.dtype);
  return functor;
}

/// A Conv over one to three axes by kernels of our own.
class OwnQuantized final : public LaunchKernel {
 public:
  OwnQuantized(const Compilation& compilation, const Node& conv, bool has_filter_a_channel,
               QuantizedConstants constants)
      : LaunchKernel(
            compilation.queue, conv,
            has_filter_a_channel ? "8-bit depthwise convolution" : "8-bit direct convolution"),
        is_depthwise_(has_filter_a_channel),
        constants_(std::move(constants)) {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return is_8_bit(inputs[0]) && is_8_bit(outputs[0]);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const bool is_image = constants_.shape.rank() == 4;
    inputs[0].layout = outputs[0].layout = is_image ? Layout::kChannelsLast : Layout::kPlain;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_conv(node(), inputs[0].info.shape, constants_.shape));
    input_ = inputs[0];
    output_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    // More channels an index would leave too few for a GPU where images are small.
    constexpr int kWidth = 4;
    unbind();
    if (!is_depthwise_) {
      bind_on(direct_functor(constants_, params_, input_, output_), 1, inputs[0], outputs[0]);
    } else if (constants_.shape[0] % kWidth == 0) {
      bind_on(depthwise_functor<kWidth>(constants_, params_, input_, output_), kWidth, inputs[0],
              outputs[0]);
    } else {
      bind_on(depthwise_functor<1>(constants_, params_, input_, output_), 1, inputs[0], outputs[0]);
    }
    return {};
  }

 private:
  template <typename Functor>
  void bind_on(Functor functor, int width, const void* x, void* y) {
    functor.x = static_cast<const uint8_t*>(x);
    functor.y = static_cast<uint8_t*>(y);
    bind(functor, num_elements(output_) / width);
  }

  bool is_depthwise_ = false;
  QuantizedConstants constants_;
  ops::ConvParams params_;
  Operand input_;
  Operand output_;
};

/// The weights with a filter's channels, or a tap's where there is a filter a channel, side by
/// side.
Result<Tensor> turn_weights(const TensorView& weights, const Shape& to, bool is_depthwise) {
  const Shape from = flatten_taps(weights.shape);
  const Shape shape = flatten_taps(to);
  SYNSIGHT_TRY_ASSIGN(Tensor turned, Tensor::allocate(DType::kInt8, shape));
  const auto elements = turned.as<int8_t>();
  std::fill(elements.begin(), elements.end(), int8_t{0});
  const ops::Strides steps =
      is_depthwise ? ops::Strides{1, 1, shape[0]} : ops::Strides{shape[1] * shape[2], 1, shape[1]};
  ops::copy_strided(from, sizeof(int8_t), weights.data, ops::row_major_strides(from), turned.data(),
                    steps);
  return turned;
}

template <typename T>
Result<Memory> upload_all(Queue& queue, std::span<const T> elements) {
  return upload(queue, std::as_bytes(elements));
}

template <int kWidth>
Status queue_pad(Queue& queue, const PaddedLevels& plan, const void* x, void* padded) {
  PadLevels<kWidth> functor;
  functor.x = static_cast<const uint8_t*>(x);
  functor.flip = plan.x.info.dtype == DType::kUInt8 ? 0x80 : 0;
  functor.fill = static_cast<uint8_t>(plan.zero);
  functor.image = padded_image(plan.x, plan.shape, plan.top, plan.left, kWidth);
  functor.y = static_cast<uint8_t*>(padded);
  return launch(queue, functor, static_cast<int64_t>(plan.shape.num_elements()) / kWidth);
}

template <int kWidth>
Status queue_end(Queue& queue, const QuantizedConstants& constants, int zero, const Operand& y,
                 const void* sums, void* to) {
  RequantizeSums<kWidth> functor;
  functor.sums = static_cast<const int32_t*>(sums);
  functor.num_sums = constants.shape[0];
  functor.totals = constants.totals_data();
  functor.zero = zero;
  functor.y = static_cast<uint8_t*>(to);
  functor.parts = Divider(y.info.shape[1] / kWidth);
  functor.requantize = constants.requantize(y.info.dtype);
  return launch(queue, functor, num_elements(y) / kWidth);
}

}  // namespace

Levels QuantizedConstants::levels(DType x) const {
  if (x == DType::kUInt8) return {0, x_zero};
  return {0x80, x_zero + 0x80};
}

Requantize QuantizedConstants::requantize(DType y) const {
  Requantize functor;
  functor.bias = reinterpret_cast<const int32_t*>(bias.data());
  functor.scale = reinterpret_cast<const float*>(scales.data());
  functor.offset = reinterpret_cast<const float*>(offsets.data());
  functor.clamp = clamp;
  functor.step = y_step;
  functor.zero = static_cast<float>(y_zero);
  functor.saturate = y == DType::kInt8 ? Clamp{-128, 127} : Clamp{0, 255};
  return functor;
}

Result<QuantizedConstants> upload_quantized(Queue& queue, const QuantizedLayer& layer,
                                            const Shape& shape, bool is_depthwise) {
  QuantizedConstants constants;
  SYNSIGHT_TRY_ASSIGN(const Tensor turned, turn_weights(layer.weights.view(), shape, is_depthwise));
  constants.shape = shape;
  SYNSIGHT_TRY_ASSIGN(constants.weights, upload(queue, turned.view(), DType::kInt8));
  SYNSIGHT_TRY_ASSIGN(constants.bias, upload_all<int32_t>(queue, layer.bias));
  SYNSIGHT_TRY_ASSIGN(constants.scales, upload_all<float>(queue, layer.scales));
  SYNSIGHT_TRY_ASSIGN(constants.totals, upload_all<int32_t>(queue, layer.totals));
  SYNSIGHT_TRY_ASSIGN(constants.offsets, upload_all<float>(queue, layer.offsets));
  constants.clamp = {layer.clamp.min, layer.clamp.max};
  constants.y_step = layer.y_step;
  constants.x_zero = layer.x_zero;
  constants.y_zero = layer.y_zero;
  return constants;
}

Status queue_padded_levels(Queue& queue, const PaddedLevels& plan, const void* x, void* padded) {
  return plan.shape[1] % 4 == 0 ? queue_pad<4>(queue, plan, x, padded)
                                : queue_pad<1>(queue, plan, x, padded);
}

Status queue_requantized(Queue& queue, const QuantizedConstants& constants, int zero,
                         const Operand& y, const void* sums, void* to) {
  const bool is_wide = y.info.shape[1] % 4 == 0 && constants.shape[0] % 4 == 0;
  return is_wide ? queue_end<4>(queue, constants, zero, y, sums, to)
                 : queue_end<1>(queue, constants, zero, y, sums, to);
}

Status queue_quantized(Queue& queue, const QuantizedConstants& constants,
                       const ops::ConvParams& params, int zero, const Operand& x, const Operand& y,
                       const void* from, void* to) {
  QuantizedConvolution functor = direct_functor(constants, params, x, y);
  functor.x = static_cast<const uint8_t*>(from);
  functor.y = static_cast<uint8_t*>(to);
  functor.levels = {0x80, zero + 0x80};
  return launch(queue, functor, num_elements(y));
}

Result<std::unique_ptr<Kernel>> make_own_quantized(const Compilation& compilation, const Node& conv,
                                                   const QuantizedLayer& layer) {
  const Shape& weights = layer.weights.shape();
  if (!is_spatial(weights)) return nullptr;
  SYNSIGHT_TRY_ASSIGN(const int64_t group, int_attribute(conv, "group", 1));
  const bool has_filter_a_channel = is_depthwise(weights, group);
  SYNSIGHT_TRY_ASSIGN(QuantizedConstants constants,
                      upload_quantized(compilation.queue, layer, weights, has_filter_a_channel));
  return std::make_unique<OwnQuantized>(compilation, conv, has_filter_a_channel,
                                        std::move(constants));
}

}  // namespace synsight::cuda
