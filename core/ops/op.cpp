// SPDX-License-Identifier: Apache-2.0
#include "core/ops/op.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/text.h"

namespace synsight::ops {

namespace {

/// `2`, `1 to 3`, `at least 1`.
std::string range_text(size_t min, size_t max) {
  if (min == max) return std::to_string(min);
  return max == kAnyNumber ? concat({"at least ", min}) : concat({min, " to ", max});
}

Status check_counts(const Node& node, const Op& op) {
  if (node.inputs.size() < op.min_inputs || node.inputs.size() > op.max_inputs) {
    return fail(ErrorCode::kInvalidModel,
                concat({describe(node), ": has ", node.inputs.size(), " inputs, wanted ",
                        range_text(op.min_inputs, op.max_inputs)}));
  }
  if (node.outputs.empty() || node.outputs.size() > op.max_outputs) {
    return fail(ErrorCode::kInvalidModel,
                concat({describe(node), ": has ", node.outputs.size(), " outputs, wanted ",
                        range_text(1, op.max_outputs)}));
  }
  if (node.outputs[0] == kNoValue) {
    return fail(ErrorCode::kInvalidModel,
                concat({describe(node), ": its first output is missing"}));
  }
  return {};
}

}  // namespace

Result<const Op*> find_op(const Node& node) {
  if (!node.domain.empty()) {
    return fail(ErrorCode::kUnsupportedOp, concat({describe(node), ": the operator domain \"",
                                                   node.domain, "\" is not supported"}));
  }
  bool is_known_name = false;
  for (const Op& op : op_table()) {
    if (op.name != node.op_type) continue;
    is_known_name = true;
    if (node.opset < op.min_opset || node.opset > op.max_opset) continue;
    SYNSIGHT_TRY(check_counts(node, op));
    return &op;
  }
  return fail(ErrorCode::kUnsupportedOp,
              concat({describe(node), ": the operator is not supported",
                      is_known_name ? concat({" in opset ", node.opset}) : ""}));
}

Result<std::vector<ValueInfo>> infer(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const Op* op, find_op(node));
  for (size_t i = 0; i < op->min_inputs; ++i) {
    if (!inputs[i].exists()) {
      return fail(ErrorCode::kInvalidModel, concat({describe(node), ": input ", i, " is missing"}));
    }
  }
  auto outputs = op->infer(node, inputs);
  if (!outputs) return fail_at(node, std::move(outputs).error());
  for (const ValueInfo& output : *outputs) {
    if (!output.exists()) continue;
    if (auto size = output.shape.checked_num_elements(); !size) {
      return fail_at(node, std::move(size).error());
    }
  }
  return outputs;
}

Status run_reference(const Node& node, std::span<const TensorView> inputs,
                     std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const Op* op, find_op(node));
  if (auto status = op->kernel(node, inputs, outputs); !status) {
    return fail_at(node, std::move(status).error());
  }
  if (!node.activation.is_identity()) {
    if (outputs[0].dtype != DType::kFloat32) {
      return fail(ErrorCode::kUnsupportedType,
                  concat({describe(node), ": a fused activation wants float32, the output is ",
                          dtype_name(outputs[0].dtype)}));
    }
    for (float& value : outputs[0].as<float>()) {
      value = std::min(std::max(value, node.activation.min), node.activation.max);
    }
  }
  return {};
}

}  // namespace synsight::ops
