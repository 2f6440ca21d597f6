// SPDX-License-Identifier: Apache-2.0
#include "core/ops/cast.h"
#include "native/cuda/functors/cast.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// Cast and CastLike, in whatever layout the input has.
class CastKernel final : public Kernel {
 public:
  CastKernel(Queue& queue, const Node& node) : queue_(queue), node_(node), clamp_(clamp_of(node)) {}

  std::string_view name() const override { return is_alias_ ? "alias" : "cast"; }
  bool is_alias() const override { return is_alias_; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return is_storable(inputs[0].info.dtype) && is_storable(outputs[0].info.dtype);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    const auto target = ops::parse_cast_target(node_);
    const bool is_to_f32 = target && *target == DType::kFloat32;
    // Integers may be too large for f16, which floating-point values hardly are.
    if (is_to_f32 && !is_float(inputs[0])) outputs[0].info.dtype = DType::kFloat32;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    cast_.x.dtype = inputs[0].info.dtype;
    cast_.y.dtype = outputs[0].info.dtype;
    output_ = outputs[0];
    is_alias_ = cast_.x.dtype == cast_.y.dtype && clamp_.is_identity();
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    cast_.x.data = inputs[0];
    cast_.y.data = outputs[0];
    return {};
  }

  Status run() override {
    SYNSIGHT_TRY(launch(queue_, cast_, num_elements(output_)));
    return queue_activation(queue_, clamp_, output_, cast_.y.data);
  }

 private:
  Queue& queue_;
  const Node& node_;
  Clamp clamp_;
  Cast cast_;
  Operand output_;
  bool is_alias_ = false;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_cast(const Compilation& compilation, const Node& node) {
  return std::make_unique<CastKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
