// SPDX-License-Identifier: Apache-2.0
#include "core/ops/arg_reduce.h"
#include "native/cuda/functors/arg_reduce.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

/// ArgMax and ArgMin.
class ArgReduceKernel final : public LaunchKernel {
 public:
  ArgReduceKernel(Queue& queue, const Node& node) : LaunchKernel(queue, node, "arg reduce") {}

  bool accepts(std::span<const Operand> inputs,
               std::span<const Operand> /*outputs*/) const override {
    constexpr int64_t kLimit = 1 << 24;  // f32 holds every index below it
    const auto params = ops::parse_arg_reduce(node(), inputs[0].info.shape);
    if (is_integer_storage(inputs[0].info.dtype)) return true;
    return is_float(inputs[0]) && params && inputs[0].info.shape[params->axis] < kLimit;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& shape = inputs[0].info.shape;
    SYNSIGHT_TRY_ASSIGN(params_, ops::parse_arg_reduce(node(), shape));
    dtype_ = inputs[0].info.dtype;
    length_ = shape[params_.axis];
    inner_ = 1;
    for (size_t axis = params_.axis + 1; axis < shape.rank(); ++axis) inner_ *= shape[axis];
    num_outputs_ = num_elements(outputs[0]);
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unbind();
    auto* const y = static_cast<int64_t*>(outputs[0]);
    const Divider inner(inner_);
    visit_float_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      bind_rows(ArgReduce<T>{static_cast<const T*>(inputs[0]), y, length_, inner, params_.is_max,
                             params_.selects_last},
                num_outputs_);
    });
    visit_integer_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      bind(ArgReduceIntegers<T>{static_cast<const T*>(inputs[0]), y, length_, inner, params_.is_max,
                                params_.selects_last},
           num_outputs_);
    });
    return {};
  }

 private:
  DType dtype_ = DType::kUndefined;
  ops::ArgReduceParams params_;
  int64_t length_ = 0;
  int64_t inner_ = 1;
  int64_t num_outputs_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_arg_reduce(const Compilation& compilation, const Node& node) {
  return std::make_unique<ArgReduceKernel>(compilation.queue, node);
}

}  // namespace synsight::cuda
