// SPDX-License-Identifier: Apache-2.0
#include "core/backend/alias.h"

#include <algorithm>

namespace synsight {

namespace {

constexpr std::string_view kAliases[] = {"Dropout", "Flatten", "Identity",
                                         "Reshape", "Squeeze", "Unsqueeze"};

class Alias final : public Kernel {
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

bool is_alias(std::string_view op_type) {
  return std::find(std::begin(kAliases), std::end(kAliases), op_type) != std::end(kAliases);
}

std::unique_ptr<Kernel> make_alias(const Node& node) {
  const bool has_one_output = node.outputs.size() == 1;  // Dropout's mask is a second
  if (!is_alias(node.op_type) || !has_one_output || !node.activation.is_identity()) return nullptr;
  return std::make_unique<Alias>();
}

}  // namespace synsight
