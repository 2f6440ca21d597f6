// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/checked.h"
#include "core/graph/attributes.h"
#include "native/cuda/convolution_form.h"
#include "native/cuda/dense.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/kernels/quantized_convolution.h"
#include "native/cuda/libraries.h"
#include "native/cuda/library_state.h"

namespace synsight::cuda {

namespace {

constexpr size_t kMaxWorkspaceBytes = size_t{64} << 20;
constexpr ConvolutionStorage kInt8Storage = {.dtype = DType::kInt8};

/// A Conv of 8-bit values and given shapes, as cuDNN takes it: int8, and pads of 0.
struct QuantizedForm {
  ConvolutionSpec spec;           // of X and W with what is added to them
  bool has_copied_input = false;  // X gets another sign, channels, or pixels of its zero point
  int64_t top = 0;
  int64_t left = 0;
};

Result<QuantizedForm> find_form(const Node& conv, const Operand& x, const Shape& weights,
                                const QuantizedConstants& constants) {
  QuantizedForm form;
  ConvolutionSpec& spec = form.spec;
  const Shape& input = x.info.shape;
  SYNSIGHT_TRY_ASSIGN(spec.params, ops::parse_conv(conv, input, weights));
  spec.dtype = DType::kInt8;
  spec.weights = constants.shape;
  spec.input = {input[0], spec.weights[1] * spec.params.group, input[2], input[3]};
  const bool is_zero = constants.signed_zero(x.info.dtype) == 0;
  const bool has_library_pads = std::all_of(
      spec.params.window.begin(), spec.params.window.end(), [&](const ops::WindowAxis& axis) {
        return axis.pad_begin == axis.pad_end && (is_zero || axis.pad_begin == 0);
      });
  form.has_copied_input =
      x.info.dtype == DType::kUInt8 || spec.input[1] != input[1] || !has_library_pads;
  if (!form.has_copied_input) return form;
  form.top = spec.params.window[0].pad_begin;
  form.left = spec.params.window[1].pad_begin;
  for (size_t i = 0; i < 2; ++i) {
    ops::WindowAxis& axis = spec.params.window[i];
    axis.input += axis.pad_begin + axis.pad_end;
    axis.pad_begin = axis.pad_end = 0;
    spec.input[2 + i] = axis.input;
  }
  return form;
}

/// Whether each output pixel is a product of one input pixel.
bool is_pixelwise(const ConvolutionSpec& spec) {
  const ops::Window& window = spec.params.window;
  return spec.params.group == 1 &&
         std::all_of(window.begin(), window.end(), [](const ops::WindowAxis& axis) {
           return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
         });
}

/// A quantised group's Conv: cuBLASLt or cuDNN sums, and what comes of the sums is our own.
class LibraryQuantized final : public Kernel {
 public:
  LibraryQuantized(const Compilation& compilation, const Node& conv, const Shape& weights,
                   QuantizedConstants constants)
      : queue_(compilation.queue),
        libraries_(*compilation.libraries),
        conv_(conv),
        weight_shape_(weights),
        constants_(std::move(constants)) {}

  std::string_view name() const override {
    if (dense_ != nullptr) return "8-bit cublaslt product";
    return graph_ != nullptr ? "8-bit cudnn convolution" : "8-bit direct convolution";
  }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return is_8_bit(inputs[0]) && is_8_bit(outputs[0]);
  }

  // What is copied anyway is taken as it comes.
  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto form = find_form(conv_, inputs[0], weight_shape_, constants_);
    if (!form || !form->has_copied_input) inputs[0].layout = Layout::kChannelsLast;
    outputs[0].layout = Layout::kChannelsLast;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(form_, find_form(conv_, inputs[0], weight_shape_, constants_));
    input_ = inputs[0];
    output_ = outputs[0];
    const auto last = std::exchange(graph_, nullptr);  // found again where the spec is the same
    dense_.reset();
    Status prepared = is_pixelwise(form_.spec) ? prepare_product() : prepare_cudnn();
    if (!prepared && is_pixelwise(form_.spec) && is_unsupported(prepared.error())) {
      prepared = prepare_cudnn();
    }
    if (!prepared && !is_unsupported(prepared.error())) return tl::unexpected(prepared.error());
    return plan_scratch();
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    x_ = inputs[0];
    y_ = outputs[0];
    scratch_ = align_workspace(scratch);
    return {};
  }

  Status run() override {
    const void* x = x_;
    if (form_.has_copied_input) {
      const PaddedLevels plan{input_, form_.spec.input, form_.top, form_.left, zero()};
      SYNSIGHT_TRY(queue_padded_levels(queue_, plan, x_, scratch_));
      x = scratch_;
    }
    if (dense_ == nullptr && graph_ == nullptr) {
      const Operand copied{{DType::kInt8, form_.spec.input, nullptr}, Layout::kChannelsLast};
      return queue_quantized(queue_, constants_, form_.spec.params, zero(), copied, output_, x, y_);
    }
    void* const sums = scratch_ + sums_offset_;
    SYNSIGHT_TRY(queue_sums(x, sums));
    return queue_requantized(queue_, constants_, zero(), output_, sums, y_);
  }

 private:
  int zero() const { return constants_.signed_zero(input_.info.dtype); }

  /// Pixels lie one after the other, so their channels are the rows of a matrix.
  Status prepare_product() {
    DenseSpec product;
    product.m = num_pixels();
    product.n = form_.spec.weights[0];
    product.k = form_.spec.weights[1];
    product.transpose_b = true;
    product.factors = DType::kInt8;
    product.result = DType::kInt32;
    SYNSIGHT_TRY_ASSIGN(Dense dense, Dense::describe(product));
    SYNSIGHT_TRY(dense.prepare(libraries_.cublaslt.get(), kMaxWorkspaceBytes));
    dense_ = std::make_unique<Dense>(std::move(dense));
    return {};
  }

  Status prepare_cudnn() {
    SYNSIGHT_TRY_ASSIGN(graph_, plan_convolution(libraries_, queue_, form_.spec));
    return {};
  }

  Status queue_sums(const void* x, void* sums) {
    void* const workspace = workspace_bytes() > 0 ? scratch_ + workspace_offset_ : nullptr;
    const void* const weights = constants_.weights.data();
    if (dense_ != nullptr) {
      return dense_->execute(libraries_.cublaslt.get(), libraries_.stream,
                             {.a = x, .b = weights, .d = sums, .workspace = workspace});
    }
    SYNSIGHT_TRY(graph_->execute(libraries_.cudnn.get(), libraries_.stream,
                                 {.x = x, .w = weights, .y = sums, .workspace = workspace}));
    queue_.keep(graph_);  // cuDNN may have compiled its kernels for this plan alone
    return {};
  }

  /// Lays out the scratch memory, and gives its size.
  size_t plan_scratch() {
    sums_offset_ = form_.has_copied_input ? padded_bytes(DType::kInt8, form_.spec.input) : 0;
    if (dense_ == nullptr && graph_ == nullptr) return with_alignment(sums_offset_);
    workspace_offset_ =
        sums_offset_ + padded_bytes(DType::kInt32, {num_pixels(), form_.spec.weights[0]});
    return with_alignment(workspace_offset_ + workspace_bytes());
  }

  int64_t num_pixels() const {
    const Shape& shape = output_.info.shape;
    return shape[0] * shape[2] * shape[3];
  }

  size_t workspace_bytes() const {
    if (dense_ != nullptr) return dense_->workspace_bytes();
    return graph_ != nullptr ? graph_->workspace_bytes() : 0;
  }

  static size_t padded_bytes(DType dtype, const Shape& shape) {
    return round_up(TensorView{dtype, shape, nullptr}.size_bytes(), kWorkspaceAlignment);
  }

  Queue& queue_;
  Libraries& libraries_;
  const Node& conv_;
  Shape weight_shape_;
  QuantizedConstants constants_;
  QuantizedForm form_;
  std::unique_ptr<Dense> dense_;                   // cuBLASLt's product
  std::shared_ptr<const ConvolutionGraph> graph_;  // or cuDNN's plan, or neither
  Operand input_;
  Operand output_;
  size_t sums_offset_ = 0;
  size_t workspace_offset_ = 0;
  const void* x_ = nullptr;
  void* y_ = nullptr;
  std::byte* scratch_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_library_quantized(const Compilation& compilation,
                                                       const Node& conv,
                                                       const QuantizedLayer& layer) {
  const Shape& weights = layer.weights.shape();
  SYNSIGHT_TRY_ASSIGN(const int64_t group, int_attribute(conv, "group", 1));
  if (weights.rank() != 4 || group < 1 || is_depthwise(weights, group)) return nullptr;
  ConvolutionSpec spec;
  spec.dtype = DType::kInt8;
  spec.weights = padded_weights(weights, group, kInt8Storage);
  spec.input = {1, spec.weights[1] * group, weights[2], weights[3]};
  spec.params.group = group;
  if (!is_suited(spec)) return nullptr;
  SYNSIGHT_TRY_ASSIGN(QuantizedConstants constants,
                      upload_quantized(compilation.queue, layer, spec.weights, false));
  return std::make_unique<LibraryQuantized>(compilation, conv, weights, std::move(constants));
}

}  // namespace synsight::cuda
