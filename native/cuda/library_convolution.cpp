// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/checked.h"
#include "core/graph/attributes.h"
#include "native/cuda/convolution_form.h"
#include "native/cuda/dense.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/convolution_parts.h"
#include "native/cuda/kernels/convolution_weights.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/libraries.h"
#include "native/cuda/library_state.h"
#include "native/cuda/residuals.h"
#include "native/cuda/time_kernel.h"

namespace synsight::cuda {

namespace {

constexpr size_t kMaxWorkspaceBytes = size_t{64} << 20;

/// A Conv's constants on the device, where its zeros are added.
struct Constants {
  Memory weights;     // [filters][kH][kW][channels] of the storage type
  Memory bias;        // [filters], likewise; empty without a bias
  Memory exact_bias;  // the same as f32
};

/// Conv with constant weights, with Z where it has one, by whichever way a library has for its
/// shapes.
class LibraryConvolution final : public Kernel {
 public:
  LibraryConvolution(const Compilation& compilation, const Node& node, const Shape& weight_shape,
                     Constants constants)
      : queue_(compilation.queue),
        libraries_(*compilation.libraries),
        node_(node),
        storage_{compilation.storage, compilation.allows_tf32},
        weight_shape_(weight_shape),
        constants_(std::move(constants)) {}

  std::string_view name() const override { return way_name(way_); }

  bool has_packed(size_t input) const override { return input == 1 || input == 2; }

  bool accepts(std::span<const Operand> /*inputs*/,
               std::span<const Operand> /*outputs*/) const override {
    return true;
  }

  // What is copied anyway is taken as it comes.
  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto form = find_form(node_, inputs[0].info.shape, weight_shape_, storage_);
    if (!form || !form->has_padded_input || !is_float(inputs[0])) {
      inputs[0].info.dtype = storage_.dtype;
      inputs[0].layout = Layout::kChannelsLast;
    }
    outputs[0].info.dtype = storage_.dtype;
    outputs[0].layout = Layout::kChannelsLast;
    if (inputs.size() > kResidualInput) want_like(outputs[0], inputs[kResidualInput]);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(form_, find_form(node_, inputs[0].info.shape, weight_shape_, storage_));
    clamp_ = clamp_of(node_);
    input_ = inputs[0];
    output_ = outputs[0];
    SYNSIGHT_TRY(choose_way());
    return plan_scratch();
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    x_ = inputs[0];
    z_ = inputs.size() > kResidualInput ? inputs[kResidualInput] : nullptr;
    y_ = outputs[0];
    scratch_ = align_workspace(scratch);
    return {};
  }

  Status run() override {
    const void* x = x_;
    if (form_.has_padded_input) {
      const PaddedInput plan{input_, form_.spec.input, form_.top, form_.left, storage_.dtype};
      SYNSIGHT_TRY(queue_padded_input(queue_, plan, x_, scratch_));
      x = scratch_;
    }
    switch (way_) {
      case ConvolutionWay::kProduct:
        return run_product(x);
      case ConvolutionWay::kFused:
      case ConvolutionWay::kBare:
        return run_cudnn(x);
      case ConvolutionWay::kDirect:
        break;
    }
    return queue_direct(queue_, form_.spec, form_.output, clamp_,
                        {x, constants_.weights.data(), exact_bias(), z_, y_});
  }

 private:
  Status choose_way() {
    const bool has_choice =
        form_.ways[0] == ConvolutionWay::kProduct && form_.ways[1] == ConvolutionWay::kFused;
    if (libraries_.is_tuned && has_choice) {
      SYNSIGHT_TRY_ASSIGN(const bool is_product_faster, compare_ways());
      if (!is_product_faster) form_.ways.erase(form_.ways.begin());
    }
    for (const ConvolutionWay way : form_.ways) {
      const Status prepared = prepare(way);
      if (prepared || !is_unsupported(prepared.error())) return prepared;
    }
    return {};
  }

  /// Whether cuBLASLt's product is at least as fast as cuDNN's convolution.
  Result<bool> compare_ways() {
    const std::string key = choice_key(libraries_, to_string(form_.spec));
    if (const auto* known = libraries_.plans.find(key)) return !known->empty();
    SYNSIGHT_TRY_ASSIGN(const double product_ms, time_way(ConvolutionWay::kProduct));
    SYNSIGHT_TRY_ASSIGN(const double fused_ms, time_way(ConvolutionWay::kFused));
    const bool is_product_faster = product_ms <= fused_ms;
    if (std::isfinite(product_ms) || std::isfinite(fused_ms)) {
      libraries_.plans.put(key, std::vector<std::byte>(is_product_faster ? 1 : 0));
    }
    return is_product_faster;
  }

  /// Infinite where there is no such kernel, or no memory to time it.
  Result<double> time_way(ConvolutionWay way) {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    const Status prepared = prepare(way);
    if (prepared) {
      std::vector<Operand> inputs = {input_};
      if (form_.spec.has_residual) {
        inputs.resize(kResidualInput);
        inputs.push_back(output_);
      }
      return time_kernel(queue_, *this, inputs, output_, plan_scratch()).value_or(kNever);
    }
    if (is_unsupported(prepared.error())) return kNever;
    return tl::unexpected<Error>(prepared.error());
  }

  Status prepare(ConvolutionWay way) {
    way_ = way;
    const auto last = std::exchange(graph_, nullptr);  // found again where the spec is the same
    dense_.reset();
    if (way_ == ConvolutionWay::kDirect) return {};
    if (way_ == ConvolutionWay::kProduct) {
      SYNSIGHT_TRY_ASSIGN(Dense dense, Dense::describe(product_spec()));
      SYNSIGHT_TRY(dense.prepare(libraries_.cublaslt.get(), kMaxWorkspaceBytes));
      dense_ = std::make_unique<Dense>(std::move(dense));
      return {};
    }
    ConvolutionSpec spec = form_.spec;
    if (way_ == ConvolutionWay::kBare) {
      spec.has_bias = spec.has_residual = false;
      spec.activation = ConvActivation::kNone;
    }
    SYNSIGHT_TRY_ASSIGN(graph_, plan_convolution(libraries_, queue_, spec));
    return {};
  }

  /// Pixels lie one after the other, so their channels are the rows of a matrix.
  DenseSpec product_spec() const {
    const ConvolutionSpec& spec = form_.spec;
    DenseSpec product;
    product.m = form_.output[0] * form_.output[2] * form_.output[3];
    product.n = form_.output[1];
    product.k = spec.weights[1];
    product.transpose_b = true;
    product.factors = product.result = storage_.dtype;
    product.allow_tf32 = storage_.allow_tf32;
    product.beta = spec.has_residual ? 1 : 0;
    product.has_bias = spec.has_bias;
    product.has_relu = spec.activation == ConvActivation::kRelu;
    return product;
  }

  Status run_product(const void* x) {
    SYNSIGHT_TRY(dense_->execute(libraries_.cublaslt.get(), libraries_.stream,
                                 {.a = x,
                                  .b = constants_.weights.data(),
                                  .bias = constants_.bias.data(),
                                  .c = z_,
                                  .d = y_,
                                  .workspace = workspace()}));
    if (form_.spec.activation != ConvActivation::kClamp) return {};
    return queue_activation(queue_, clamp_, output_, y_);
  }

  Status run_cudnn(const void* x) {
    void* const sums = sums_are_apart() ? scratch_ + sums_offset_ : y_;
    SYNSIGHT_TRY(graph_->execute(libraries_.cudnn.get(), libraries_.stream,
                                 {.x = x,
                                  .w = constants_.weights.data(),
                                  .b = constants_.bias.data(),
                                  .z = z_,
                                  .y = sums,
                                  .workspace = workspace()}));
    queue_.keep(graph_);  // cuDNN may have compiled its kernels for this plan alone
    const bool is_fused = way_ == ConvolutionWay::kFused;
    if (is_fused && sums == y_) return {};
    ConvolutionEnd end{form_.output, form_.spec.weights[0], storage_.dtype, {}};
    if (is_fused) return queue_end(queue_, end, {.sums = sums, .y = y_});
    end.clamp = clamp_;
    const bool is_done = sums == y_ && exact_bias() == nullptr && z_ == nullptr;
    if (is_done && end.clamp.is_identity()) return {};
    return queue_end(queue_, end, {.sums = sums, .bias = exact_bias(), .z = z_, .y = y_});
  }

  /// Lays out the scratch memory of the way that is prepared, and gives its size.
  size_t plan_scratch() {
    sums_offset_ = form_.has_padded_input ? padded_bytes(form_.spec.input) : 0;
    workspace_offset_ = sums_offset_ + (sums_are_apart() ? padded_bytes(padded_output()) : 0);
    return with_alignment(workspace_offset_ + workspace_bytes());
  }

  bool sums_are_apart() const { return graph_ != nullptr && form_.has_padded_filters(); }

  Shape padded_output() const {
    const Shape& output = form_.output;
    return {output[0], form_.spec.weights[0], output[2], output[3]};
  }

  /// What a value takes of the scratch memory.
  size_t padded_bytes(const Shape& shape) const {
    const size_t size_bytes = TensorView{storage_.dtype, shape, nullptr}.size_bytes();
    return round_up(size_bytes, kWorkspaceAlignment);
  }

  size_t workspace_bytes() const {
    if (dense_ != nullptr) return dense_->workspace_bytes();
    return graph_ != nullptr ? graph_->workspace_bytes() : 0;
  }
  void* workspace() const { return workspace_bytes() > 0 ? scratch_ + workspace_offset_ : nullptr; }

  const float* exact_bias() const {
    return reinterpret_cast<const float*>(constants_.exact_bias.data());
  }

  Queue& queue_;
  Libraries& libraries_;
  const Node& node_;
  ConvolutionStorage storage_;
  Shape weight_shape_;
  Constants constants_;
  ConvolutionForm form_;
  ConvolutionWay way_ = ConvolutionWay::kFused;
  std::shared_ptr<const ConvolutionGraph> graph_;  // for kFused and kBare
  std::unique_ptr<Dense> dense_;                   // for kProduct
  Clamp clamp_;                                    // after the sums
  Operand input_;
  Operand output_;
  size_t sums_offset_ = 0;
  size_t workspace_offset_ = 0;
  const void* x_ = nullptr;
  const void* z_ = nullptr;  // or none
  void* y_ = nullptr;
  std::byte* scratch_ = nullptr;
};

Result<Constants> upload_constants(const Compilation& compilation, const TensorView& weights,
                                   const TensorView& bias, const Shape& padded) {
  Constants constants;
  SYNSIGHT_TRY_ASSIGN(constants.weights, upload_filters_first(compilation.queue, weights, padded[0],
                                                              padded[1], compilation.storage));
  if (bias.data == nullptr) return constants;
  SYNSIGHT_TRY_ASSIGN(constants.bias,
                      upload_bias(compilation.queue, bias, padded[0], compilation.storage));
  SYNSIGHT_TRY_ASSIGN(constants.exact_bias,
                      upload_bias(compilation.queue, bias, padded[0], DType::kFloat32));
  return constants;
}

/// Whether a library is likely to have a way for the shapes to come: that of `input` where it is
/// known, else one that is large enough for any window.
bool has_library_way(const Node& node, Shape input, const Shape& weights, int64_t group,
                     const ConvolutionStorage& storage) {
  if (input.rank() != 4 || input[1] != weights[1] * group || input.num_elements() == 0) {
    constexpr int64_t kLargeImage = 1 << 12;
    input = {1, weights[1] * group, kLargeImage, kLargeImage};
  }
  const auto form = find_form(node, input, weights, storage);
  return form && form->ways.size() > 1;
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_library_convolution(const Compilation& compilation,
                                                         const Node& node) {
  const TensorView weights = constant_input(compilation.graph, node, 1);
  const TensorView bias = constant_input(compilation.graph, node, 2);
  const Shape& shape = weights.shape;
  if (weights.dtype != DType::kFloat32 || weights.data == nullptr || shape.rank() != 4 ||
      shape.num_elements() == 0) {
    return nullptr;
  }
  const bool has_known_bias =
      bias.dtype == DType::kFloat32 && bias.data != nullptr && bias.shape == Shape{shape[0]};
  if (has_input(node, 2) && !has_known_bias) return nullptr;
  SYNSIGHT_TRY_ASSIGN(const int64_t group, int_attribute(node, "group", 1));
  const ConvolutionStorage storage{compilation.storage, compilation.allows_tf32};
  const Shape& input = compilation.typical_shape(node.inputs[0]);
  if (group < 1 || !has_library_way(node, input, shape, group, storage)) return nullptr;
  SYNSIGHT_TRY_ASSIGN(Constants constants, upload_constants(compilation, weights, bias,
                                                            padded_weights(shape, group, storage)));
  return std::make_unique<LibraryConvolution>(compilation, node, shape, std::move(constants));
}

}  // namespace synsight::cuda
