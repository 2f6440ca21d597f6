// SPDX-License-Identifier: Apache-2.0
#include "core/ops/pad.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

/// Pad by a constant that is known before a run.
class ConstantPad final : public XnnKernel {
 public:
  explicit ConstantPad(const Node& node) : node_(node) {}

  std::string_view name() const override { return "xnn constant pad"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs.first(1), outputs) &&
           inputs[0].info.shape.rank() <= XNN_MAX_TENSOR_DIMS && find_pads(inputs).has_value();
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs.first(1), outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    constexpr size_t kAxisAtPlace[] = {0, 2, 3, 1};
    const std::optional<Pads> pads = find_pads(inputs);
    assert(pads.has_value());  // or it would not have been accepted
    SYNSIGHT_TRY_ASSIGN(op_, create_operator("create constant pad", xnn_create_constant_pad_nd_x32,
                                             &pads->value, 0u));
    const size_t rank = inputs[0].info.shape.rank();
    std::vector<size_t> before;
    std::vector<size_t> after;
    for (size_t place = 0; place < rank; ++place) {
      const size_t axis = inputs[0].layout == Layout::kPlain ? place : kAxisAtPlace[place];
      before.push_back(static_cast<size_t>(pads->params.begin[axis]));
      after.push_back(static_cast<size_t>(pads->params.end[axis]));
    }
    const std::vector<size_t> sizes = to_sizes(inputs[0].memory_shape());
    SYNSIGHT_TRY(check_xnn(xnn_reshape_constant_pad_nd_x32(op_.get(), rank, sizes.data(),
                                                           before.data(), after.data(), threads()),
                           "reshape constant pad"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    return check_xnn(xnn_setup_constant_pad_nd_x32(op_.get(), inputs[0], outputs[0]),
                     "setup constant pad");
  }

  Status run() override {
    return check_xnn(xnn_run_operator(op_.get(), threads()), "run constant pad");
  }

 private:
  struct Pads {
    ops::PadParams params;
    float value = 0;
  };

  /// Nothing where a run gives the pads or the value, or where something is cut off.
  std::optional<Pads> find_pads(std::span<const Operand> inputs) const {
    std::vector<TensorView> views;
    for (const Operand& input : inputs) views.push_back(input.info.view());
    const auto params = ops::parse_pad_params(node_, views);
    const auto value = ops::constant_pad_value(node_, views).value_or(std::nullopt);
    if (!params || params->mode != ops::PadMode::kConstant || !value) return std::nullopt;
    const auto is_cut = [](int64_t pad) { return pad < 0; };
    if (std::any_of(params->begin.begin(), params->begin.end(), is_cut) ||
        std::any_of(params->end.begin(), params->end.end(), is_cut)) {
      return std::nullopt;
    }
    return Pads{*params, static_cast<float>(*value)};
  }

  const Node& node_;
  XnnOperator op_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_pad(const Compilation& /*compilation*/, const Node& node) {
  if (!node.activation.is_identity()) return nullptr;
  return std::make_unique<ConstantPad>(node);
}

}  // namespace synsight::xnnpack
