// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/convolution.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/depthwise.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/winograd.h"
#include "core/base/aligned_buffer.h"
#include "core/base/checked.h"
#include "core/base/small_build.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/batch_normalization.h"
#include "core/ops/conv.h"

namespace synsight::xnnpack {

Result<XnnOperator> create_convolution(const ConvolutionSpec& spec, const float* weights,
                                       const float* bias) {
  const ops::WindowAxis& y = spec.window[0];
  const ops::WindowAxis& x = spec.window[1];
  const auto u32 = [](int64_t size) { return static_cast<uint32_t>(size); };
  return create_operator(
      "create convolution", xnn_create_convolution2d_nhwc_f32, u32(y.pad_begin), u32(x.pad_end),
      u32(y.pad_end), u32(x.pad_begin), u32(y.kernel), u32(x.kernel), u32(y.stride), u32(x.stride),
      u32(y.dilation), u32(x.dilation), u32(static_cast<int64_t>(spec.groups)),
      spec.group_input_channels, spec.group_output_channels,
      spec.groups * spec.group_input_channels,
      spec.output_stride > 0 ? spec.output_stride : spec.groups * spec.group_output_channels,
      weights, bias, spec.activation.min, spec.activation.max,
      spec.is_same_upper ? XNN_FLAG_TENSORFLOW_SAME_PADDING : 0u, nullptr, nullptr);
}

ops::Window place_window(const ConvolutionSpec& spec, const Shape& input, const Shape& output) {
  ops::Window window = spec.window;
  for (size_t i = 0; i < window.size(); ++i) {
    ops::WindowAxis& axis = window[i];
    axis.input = input[i + 2];
    axis.output = output[i + 2];
    if (!spec.is_same_upper) continue;
    const int64_t reach = (axis.output - 1) * axis.stride + axis.extent();
    axis.pad_begin = std::max<int64_t>(reach - axis.input, 0) / 2;
  }
  return window;
}

double table_bytes(const ops::Window& window, const Shape& output, bool shares_taps) {
  const ops::WindowAxis& y = window[0];
  const ops::WindowAxis& x = window[1];
  const bool is_pointwise = std::all_of(window.begin(), window.end(), [](const auto& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
  });
  if (is_pointwise) return 0;
  const bool shares = shares_taps && x.dilation == 1 && x.stride < x.kernel;
  const auto num_rows = static_cast<double>(output[2]);
  const auto num_columns = static_cast<double>(output[3]);
  const auto taps_a_column = static_cast<double>(shares ? x.stride : x.kernel);
  return sizeof(void*) * num_rows * num_columns * taps_a_column * static_cast<double>(y.kernel);
}

Result<size_t> reshape_convolution(xnn_operator_t op, const Shape& input, const Shape& output,
                                   pthreadpool_t threads) {
  size_t scratch_bytes = 0;
  size_t alignment = 0;
  size_t height = 0;
  size_t width = 0;
  SYNSIGHT_TRY(check_xnn(
      xnn_reshape_convolution2d_nhwc_f32(
          op, static_cast<size_t>(input[0]), static_cast<size_t>(input[2]),
          static_cast<size_t>(input[3]), &scratch_bytes, &alignment, &height, &width, threads),
      "reshape convolution"));
  if (height != static_cast<size_t>(output[2]) || width != static_cast<size_t>(output[3])) {
    return fail(ErrorCode::kInternal,
                concat({"XNNPACK gives ", height, "x", width, ", wanted ", output.to_string()}));
  }
  return scratch_bytes;
}

Status setup_convolution(xnn_operator_t op, const void* input, void* output, void* scratch) {
  return check_xnn(xnn_setup_convolution2d_nhwc_f32(op, scratch, static_cast<const float*>(input),
                                                    static_cast<float*>(output)),
                   "setup convolution");
}

namespace {

// XNNPACK passes over all weights of an operator for every few output pixels, so they shall stay in
// the second-level cache.
constexpr size_t kPartBytes = size_t{512} * 1024;
// XNNPACK's widest tile of output channels.
constexpr size_t kPartStep = 32;

/// Into how many filters a convolution is divided: parts of one size, but for a smaller last one.
size_t filters_a_part(size_t num_filters, size_t filter_bytes) {
  const size_t fitting = std::max(kPartBytes / filter_bytes / kPartStep * kPartStep, kPartStep);
  const size_t num_parts = round_up(num_filters, fitting) / fitting;
  return std::min(num_filters, round_up(round_up(num_filters, num_parts) / num_parts, kPartStep));
}

/// One convolution as XNNPACK operators for a run of filters each.
class Convolution final : public XnnKernel {
 public:
  /// Packs `weights` [M, kH, kW, C/group]. Errors: kOutOfMemory, kUnsupportedOp.
  static Result<std::unique_ptr<XnnKernel>> create(const ConvolutionSpec& spec,
                                                   const float* weights, const float* bias) {
    auto kernel = std::make_unique<Convolution>();
    const size_t num_filters = spec.group_output_channels;
    const auto num_taps = static_cast<size_t>(spec.window[0].kernel * spec.window[1].kernel);
    const size_t filter_size = num_taps * spec.group_input_channels;
    const size_t part_filters =
        spec.groups == 1 ? filters_a_part(num_filters, filter_size * sizeof(float)) : num_filters;
    for (size_t first = 0; first < num_filters; first += part_filters) {
      ConvolutionSpec part = spec;
      part.group_output_channels = std::min(part_filters, num_filters - first);
      part.output_stride = spec.groups * num_filters;
      SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                          create_convolution(part, weights + first * filter_size,
                                             bias != nullptr ? bias + first : nullptr));
      kernel->parts_.push_back({.op = std::move(op), .first_filter = first});
    }
    kernel->num_full_parts_ = num_filters / part_filters;
    kernel->num_weights_ = num_filters * filter_size;
    kernel->window_ = spec.window;
    kernel->shares_taps_ = spec.group_input_channels == 1 && num_filters == 1;
    kernel->packs_bias_ = bias != nullptr;
    return kernel;
  }

  std::string_view name() const override { return "xnn convolution"; }
  bool has_packed(size_t input) const override { return input == 1 || (input == 2 && packs_bias_); }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs.first(1), outputs);
  }

  double table_bytes(std::span<const Operand> /*inputs*/,
                     std::span<const Operand> outputs) const override {
    return static_cast<double>(parts_.size()) *
           xnnpack::table_bytes(window_, outputs[0].info.shape, shares_taps_);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    num_apart_ = count_apart(inputs[0].info.shape.num_elements());
    size_t scratch_bytes = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      SYNSIGHT_TRY_ASSIGN(const size_t part_bytes,
                          reshape_convolution(parts_[i].op.get(), inputs[0].info.shape,
                                              outputs[0].info.shape, threads_of(i)));
      parts_[i].scratch = scratch_bytes;
      scratch_bytes += round_up(part_bytes, kBufferAlignment);
    }
    return scratch_bytes;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    for (const Part& part : parts_) {
      SYNSIGHT_TRY(setup_convolution(part.op.get(), inputs[0],
                                     static_cast<float*>(outputs[0]) + part.first_filter,
                                     static_cast<std::byte*>(scratch) + part.scratch));
    }
    return {};
  }

  Status run() override {
    pthreadpool_parallelize_1d(threads(), run_part, this, num_apart_, 0);
    for (size_t i = num_apart_; i < parts_.size(); ++i) run_part(this, i);
    for (const Part& part : parts_) SYNSIGHT_TRY(check_xnn(part.status, "run convolution"));
    return {};
  }

 private:
  struct Part {
    XnnOperator op;
    size_t first_filter;
    size_t scratch = 0;  // where its own begins
    xnn_status status = xnn_status_success;
  };

  static void run_part(void* self, size_t i) {
    auto& kernel = *static_cast<Convolution*>(self);
    Part& part = kernel.parts_[i];
    part.status = xnn_run_operator(part.op.get(), kernel.threads_of(i));
  }

  /// How many parts gain from a thread each. It reads its weights alone, but all of the input, of
  /// which the other threads computed the most.
  size_t count_apart(size_t num_inputs) const {
    const size_t num_threads = pthreadpool_get_threads_count(threads());
    if (num_threads == 1 || num_inputs > num_weights_) return 0;
    return num_full_parts_ / num_threads * num_threads;
  }

  pthreadpool_t threads_of(size_t part) const { return part < num_apart_ ? nullptr : threads(); }

  std::vector<Part> parts_;
  size_t num_full_parts_ = 0;  // the last may be smaller
  size_t num_weights_ = 0;
  size_t num_apart_ = 0;  // the first parts, each computed by one thread; all share the others
  ops::Window window_;
  bool shares_taps_ = false;
  bool packs_bias_ = false;
};

/// BatchNormalization that no convolution could take in: one multiply-add a channel.
class ChannelScale final : public XnnKernel {
 public:
  explicit ChannelScale(XnnOperator op) : op_(std::move(op)) {}

  std::string_view name() const override { return "xnn convolution"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const Shape& shape = inputs[0].info.shape;
    return XnnKernel::accepts(inputs, outputs) && (shape.rank() == 4 || is_pixels(shape));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs.first(1), outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& shape = inputs[0].info.shape;
    if (is_pixels(shape)) {
      const Shape pixels = {shape[0], shape[1], 1, 1};
      return reshape_convolution(op_.get(), pixels, pixels, threads());
    }
    return reshape_convolution(op_.get(), shape, outputs[0].info.shape, threads());
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    return setup_convolution(op_.get(), inputs[0], outputs[0], scratch);
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run convolution");
  }

 private:
  /// Behind fully connected layers, which a small build borrows.
  static bool is_pixels(const Shape& shape) { return !kIsSmallBuild && shape.rank() == 2; }

  XnnOperator op_;
};

bool has_f32_elements(const TensorView& view) {
  return view.dtype == DType::kFloat32 && view.data != nullptr && view.shape.num_elements() > 0;
}

/// [M, C, kH, kW] to [M, kH, kW, C].
std::vector<float> channels_last_weights(const TensorView& weights) {
  const auto elements = weights.as<float>();
  const auto num_filters = static_cast<size_t>(weights.shape[0]);
  const auto num_channels = static_cast<size_t>(weights.shape[1]);
  const auto num_taps = static_cast<size_t>(weights.shape[2] * weights.shape[3]);
  std::vector<float> packed(elements.size());
  for (size_t m = 0; m < num_filters; ++m) {
    const float* from = elements.data() + m * num_channels * num_taps;
    float* to = packed.data() + m * num_channels * num_taps;
    for (size_t c = 0; c < num_channels; ++c) {
      for (size_t tap = 0; tap < num_taps; ++tap)
        to[tap * num_channels + c] = from[c * num_taps + tap];
    }
  }
  return packed;
}

/// The window of a Conv, with pads that hold for every input size; nothing where they depend on it.
Result<std::optional<ConvolutionSpec>> find_spec(const Node& node, const Shape& weights) {
  // Larger than any kernel, so that only auto_pad makes pads depend on it.
  constexpr int64_t kAnySide = int64_t{1} << 20;
  SYNSIGHT_TRY_ASSIGN(const std::string auto_pad, string_attribute(node, "auto_pad", "NOTSET"));
  SYNSIGHT_TRY_ASSIGN(const int64_t groups, int_attribute(node, "group", 1));
  const auto channels = checked_mul(weights[1], groups);
  if (!channels) return std::nullopt;
  SYNSIGHT_TRY_ASSIGN(ops::ConvParams params,
                      ops::parse_conv(node, {1, *channels, kAnySide, kAnySide}, weights));
  ConvolutionSpec spec;
  spec.is_same_upper = auto_pad == "SAME_UPPER";
  for (ops::WindowAxis& axis : params.window) {
    const bool is_symmetric = axis.stride == 1 && axis.extent() % 2 == 1;
    if (auto_pad == "SAME_LOWER" && !is_symmetric) return std::nullopt;
    if (spec.is_same_upper) axis.pad_begin = axis.pad_end = 0;
    if (axis.pad_begin < 0 || axis.pad_end < 0) return std::nullopt;
  }
  spec.window = std::move(params.window);
  spec.groups = static_cast<size_t>(groups);
  spec.group_input_channels = static_cast<size_t>(weights[1]);
  spec.group_output_channels = static_cast<size_t>(weights[0] / groups);
  spec.activation = node.activation;
  return spec;
}

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_convolution(const Compilation& compilation,
                                                    const Node& node) {
  const TensorView weights = constant_input(compilation.graph, node, 1);
  const TensorView bias = constant_input(compilation.graph, node, 2);
  const bool has_fed_bias = has_input(node, 2) && !has_f32_elements(bias);
  if (!has_f32_elements(weights) || weights.shape.rank() != 4 || has_fed_bias) return nullptr;
  SYNSIGHT_TRY_ASSIGN(const auto spec, find_spec(node, weights.shape));
  if (!spec) return nullptr;
  const float* biases = has_f32_elements(bias) ? bias.as<float>().data() : nullptr;
  const float* elements = weights.as<float>().data();
  // Winograd's way rounds more than a direct sum, which of integers is exact.
  if (!compilation.is_quantized && fits_winograd(*spec) &&
      gains_by_winograd(compilation.typical_shape(node.outputs[0]))) {
    return make_winograd(*spec, elements, biases);
  }
  if (gains_by_rows(*spec)) return make_depthwise(*spec, elements, biases);
  // With one tap or one channel both orders of the weights are the same.
  const bool is_free = weights.shape[1] == 1 || weights.shape[2] * weights.shape[3] == 1;
  if (is_free) return Convolution::create(*spec, elements, biases);
  return Convolution::create(*spec, channels_last_weights(weights).data(), biases);
}

Result<std::unique_ptr<XnnKernel>> make_batch_normalization(const Compilation& compilation,
                                                            const Node& node) {
  if (ops::uses_batch_statistics(node)) return nullptr;
  std::vector<TensorView> params;
  for (size_t input = 1; input <= 4; ++input) {
    params.push_back(constant_input(compilation.graph, node, input));
    if (!has_f32_elements(params.back())) return nullptr;
  }
  SYNSIGHT_TRY_ASSIGN(const ops::BatchNormalizationParams normalization,
                      ops::parse_batch_normalization(node));
  const size_t num_channels = params[0].shape.num_elements();
  std::vector<float> scale(num_channels);
  std::vector<float> shift(num_channels);
  for (const TensorView& param : params) {
    if (param.shape.num_elements() != num_channels) return nullptr;
  }
  for (size_t c = 0; c < num_channels; ++c) {
    const double factor =
        static_cast<double>(params[0].as<float>()[c]) /
        std::sqrt(static_cast<double>(params[3].as<float>()[c]) + normalization.epsilon);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(params[1].as<float>()[c] - factor * params[2].as<float>()[c]);
  }
  ConvolutionSpec spec;
  spec.window.resize(2);
  spec.groups = num_channels;
  spec.activation = node.activation;
  SYNSIGHT_TRY_ASSIGN(XnnOperator op, create_convolution(spec, scale.data(), shift.data()));
  return std::make_unique<ChannelScale>(std::move(op));
}

}  // namespace synsight::xnnpack
