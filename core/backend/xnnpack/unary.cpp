// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/backend/xnnpack/clamp.h"
#include "core/backend/xnnpack/kernels.h"
#include "core/backend/xnnpack/xnn_operator.h"
#include "core/graph/attributes.h"
#include "core/ops/clip.h"

namespace synsight::xnnpack {

namespace {

struct UnaryParams {
  xnn_unary_operator type = xnn_unary_invalid;
  xnn_unary_params params{};
};

class Unary final : public XnnKernel {
 public:
  Unary(XnnOperator op, Clamp clamp) : op_(std::move(op)), clamp_(std::move(clamp)) {}

  std::string_view name() const override { return "xnn unary"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return XnnKernel::accepts(inputs.first(1), outputs);  // Clip's bounds were read at creation
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs.first(1), outputs);
  }

  Result<size_t> reshape(std::span<const Operand> /*inputs*/,
                         std::span<const Operand> outputs) override {
    const size_t num_elements = outputs[0].info.shape.num_elements();
    SYNSIGHT_TRY(
        check_xnn(xnn_reshape_unary_elementwise_nc(op_.get(), num_elements, 1, 1, 1, threads()),
                  "reshape unary"));
    SYNSIGHT_TRY(clamp_.reshape(num_elements, threads()));
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    SYNSIGHT_TRY(
        check_xnn(xnn_setup_unary_elementwise_nc(op_.get(), inputs[0], outputs[0]), "setup unary"));
    return clamp_.setup(outputs[0]);
  }

  Status run() override {
    SYNSIGHT_TRY(check_xnn(xnn_run_operator(op_.get(), threads()), "run unary"));
    return clamp_.run(threads());
  }

 private:
  XnnOperator op_;
  Clamp clamp_;
};

std::optional<xnn_unary_operator> find_simple(std::string_view op_type) {
  struct Row {
    std::string_view name;
    xnn_unary_operator type;
  };
  static constexpr Row kRows[] = {
      {"Abs", xnn_unary_abs},
      {"Ceil", xnn_unary_ceiling},
      {"Exp", xnn_unary_exp},
      {"Floor", xnn_unary_floor},
      {"HardSwish", xnn_unary_hardswish},
      {"Neg", xnn_unary_negate},
      {"Round", xnn_unary_bankers_rounding},
      {"Sigmoid", xnn_unary_sigmoid},
      {"Sqrt", xnn_unary_square_root},
      {"Tanh", xnn_unary_tanh},
  };
  for (const Row& row : kRows) {
    if (row.name == op_type) return row.type;
  }
  return std::nullopt;
}

Result<UnaryParams> unary_params(const Graph& graph, const Node& node) {
  UnaryParams unary;
  if (const auto simple = find_simple(node.op_type)) {
    unary.type = *simple;
  } else if (node.op_type == "Relu") {
    unary.type = xnn_unary_clamp;
    unary.params.clamp = {0.0f, std::numeric_limits<float>::infinity()};
  } else if (node.op_type == "Clip") {
    std::vector<TensorView> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      inputs.push_back(constant_input(graph, node, i));
    }
    SYNSIGHT_TRY_ASSIGN(const auto range, ops::constant_clip_range(node, inputs));
    // XNNPACK refuses an empty range; the reference kernel has ONNX's answer.
    if (!range || range->is_identity() || !(range->min < range->max)) return unary;
    unary.type = xnn_unary_clamp;
    unary.params.clamp = {range->min, range->max};
  } else if (node.op_type == "LeakyRelu") {
    unary.type = xnn_unary_leaky_relu;
    SYNSIGHT_TRY_ASSIGN(unary.params.leaky_relu.negative_slope,
                        float_attribute(node, "alpha", 0.01f));
  } else if (node.op_type == "Elu") {
    SYNSIGHT_TRY_ASSIGN(unary.params.elu.alpha, float_attribute(node, "alpha", 1.0f));
    if (unary.params.elu.alpha > 0) unary.type = xnn_unary_elu;
  }
  return unary;
}

}  // namespace

Result<std::unique_ptr<XnnKernel>> make_unary(const Compilation& compilation, const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const UnaryParams unary, unary_params(compilation.graph, node));
  if (unary.type == xnn_unary_invalid) return nullptr;
  SYNSIGHT_TRY_ASSIGN(
      XnnOperator op,
      create_operator("create unary", xnn_create_unary_elementwise_nc, unary.type,
                      xnn_datatype_fp32, xnn_datatype_fp32, &unary.params, nullptr, nullptr, 0u));
  SYNSIGHT_TRY_ASSIGN(Clamp clamp, Clamp::create(node.activation));
  return std::make_unique<Unary>(std::move(op), std::move(clamp));
}

}  // namespace synsight::xnnpack
