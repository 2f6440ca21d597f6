// SPDX-License-Identifier: Apache-2.0
#include "core/ops/softmax.h"
#include "native/cuda/functors/softmax.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// Softmax and LogSoftmax.
class SoftmaxKernel final : public LaunchKernel {
 public:
  SoftmaxKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "softmax") {}

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
    outputs[0].info.dtype = inputs[0].info.dtype;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_softmax(node(), inputs[0].info.shape));
    dtype_ = inputs[0].info.dtype;
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    visit_float_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      Softmax<T> functor;
      functor.x = static_cast<const T*>(inputs[0]);
      functor.y = static_cast<T*>(outputs[0]);
      functor.length = static_cast<int64_t>(params_.length);
      functor.inner = Divider(static_cast<int64_t>(params_.inner));
      functor.is_log = node().op_type == "LogSoftmax";
      functor.clamp = clamp();
      bind_rows(functor, static_cast<int64_t>(params_.outer * params_.inner));
    });
    return {};
  }

 private:
  DType dtype_ = DType::kUndefined;
  ops::SoftmaxParams params_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_softmax(const Compilation& compilation, const Node& node) {
  return std::make_unique<SoftmaxKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
