// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "native/cuda/functors/clip.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Clip of integers, or between bounds that a run gives. In whatever layout its input has.
class ClipKernel final : public LaunchKernel {
 public:
  ClipKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "elementwise") {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const auto fits = [&](const Operand& bound) {
      return !bound.exists() || (is_integer(inputs[0]) ? is_integer(bound) : is_float(bound));
    };
    return std::all_of(inputs.begin(), inputs.end(), fits) &&
           (is_integer(inputs[0]) || (is_float(inputs[0]) && is_float(outputs[0])));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
    if (is_integer(inputs[0])) return;
    for (Operand& bound : inputs.subspan(1)) want_plain_f32(bound);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const auto dtype_at = [&](size_t i) {
      return i < inputs.size() ? inputs[i].info.dtype : DType::kUndefined;
    };
    is_of_integers_ = is_integer(inputs[0]);
    floats_ = {.clamp = clamp(),
               .num_elements = num_elements(outputs[0]),
               .y = {nullptr, outputs[0].info.dtype},
               .x = {nullptr, dtype_at(0)},
               .min = {nullptr, dtype_at(1)},
               .max = {nullptr, dtype_at(2)}};
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    floats_.y.data = outputs[0];
    floats_.x.data = inputs[0];
    floats_.min.data = inputs.size() > 1 ? inputs[1] : nullptr;
    floats_.max.data = inputs.size() > 2 ? inputs[2] : nullptr;
    if (is_of_integers_) {
      bind(ClipIntegers{floats_.y, floats_.x, floats_.min, floats_.max}, floats_.num_elements);
    } else {
      bind(floats_, floats_.num_packs());
    }
    return {};
  }

 private:
  bool is_of_integers_ = false;
  ClipFloats floats_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_clip(const Compilation& compilation, const Node& node) {
  return std::make_unique<ClipKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
