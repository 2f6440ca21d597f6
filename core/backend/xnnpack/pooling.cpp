// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "core/backend/xnnpack/convolution.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"
#include "core/ops/pool.h"

namespace synsight::xnnpack {

namespace {

uint32_t u32(int64_t size) { return static_cast<uint32_t>(size); }

/// A pool over [N,C,H,W] whose pads are just what its windows reach: with ceil_mode the last one
/// may hang over the declared padding.
struct Pool {
  ops::Window window;
  bool hangs_over = false;
  bool counts_padding = false;
};

bool has_padding(const ops::Window& window) {
  return std::any_of(window.begin(), window.end(), [](const ops::WindowAxis& axis) {
    return axis.pad_begin > 0 || axis.pad_end > 0;
  });
}

bool has_dilations(const ops::Window& window) {
  return std::any_of(window.begin(), window.end(),
                     [](const ops::WindowAxis& axis) { return axis.dilation != 1; });
}

/// Errors: kUnsupportedOp where XNNPACK cannot do it.
Result<Pool> find_pool(const Node& node, const Shape& input) {
  if (input.rank() != 4) return fail(ErrorCode::kUnsupportedOp, "the pool is not over two axes");
  SYNSIGHT_TRY_ASSIGN(const ops::PoolParams params, ops::parse_pool(node, input));
  Pool pool{params.window, false, params.count_include_pad};
  int64_t num_taps = 1;
  for (ops::WindowAxis& axis : pool.window) {
    const int64_t reached =
        (axis.output - 1) * axis.stride + axis.extent() - axis.input - axis.pad_begin;
    pool.hangs_over |= reached > axis.pad_end;
    axis.pad_end = std::max<int64_t>(reached, 0);
    // XNNPACK pads by repeating pixels of the same window, so each window needs one.
    if (axis.pad_begin >= axis.extent() || axis.pad_end >= axis.extent()) {
      return fail(ErrorCode::kUnsupportedOp, "a window may lie in the padding alone");
    }
    if (axis.stride > axis.kernel) {
      return fail(ErrorCode::kUnsupportedOp, "XNNPACK has no pool that leaves pixels out");
    }
    num_taps *= axis.kernel;
  }
  // Repeated pixels may then lie outside of the window, or even of the input.
  if (has_dilations(pool.window) && has_padding(pool.window)) {
    return fail(ErrorCode::kUnsupportedOp, "XNNPACK has no pool with dilations and padding");
  }
  if (num_taps == 1) return fail(ErrorCode::kUnsupportedOp, "XNNPACK has no pool of one pixel");
  return pool;
}

double pool_table_bytes(const Node& node, const Shape& input, const Shape& output) {
  const auto pool = find_pool(node, input);
  return pool ? table_bytes(pool->window, output, true) : 0;
}

class MaxPool final : public XnnKernel {
 public:
  explicit MaxPool(const Node& node) : node_(node) {}

  std::string_view name() const override { return "xnn max pooling"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs, outputs) && outputs.size() == 1 &&
           find_pool(node_, inputs[0].info.shape).has_value();
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs, outputs);
  }

  double table_bytes(std::span<const Operand> inputs,
                     std::span<const Operand> outputs) const override {
    return pool_table_bytes(node_, inputs[0].info.shape, outputs[0].info.shape);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    const Shape& input = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const Pool pool, find_pool(node_, input));
    const ops::WindowAxis& y = pool.window[0];
    const ops::WindowAxis& x = pool.window[1];
    SYNSIGHT_TRY_ASSIGN(
        op_,
        create_operator("create max pooling", xnn_create_max_pooling2d_nhwc_f32, u32(y.pad_begin),
                        u32(x.pad_end), u32(y.pad_end), u32(x.pad_begin), u32(y.kernel),
                        u32(x.kernel), u32(y.stride), u32(x.stride), u32(y.dilation),
                        u32(x.dilation), node_.activation.min, node_.activation.max, 0u));
    const auto channels = static_cast<size_t>(input[1]);
    size_t height = 0;
    size_t width = 0;
    SYNSIGHT_TRY(check_xnn(xnn_reshape_max_pooling2d_nhwc_f32(
                               op_.get(), static_cast<size_t>(input[0]),
                               static_cast<size_t>(input[2]), static_cast<size_t>(input[3]),
                               channels, channels, channels, &height, &width, threads()),
                           "reshape max pooling"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    return check_xnn(
        xnn_setup_max_pooling2d_nhwc_f32(op_.get(), static_cast<const float*>(inputs[0]),
                                         static_cast<float*>(outputs[0])),
        "setup max pooling");
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run max pooling");
  }

 private:
  const Node& node_;
  XnnOperator op_;
};

/// Divides by the pixels that a window covers; where the padding counts, it is a convolution with
/// equal weights.
class AveragePool final : public XnnKernel {
 public:
  explicit AveragePool(const Node& node) : node_(node) {}

  std::string_view name() const override { return "xnn average pooling"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    if (!XnnKernel::accepts(inputs, outputs)) return false;
    const auto pool = find_pool(node_, inputs[0].info.shape);
    if (!pool || (pool->counts_padding && pool->hangs_over)) return false;
    return !has_dilations(pool->window);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_channels_last(inputs, outputs);
  }

  double table_bytes(std::span<const Operand> inputs,
                     std::span<const Operand> outputs) const override {
    return pool_table_bytes(node_, inputs[0].info.shape, outputs[0].info.shape);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& input = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const Pool pool, find_pool(node_, input));
    is_convolution_ = pool.counts_padding && has_padding(pool.window);
    if (is_convolution_) return reshape_as_convolution(pool.window, input, outputs[0], threads());
    const ops::WindowAxis& y = pool.window[0];
    const ops::WindowAxis& x = pool.window[1];
    SYNSIGHT_TRY_ASSIGN(
        op_, create_operator("create average pooling", xnn_create_average_pooling2d_nhwc_f32,
                             u32(y.pad_begin), u32(x.pad_end), u32(y.pad_end), u32(x.pad_begin),
                             u32(y.kernel), u32(x.kernel), u32(y.stride), u32(x.stride),
                             node_.activation.min, node_.activation.max, 0u));
    const auto channels = static_cast<size_t>(input[1]);
    size_t scratch_bytes = 0;
    size_t alignment = 0;
    size_t height = 0;
    size_t width = 0;
    SYNSIGHT_TRY(
        check_xnn(xnn_reshape_average_pooling2d_nhwc_f32(
                      op_.get(), static_cast<size_t>(input[0]), static_cast<size_t>(input[2]),
                      static_cast<size_t>(input[3]), channels, channels, channels, &scratch_bytes,
                      &alignment, &height, &width, threads()),
                  "reshape average pooling"));
    return scratch_bytes;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    if (is_convolution_) return setup_convolution(op_.get(), inputs[0], outputs[0], scratch);
    return check_xnn(xnn_setup_average_pooling2d_nhwc_f32(op_.get(), scratch,
                                                          static_cast<const float*>(inputs[0]),
                                                          static_cast<float*>(outputs[0])),
                     "setup average pooling");
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run average pooling");
  }

 private:
  Result<size_t> reshape_as_convolution(const ops::Window& window, const Shape& input,
                                        const Operand& output, pthreadpool_t threads) {
    ConvolutionSpec spec;
    spec.window = window;
    spec.groups = static_cast<size_t>(input[1]);
    spec.activation = node_.activation;
    const auto num_taps = static_cast<size_t>(window[0].kernel * window[1].kernel);
    const std::vector<float> weights(spec.groups * num_taps, 1.0f / static_cast<float>(num_taps));
    SYNSIGHT_TRY_ASSIGN(op_, create_convolution(spec, weights.data(), nullptr));
    return reshape_convolution(op_.get(), input, output.info.shape, threads);
  }

  const Node& node_;
  bool is_convolution_ = false;
  XnnOperator op_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_max_pool(const Compilation& /*compilation*/,
                                                 const Node& node) {
  return std::make_unique<MaxPool>(node);
}

/// A quantised network's means are often halves of steps, which round as the order of their sums
/// has it: ONNX Runtime's order is that of the operator's reference kernel.
Result<std::unique_ptr<XnnKernel>> make_average_pool(const Compilation& compilation,
                                                     const Node& node) {
  const auto& nodes = compilation.graph.nodes;
  const bool is_quantized = std::any_of(nodes.begin(), nodes.end(), [&](const Node& other) {
    return is_op(other, "DequantizeLinear") && other.outputs[0] == node.inputs[0];
  });
  if (is_quantized) return nullptr;
  return std::make_unique<AveragePool>(node);
}

}  // namespace synsight::xnnpack
