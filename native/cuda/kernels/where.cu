// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/where.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

class WhereKernel final : public Kernel {
 public:
  WhereKernel(Queue& queue, const Clamp& clamp) : queue_(queue), clamp_(clamp) {}

  std::string_view name() const override { return "elementwise"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const DType dtype = outputs[0].info.dtype;
    const bool are_floats = is_float(inputs[1]) && is_float(inputs[2]) && is_float(outputs[0]);
    return are_floats || (inputs[1].info.dtype == dtype && inputs[2].info.dtype == dtype);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
    if (inputs[1].info.dtype == inputs[2].info.dtype) keep_dtype(inputs.subspan(1), outputs);
    for (Operand& input : inputs.subspan(1)) input.info.dtype = outputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& shape = outputs[0].info.shape;
    where_.space = plan_index_space<4>(
        shape, {strides_of(outputs[0]), broadcast_strides(inputs[0], shape),
                broadcast_strides(inputs[1], shape), broadcast_strides(inputs[2], shape)});
    where_.element_size = dtype_size(outputs[0].info.dtype);
    output_ = outputs[0];
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    where_.y = outputs[0];
    where_.condition = inputs[0];
    where_.a = inputs[1];
    where_.b = inputs[2];
    return {};
  }

  Status run() override {
    SYNSIGHT_TRY(launch(queue_, where_, where_.space.num_elements));
    return queue_activation(queue_, clamp_, output_, where_.y);
  }

 private:
  Queue& queue_;
  Clamp clamp_;
  Where where_;
  Operand output_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_where(const Compilation& compilation, const Node& node) {
  return std::make_unique<WhereKernel>(compilation.queue, clamp_of(node));
}

}  // namespace synsight::cuda
