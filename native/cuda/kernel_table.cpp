// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernel_table.h"

#include <algorithm>
#include <utility>

#include "core/backend/alias.h"
#include "core/base/text.h"
#include "native/cuda/kernels.h"

namespace synsight::cuda {

namespace {

struct Row {
  std::string_view op_type;
  std::string_view kernel;
  MakeKernel make;
};

constexpr Row kRows[] = {};

/// Stands for a node that this backend cannot compute, for as long as its outputs may turn out to
/// be known before a run.
class Missing final : public Kernel {
 public:
  std::string_view name() const override { return "none"; }
  bool accepts(std::span<const Operand> /*inputs*/,
               std::span<const Operand> /*outputs*/) const override {
    return false;
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

const Row* find_row(std::string_view op_type) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& candidate) {
    return candidate.op_type == op_type;
  });
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace

std::string_view kernel_name(std::string_view op_type) {
  if (is_alias(op_type)) return "alias";
  const Row* row = find_row(op_type);
  return row == nullptr ? "" : row->kernel;
}

Result<std::unique_ptr<Kernel>> make_kernel(const Compilation& compilation, const Node& node) {
  if (auto alias = make_alias(node)) return alias;
  if (const Row* row = find_row(node.op_type)) {
    SYNSIGHT_TRY_ASSIGN(auto kernel, row->make(compilation, node));
    if (kernel) return kernel;
  }
  return std::make_unique<Missing>();
}

}  // namespace synsight::cuda
