// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "core/ops/evaluate.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"

namespace synsight::optimize {

namespace {

/// Whether a layer takes the value as its weights, if only in another shape: backends want those
/// constant.
bool is_weight(const Graph& graph, ValueId id) {
  const auto is_one_of = [](const Node& node, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), node.op_type) != names.end();
  };
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    if (is_one_of(node, {"Conv", "ConvTranspose", "Gemm", "MatMul"})) {
      return node.inputs.size() > 1 && node.inputs[1] == id;
    }
    return is_one_of(node, {"Cast", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}) &&
           node.inputs[0] == id && is_weight(graph, node.outputs[0]);
  });
}

/// The tensor of a Constant, which becomes the initializer without a copy; else null.
Tensor* constant_tensor(Node& node) {
  if (node.op_type != "Constant" || !node.domain.empty() || node.attributes.size() != 1) {
    return nullptr;
  }
  return std::get_if<Tensor>(&node.attributes[0].value);
}

Status fold(Rewrite& rewrite, size_t index, bool keeps_quantized) {
  Node& node = rewrite.node(index);
  if (keeps_quantized && node.op_type == "DequantizeLinear") return {};
  std::vector<Tensor> outputs;
  if (Tensor* tensor = constant_tensor(node)) {
    outputs.push_back(std::move(*tensor));
    rewrite.replace_by_constants(index, std::move(outputs));
    return {};
  }
  std::vector<ops::ValueInfo> inputs(node.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const TensorView constant = rewrite.constant(node, i);
    if (!constant.exists()) return {};
    inputs[i] = {constant.dtype, constant.shape, constant.data};
  }
  // An operator that is not in the table is the backend's to refuse.
  if (!ops::find_op(node)) return {};
  SYNSIGHT_TRY_ASSIGN(const auto infos, ops::infer(node, inputs));
  // Expand, Tile, ConstantOfShape and their like make much of little, better where it is needed.
  constexpr size_t kUsualBytes = size_t{1} << 20;
  const bool is_layer_weight = is_weight(rewrite.graph(), node.outputs[0]);
  if (!ops::is_moderate(inputs, infos, is_layer_weight ? ops::kMostEvaluatedBytes : kUsualBytes)) {
    return {};
  }
  SYNSIGHT_TRY_ASSIGN(outputs, ops::evaluate(node, inputs, infos));
  rewrite.replace_by_constants(index, std::move(outputs));
  return {};
}

Status fold_all(Graph& graph, bool keeps_quantized) {
  Rewrite rewrite(graph);
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) SYNSIGHT_TRY(fold(rewrite, i, keeps_quantized));
  rewrite.finish();
  return {};
}

}  // namespace

Status fold_constants(Graph& graph) { return fold_all(graph, false); }

Status fold_quantized_constants(Graph& graph) { return fold_all(graph, true); }

}  // namespace synsight::optimize
