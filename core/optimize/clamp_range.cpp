// SPDX-License-Identifier: Apache-2.0
#include "core/optimize/clamp_range.h"

#include <limits>
#include <vector>

#include "core/ops/clip.h"

namespace synsight::optimize {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The one f32 that a constant input holds.
std::optional<float> constant_scalar(const Rewrite& rewrite, const Node& node, size_t input) {
  const TensorView constant = rewrite.constant(node, input);
  if (constant.dtype != DType::kFloat32 || constant.shape.rank() > 0) return std::nullopt;
  return constant.as<float>()[0];
}

}  // namespace

std::optional<ActivationRange> clamp_range(const Rewrite& rewrite, const Node& node) {
  if (!node.domain.empty() || node.inputs.empty()) return std::nullopt;
  if (node.op_type == "Relu") return ActivationRange{0, kInfinity};
  if (node.op_type == "Max" || node.op_type == "Min") {
    const auto bound = constant_scalar(rewrite, node, 1);
    if (!bound || node.inputs.size() != 2) return std::nullopt;
    return node.op_type == "Max" ? ActivationRange{*bound, kInfinity}
                                 : ActivationRange{-kInfinity, *bound};
  }
  if (node.op_type != "Clip") return std::nullopt;
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(rewrite.constant(node, i));
    const bool is_bound = inputs[i].dtype == DType::kFloat32 && inputs[i].shape.num_elements() == 1;
    if (i > 0 && node.inputs[i] != kNoValue && !is_bound) return std::nullopt;
  }
  return ops::constant_clip_range(node, inputs).value_or(std::nullopt);
}

}  // namespace synsight::optimize
