// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/kernels.h"

namespace synsight::xnnpack {

namespace {

class Borrowed final : public XnnKernel {
 public:
  explicit Borrowed(const Node& node) : node_(node) {}

  std::string_view name() const override { return "borrowed"; }

  bool accepts(std::span<const Operand> /*inputs*/,
               std::span<const Operand> /*outputs*/) const override {
    return true;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    inputs_.clear();
    outputs_.clear();
    for (const Operand& input : inputs) inputs_.push_back(input.info.view());
    for (const Operand& output : outputs) {
      outputs_.push_back({output.info.dtype, output.info.shape, nullptr});
    }
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    for (size_t i = 0; i < inputs.size(); ++i) inputs_[i].data = inputs[i];
    for (size_t i = 0; i < outputs.size(); ++i) {
      outputs_[i].data = outputs[i];
      if (outputs[i] == nullptr) outputs_[i].dtype = DType::kUndefined;
    }
    return {};
  }

  Status run() override { return ops::run_reference(node_, inputs_, outputs_); }

 private:
  const Node& node_;
  std::vector<TensorView> inputs_;
  std::vector<MutableTensorView> outputs_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_borrowed(const Node& node) {
  SYNSIGHT_TRY(ops::find_op(node));
  return std::make_unique<Borrowed>(node);
}

}  // namespace synsight::xnnpack
