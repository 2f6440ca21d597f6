// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/op.h"
#include "core/ops/strided.h"

namespace synsight::ops {

inline constexpr size_t kMaxEinsumOperands = 2;

/// An equation's terms, a label an axis. The axes of an ellipsis have digits for labels.
struct EinsumEquation {
  std::vector<std::string> inputs;
  std::string output;
};

/// Errors: kInvalidModel; kShapeMismatch where a term does not have an operand's rank. Source: ONNX
/// Einsum-12.
Result<EinsumEquation> parse_einsum_equation(const Node& node, std::span<const ValueInfo> inputs);

/// The product's loops: over the output's axes, and within over those that are summed. An operand
/// that the node lacks has strides of 0.
struct EinsumParams {
  Shape output;
  Shape summed;
  std::array<Strides, kMaxEinsumOperands> output_strides{};
  std::array<Strides, kMaxEinsumOperands> summed_strides{};
};

/// Errors: kInvalidModel, kShapeMismatch, kUnsupportedOp. Source: ONNX Einsum-12.
Result<EinsumParams> parse_einsum(const Node& node, std::span<const ValueInfo> inputs);

}  // namespace synsight::ops
