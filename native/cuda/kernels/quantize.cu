// SPDX-License-Identifier: Apache-2.0
#include "core/ops/quantize.h"
#include "native/cuda/functors/quantize.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

bool is_8_bit(const Operand& operand) {
  return operand.info.dtype == DType::kInt8 || operand.info.dtype == DType::kUInt8;
}

/// QuantizeLinear or DequantizeLinear, in whatever layout the input has.
template <typename Functor>
class QuantizationKernel : public Kernel {
 public:
  QuantizationKernel(Queue& queue, const Node& node, const Functor& functor)
      : queue_(queue), node_(node), functor_(functor) {}

  std::string_view name() const override { return "elementwise"; }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    inputs[1].info.dtype = DType::kFloat32;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& shape = outputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(const auto params,
                        ops::parse_quantization(node_, shape, inputs[1].info.shape));
    ops::Strides of_scales{};
    if (params.num_scales > 1) of_scales[params.axis] = 1;
    functor_.space = plan_index_space<4>(
        shape, {strides_of(outputs[0]), strides_of(inputs[0]), of_scales, of_scales});
    functor_.y.dtype = outputs[0].info.dtype;
    functor_.x.dtype = inputs[0].info.dtype;
    functor_.scale.dtype = inputs[1].info.dtype;
    functor_.zero_point.dtype = inputs.size() > 2 ? inputs[2].info.dtype : DType::kUndefined;
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    functor_.y.data = outputs[0];
    functor_.x.data = inputs[0];
    functor_.scale.data = inputs[1];
    functor_.zero_point.data = inputs.size() > 2 ? inputs[2] : nullptr;
    return {};
  }

  Status run() override { return launch(queue_, functor_, functor_.space.num_packs()); }

 private:
  Queue& queue_;
  const Node& node_;
  Functor functor_;
};

class QuantizeKernel final : public QuantizationKernel<Quantize> {
 public:
  using QuantizationKernel::QuantizationKernel;

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return (is_float(inputs[0]) || inputs[0].info.dtype == DType::kInt32) && is_8_bit(outputs[0]);
  }
};

class DequantizeKernel final : public QuantizationKernel<Dequantize> {
 public:
  using QuantizationKernel::QuantizationKernel;

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return is_8_bit(inputs[0]) && is_float(outputs[0]);
  }
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_quantize(const Compilation& compilation, const Node& node) {
  return std::make_unique<QuantizeKernel>(compilation.queue, node, Quantize{});
}

Result<std::unique_ptr<Kernel>> make_dequantize(const Compilation& compilation, const Node& node) {
  Dequantize dequantize;
  dequantize.clamp = clamp_of(node);
  return std::make_unique<DequantizeKernel>(compilation.queue, node, dequantize);
}

}  // namespace synsight::cuda
