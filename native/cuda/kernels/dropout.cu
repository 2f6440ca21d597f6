// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/fill.h"
#include "native/cuda/functors/unary.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Its input, and a mask of ones. In whatever layout the input has.
class DropoutKernel final : public LaunchKernel {
 public:
  DropoutKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "elementwise") {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const Operand& mask = outputs[1];
    const bool has_mask = !mask.exists() || is_float(mask) || mask.info.dtype == DType::kBool;
    return has_mask && is_float(inputs[0]) && (!outputs[0].exists() || is_float(outputs[0]));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    copy_ = {.clamp = clamp(),
             .num_elements = num_elements(inputs[0]),
             .y = {nullptr, outputs[0].info.dtype},
             .x = {nullptr, inputs[0].info.dtype}};
    mask_ = {.y = {nullptr, outputs[1].info.dtype}, .value = 1};
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    copy_.x.data = inputs[0];
    copy_.y.data = outputs[0];
    mask_.y.data = outputs[1];
    if (outputs[0] != nullptr) bind(copy_, copy_.num_packs());
    if (outputs[1] != nullptr) bind(mask_, copy_.num_elements);
    return {};
  }

 private:
  Unary copy_;
  Fill mask_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_dropout(const Compilation& compilation, const Node& node) {
  if (node.outputs.size() < 2) return make_reshape(compilation, node);
  return std::make_unique<DropoutKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
