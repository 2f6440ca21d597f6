// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <vector>

#include "core/graph/attributes.h"
#include "core/ops/clip.h"
#include "core/ops/unary_elementwise.h"
#include "native/cuda/functors/unary.h"
#include "native/cuda/functors/unary_integers.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

/// In whatever layout its input has.
class UnaryKernel : public Kernel {
 public:
  UnaryKernel(Queue& queue, const Unary& unary) : queue_(queue), unary_(unary) {}

  std::string_view name() const override { return "elementwise"; }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    if (takes_integers(unary_.function) && is_integer(inputs[0])) return true;
    const bool is_of_bools = unary_.function == UnaryFunction::kNot;
    const bool gives_bools = is_of_bools || unary_.function == UnaryFunction::kIsInf ||
                             unary_.function == UnaryFunction::kIsNaN;
    return (is_of_bools ? inputs[0].info.dtype == DType::kBool : is_float(inputs[0])) &&
           (gives_bools ? outputs[0].info.dtype == DType::kBool : is_float(outputs[0]));
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    keep_layout(inputs, outputs);
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    unary_.num_elements = num_elements(outputs[0]);
    unary_.x.dtype = inputs[0].info.dtype;
    unary_.y.dtype = outputs[0].info.dtype;
    is_of_integers_ = is_integer(inputs[0]);
    return 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* /*scratch*/) override {
    unary_.x.data = inputs[0];
    unary_.y.data = outputs[0];
    return {};
  }

  Status run() override {
    if (!is_of_integers_) return launch(queue_, unary_, unary_.num_packs());
    return launch(queue_, UnaryIntegers{unary_.function, unary_.y, unary_.x}, unary_.num_elements);
  }

 private:
  Queue& queue_;
  Unary unary_;
  bool is_of_integers_ = false;
};

/// Reshape and the other aliases, where a fused activation makes a copy.
class ReshapeKernel final : public UnaryKernel {
 public:
  using UnaryKernel::UnaryKernel;

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    Kernel::choose_layouts(inputs, outputs);
  }
};

struct Row {
  std::string_view name;
  UnaryFunction function;
};

// Those whose parameters ops::parse_unary_params reads.
constexpr Row kRows[] = {
    {"Abs", UnaryFunction::kAbs},
    {"Ceil", UnaryFunction::kCeil},
    {"Celu", UnaryFunction::kCelu},
    {"Cos", UnaryFunction::kCos},
    {"Elu", UnaryFunction::kElu},
    {"Erf", UnaryFunction::kErf},
    {"Exp", UnaryFunction::kExp},
    {"Floor", UnaryFunction::kFloor},
    {"Gelu", UnaryFunction::kGelu},
    {"HardSigmoid", UnaryFunction::kHardSigmoid},
    {"HardSwish", UnaryFunction::kHardSwish},
    {"LeakyRelu", UnaryFunction::kLeakyRelu},
    {"Log", UnaryFunction::kLog},
    {"Mish", UnaryFunction::kMish},
    {"Neg", UnaryFunction::kNeg},
    {"Reciprocal", UnaryFunction::kReciprocal},
    {"Relu", UnaryFunction::kRelu},
    {"Round", UnaryFunction::kRound},
    {"Selu", UnaryFunction::kSelu},
    {"Sigmoid", UnaryFunction::kSigmoid},
    {"Sign", UnaryFunction::kSign},
    {"Sin", UnaryFunction::kSin},
    {"Softplus", UnaryFunction::kSoftplus},
    {"Softsign", UnaryFunction::kSoftsign},
    {"Sqrt", UnaryFunction::kSqrt},
    {"Swish", UnaryFunction::kSwish},
    {"Tan", UnaryFunction::kTan},
    {"Tanh", UnaryFunction::kTanh},
    {"ThresholdedRelu", UnaryFunction::kThresholdedRelu},
};

/// Nothing where a run gives the bounds, or they are integers.
Result<std::optional<Unary>> parse_clip(const Graph& graph, const Node& node) {
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(constant_input(graph, node, i));
    const bool is_bound = i > 0 && has_input(node, i);
    if (is_bound && !inputs.back().exists()) return std::nullopt;
  }
  SYNSIGHT_TRY_ASSIGN(const auto range, ops::constant_clip_range(node, inputs));
  if (!range) return std::nullopt;
  return Unary{.function = UnaryFunction::kClip, .alpha = range->min, .beta = range->max};
}

Result<std::optional<Unary>> parse_unary(const Graph& graph, const Node& node) {
  if (node.op_type == "Clip") return parse_clip(graph, node);
  if (node.op_type == "Not") return Unary{.function = UnaryFunction::kNot};
  if (node.op_type == "IsNaN") return Unary{.function = UnaryFunction::kIsNaN};
  if (node.op_type == "IsInf") {
    SYNSIGHT_TRY_ASSIGN(const int64_t negative, int_attribute(node, "detect_negative", 1));
    SYNSIGHT_TRY_ASSIGN(const int64_t positive, int_attribute(node, "detect_positive", 1));
    return Unary{.function = UnaryFunction::kIsInf,
                 .alpha = negative != 0 ? 1.0F : 0.0F,
                 .beta = positive != 0 ? 1.0F : 0.0F};
  }
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& other) { return other.name == node.op_type; });
  if (row == std::end(kRows)) return std::nullopt;
  SYNSIGHT_TRY_ASSIGN(const auto params, ops::parse_unary_params(node));
  Unary unary{.function = row->function,
              .alpha = static_cast<float>(params.alpha),
              .beta = static_cast<float>(params.beta)};
  if (unary.function == UnaryFunction::kGelu) {
    SYNSIGHT_TRY_ASSIGN(const auto approximate, string_attribute(node, "approximate", "none"));
    if (approximate == "tanh") unary.function = UnaryFunction::kGeluByTanh;
  }
  return unary;
}

}  // namespace

Result<std::unique_ptr<Kernel>> make_unary(const Compilation& compilation, const Node& node) {
  SYNSIGHT_TRY_ASSIGN(auto unary, parse_unary(compilation.graph, node));
  if (!unary) return node.op_type == "Clip" ? make_clip(compilation, node) : nullptr;
  unary->clamp = clamp_of(node);
  return std::make_unique<UnaryKernel>(compilation.queue, *unary);
}

Result<std::unique_ptr<Kernel>> make_reshape(const Compilation& compilation, const Node& node) {
  const Unary copy{.function = UnaryFunction::kIdentity, .clamp = clamp_of(node)};
  return std::make_unique<ReshapeKernel>(compilation.queue, copy);
}

}  // namespace synsight::cuda
