// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"

namespace synsight::xnnpack {

namespace {

class Binary final : public XnnKernel {
 public:
  Binary(XnnOperator op, Clamp clamp) : op_(std::move(op)), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "xnn binary"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs, outputs) &&
           outputs[0].info.shape.rank() <= XNN_MAX_TENSOR_DIMS;
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const std::vector<size_t> a = to_sizes(inputs[0].memory_shape());
    const std::vector<size_t> b = to_sizes(inputs[1].memory_shape());
    SYNSIGHT_TRY(check_xnn(xnn_reshape_binary_elementwise_nd(op_.get(), a.size(), a.data(),
                                                             b.size(), b.data(), threads()),
                           "reshape binary"));
    SYNSIGHT_TRY(clamp_.reshape(outputs[0].info.shape.num_elements(), threads()));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    SYNSIGHT_TRY(
        check_xnn(xnn_setup_binary_elementwise_nd(op_.get(), inputs[0], inputs[1], outputs[0]),
                  "setup binary"));
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    SYNSIGHT_TRY(check_xnn(xnn_run_operator(op_.get(), threads()), "run binary"));
    return clamp_.run(threads());
  }

 private:
  XnnOperator op_;
  Clamp clamp_;
};

std::optional<xnn_binary_operator> find_type(const Node& node) {
  struct Row {
    std::string_view name;
    xnn_binary_operator type;
  };
  static constexpr Row kRows[] = {
      {"Add", xnn_binary_add},     {"Sub", xnn_binary_subtract}, {"Mul", xnn_binary_multiply},
      {"Div", xnn_binary_divide},  {"Max", xnn_binary_maximum},  {"Min", xnn_binary_minimum},
      {"PRelu", xnn_binary_prelu}, {"Sum", xnn_binary_add},
  };
  for (const Row& row : kRows) {
    if (row.name == node.op_type) return row.type;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_binary(const Compilation& /*compilation*/,
                                               const Node& node) {
  const auto type = find_type(node);
  if (!type || node.inputs.size() != 2) return nullptr;  // Sum, Max and Min take any number
  SYNSIGHT_TRY_ASSIGN(XnnOperator op,
                      create_operator("create binary", xnn_create_binary_elementwise_nd, *type,
                                      xnn_datatype_fp32, nullptr, nullptr, nullptr, 0u));
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<Binary>(std::move(op), std::move(clamp));
}

}  // namespace synsight::xnnpack
