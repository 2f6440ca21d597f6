// SPDX-License-Identifier: Apache-2.0
#include "core/ops/softmax.h"

#include <utility>

#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

/// Softmax over what lies contiguous: the last dimensions, or the channels of a channels-last
/// value.
class Softmax final : public XnnKernel {
 public:
  Softmax(const Node& node, XnnOperator op) : node_(node), op_(std::move(op)) {}

  std::string_view name() const override { return "xnn softmax"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    if (!XnnKernel::accepts(inputs, outputs)) return false;
    const auto params = ops::parse_softmax(node_, inputs[0].info.shape);
    return params && (params->inner == 1 || is_over_channels(inputs[0], *params));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const auto params = ops::parse_softmax(node_, inputs[0].info.shape);
    if (params && is_over_channels(inputs[0], *params)) {
      outputs[0].layout = Layout::kChannelsLast;
    } else {
      Kernel::choose_layouts(inputs, outputs);
    }
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(const ops::SoftmaxParams params,
                        ops::parse_softmax(node_, inputs[0].info.shape));
    SYNSIGHT_TRY(
        check_xnn(xnn_reshape_softmax_nc_f32(op_.get(), params.length, params.length, params.length,
                                             params.outer * params.inner, threads()),
                  "reshape softmax"));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    return check_xnn(xnn_setup_softmax_nc_f32(op_.get(), static_cast<const float*>(inputs[0]),
                                              static_cast<float*>(outputs[0])),
                     "setup softmax");
  }

  Status run() override { return check_xnn(xnn_run_operator(op_.get(), threads()), "run softmax"); }

 private:
  /// Whether the softmax goes over the channels, and only them, of a value that lies channels last.
  static bool is_over_channels(const Operand& operand, const ops::SoftmaxParams& params) {
    const Shape& shape = operand.info.shape;
    return operand.layout == Layout::kChannelsLast &&
           params.outer == static_cast<size_t>(shape[0]) &&
           params.length == static_cast<size_t>(shape[1]);
  }

  const Node& node_;
  XnnOperator op_;
};

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_softmax(const Compilation& /*compilation*/,
                                                const Node& node) {
  if (!node.activation.is_identity()) return nullptr;
  SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                      create_operator("create softmax", xnn_create_softmax_nc_f32, 0u));
  return std::make_unique<Softmax>(node, std::move(op));
}

}  // namespace synsight::xnnpack
