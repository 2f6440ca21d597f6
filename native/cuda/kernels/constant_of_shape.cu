// SPDX-License-Identifier: Apache-2.0
#include "core/graph/attributes.h"
#include "core/tensor/convert.h"
#include "native/cuda/functors/fill.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// One value in every place; only for constants that are too large to be computed beforehand.
class ConstantOfShapeKernel final : public Kernel {
 public:
  ConstantOfShapeKernel(Queue& queue, float value) : queue_(queue) { fill_.value = value; }

  std::string_view name() const override { return "fill"; }

  bool accepts(std::span<const Operand> /*inputs*/,
               std::span<const Operand> outputs) const override {
    return is_storable(outputs[0].info.dtype);
  }

  Result<size_t> reshape(std::span<const Operand> /*inputs*/,
                         std::span<const Operand> outputs) override {
    fill_.y.dtype = outputs[0].info.dtype;
    num_elements_ = num_elements(outputs[0]);
    return 0;
  }

  Status setup(std::span<const void* const> /*inputs*/, std::span<void* const> outputs,
               void* /*scratch*/) override {
    fill_.y.data = outputs[0];
    return {};
  }

  Status run() override { return launch(queue_, fill_, num_elements_); }

 private:
  Queue& queue_;
  Fill fill_;
  int64_t num_elements_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_constant_of_shape(const Compilation& compilation,
                                                       const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const Tensor* given, tensor_attribute(node, "value"));
  if (!node.activation.is_identity()) return nullptr;
  float value = 0;
  if (given != nullptr && given->shape().num_elements() == 1) {
    SYNSIGHT_TRY_ASSIGN(const Tensor exact, convert(given->view(), DType::kFloat64));
    value = static_cast<float>(exact.as<double>()[0]);
    const bool fits = value == exact.as<double>()[0] || is_floating(given->dtype());
    if (!fits) return nullptr;
  }
  return std::make_unique<ConstantOfShapeKernel>(compilation.queue, value);
}

}  // namespace synsight::cuda
