// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/kernels.h"

namespace synsight::xnnpack {

namespace {

/// Reshape, Flatten, Squeeze, Unsqueeze and Identity: the same elements in the same plain order.
class Alias final : public XnnKernel {
 public:
  std::string_view name() const override { return "alias"; }
  bool is_alias() const override { return true; }

  bool accepts(std::span<const Operand> /*inputs*/,
               std::span<const Operand> /*outputs*/) const override {
    return true;
  }

  Result<size_t> reshape(std::span<const Operand> /*inputs*/,
                         std::span<const Operand> /*outputs*/) override {
    return 0;
  }
  Status setup(std::span<const void* const> /*inputs*/, std::span<void* const> /*outputs*/,
               void* /*scratch*/) override {
    return {};
  }
  Status run() override { return {}; }
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_alias(const Compilation& /*compilation*/,
                                              const Node& node) {
  const bool has_one_output = node.outputs.size() == 1;  // Dropout's mask is a second
  if (!has_one_output || !node.activation.is_identity()) return nullptr;
  return std::make_unique<Alias>();
}

}  // namespace synsight::xnnpack
