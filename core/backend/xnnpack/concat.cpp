// SPDX-License-Identifier: Apache-2.0
#include "core/ops/concat.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/backend/xnnpack/kernels.h"

namespace synsight::xnnpack {

namespace {

/// Where ONNX's axis lies among the dimensions in memory.
size_t memory_axis(size_t axis, Layout layout) {
  constexpr size_t kChannelsLast[] = {0, 3, 1, 2};
  return layout == Layout::kPlain ? axis : kChannelsLast[axis];
}

/// Copies runs of contiguous bytes; works on any element type.
class Concat final : public XnnKernel {
 public:
  explicit Concat(const Node& node) : node_(node) {}

  std::string_view name() const override { return "concat"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return std::all_of(inputs.begin(), inputs.end(), [&](const Operand& input) {
      return input.info.dtype == outputs[0].info.dtype;
    });
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    SYNSIGHT_TRY_ASSIGN(const size_t onnx_axis,
                        ops::parse_concat_axis(node_, outputs[0].info.shape.rank()));
    const size_t axis = memory_axis(onnx_axis, outputs[0].layout);
    const Shape shape = outputs[0].memory_shape();
    num_rows_ = 1;
    for (size_t i = 0; i < axis; ++i) num_rows_ *= static_cast<size_t>(shape[i]);
    row_bytes_.clear();
    for (const Operand& input : inputs) {
      row_bytes_.push_back(input.info.view().size_bytes() / num_rows_);
    }
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    inputs_.assign(inputs.begin(), inputs.end());
    output_ = outputs[0];
    return {};
  }

  Status run() override {
    auto* target = static_cast<std::byte*>(output_);
    for (size_t row = 0; row < num_rows_; ++row) {
      for (size_t i = 0; i < inputs_.size(); ++i) {
        std::memcpy(target, static_cast<const std::byte*>(inputs_[i]) + row * row_bytes_[i],
                    row_bytes_[i]);
        target += row_bytes_[i];
      }
    }
    return {};
  }

 private:
  const Node& node_;
  size_t num_rows_ = 0;
  std::vector<size_t> row_bytes_;
  std::vector<const void*> inputs_;
  void* output_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_concat(const Compilation& /*compilation*/,
                                               const Node& node) {
  if (!node.activation.is_identity()) return nullptr;
  return std::make_unique<Concat>(node);
}

}  // namespace synsight::xnnpack
