// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "core/base/small_build.h"
#include "core/ops/reduce.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

constexpr int64_t kFirstOpset = 17;

struct Context {
  Rewrite& rewrite;
  const ValueFacts& facts;

  /// The node of this operator and so many inputs that writes the input, or null.
  const Node* before(const Node& node, size_t input, std::string_view op_type,
                     size_t num_inputs) const {
    const Node* writer = rewrite.producer(node.inputs[input]);
    const bool is_wanted = writer != nullptr && is_op(*writer, op_type) &&
                           writer->activation.is_identity() && writer->inputs.size() >= num_inputs;
    return is_wanted ? writer : nullptr;
  }

  /// The one f32 that a constant input holds, whose rank changes no shape; else NaN.
  float scalar(const Node& node, size_t input) const {
    const TensorView constant = rewrite.constant(node, input);
    const bool is_scalar = constant.dtype == DType::kFloat32 && constant.shape.rank() <= 1 &&
                           constant.shape.num_elements() == 1;
    return is_scalar ? constant.as<float>()[0] : NAN;
  }
};

/// Whether a ReduceMean goes over the last axis, and keeps it.
bool is_over_last(const Context& context, const Node& mean) {
  const ops::ValueInfo& info = context.facts[mean.inputs[0]];
  if (!info.exists() || info.shape.rank() == 0) return false;
  std::vector<TensorView> inputs = {{info.dtype, info.shape, nullptr}};
  if (mean.inputs.size() > 1) inputs.push_back(context.rewrite.constant(mean, 1));
  const auto params = ops::parse_reduce_params(mean, inputs);
  if (!params || !params->keep_dims) return false;
  for (size_t axis = 0; axis < info.shape.rank(); ++axis) {
    if (params->is_reduced[axis] != (axis + 1 == info.shape.rank())) return false;
  }
  return true;
}

bool is_square_of(const Context& context, const Node& node, ValueId value) {
  if (!node.activation.is_identity() || node.inputs.size() != 2 || node.inputs[0] != value) {
    return false;
  }
  return is_op(node, "Pow") ? context.scalar(node, 1) == 2
                            : is_op(node, "Mul") && node.inputs[1] == value;
}

/// What the node normalizes: it divides x - mean by the root of its squares' mean and an epsilon.
struct Normalized {
  ValueId input = kNoValue;
  float epsilon = 0;
};

std::optional<Normalized> find_normalized(const Context& context, const Node& node) {
  if (!is_op(node, "Div") || !node.activation.is_identity()) return std::nullopt;
  const Node* const difference = context.before(node, 0, "Sub", 2);
  const Node* const root = context.before(node, 1, "Sqrt", 1);
  if (difference == nullptr || root == nullptr) return std::nullopt;
  const Node* const mean = context.before(*difference, 1, "ReduceMean", 1);
  const Node* const sum = context.before(*root, 0, "Add", 2);
  if (mean == nullptr || sum == nullptr) return std::nullopt;
  const Node* const variance = context.before(*sum, 0, "ReduceMean", 1);
  if (variance == nullptr) return std::nullopt;
  const Node* const square = context.rewrite.producer(variance->inputs[0]);
  const Normalized normalized = {difference->inputs[0], context.scalar(*sum, 1)};
  const bool is_whole =
      mean->inputs[0] == normalized.input && is_over_last(context, *mean) && square != nullptr &&
      is_square_of(context, *square, difference->outputs[0]) && is_over_last(context, *variance) &&
      std::isfinite(normalized.epsilon) && context.facts.dtype(normalized.input) == DType::kFloat32;
  return is_whole ? std::optional(normalized) : std::nullopt;
}

/// The input of a node that is one constant for each element along the last axis of `value`.
std::optional<size_t> find_row(const Context& context, const Node& node, std::string_view op_type,
                               ValueId value) {
  const Shape& shape = context.facts[value].shape;
  const bool is_plain = is_op(node, op_type) && node.activation.is_identity();
  if (!is_plain || node.inputs.size() != 2 || shape.rank() == 0) return std::nullopt;
  for (const size_t input : {size_t{0}, size_t{1}}) {
    const TensorView row = context.rewrite.constant(node, input);
    const bool is_row = row.dtype == DType::kFloat32 && row.shape.rank() == 1 &&
                        row.shape[0] == shape[shape.rank() - 1];
    if (is_row && context.rewrite.sole_producer(node.inputs[1 - input]) != nullptr) return input;
  }
  return std::nullopt;
}

/// A Mul by a row becomes the whole operator.
void join(const Context& context, Node& node) {
  for (const size_t other : {size_t{0}, size_t{1}}) {
    const Node* const divided =
        node.inputs.size() == 2 ? context.before(node, other, "Div", 2) : nullptr;
    const auto normalized = divided != nullptr ? find_normalized(context, *divided) : std::nullopt;
    const auto row = normalized ? find_row(context, node, "Mul", normalized->input) : std::nullopt;
    if (!row || *row == other) continue;
    const ValueId scale = node.inputs[*row];
    context.rewrite.set_input(node, 1, scale);
    context.rewrite.set_input(node, 0, normalized->input);
    node.op_type = "LayerNormalization";
    node.opset = std::max(node.opset, kFirstOpset);
    node.attributes.clear();
    set_attribute(node, {"axis", int64_t{-1}});
    set_attribute(node, {"epsilon", normalized->epsilon});
    return;
  }
}

/// An Add of a row behind it becomes its bias.
void add_bias(const Context& context, size_t index) {
  const Node& node = context.rewrite.node(index);
  for (const size_t other : {size_t{0}, size_t{1}}) {
    if (node.inputs.size() != 2 || node.outputs.size() != 1) return;
    Node* const writer = context.rewrite.sole_producer(node.inputs[other]);
    const bool is_joined = writer != nullptr && is_op(*writer, "LayerNormalization") &&
                           writer->inputs.size() == 2 && writer->outputs.size() == 1 &&
                           writer->activation.is_identity();
    if (!is_joined) continue;
    const auto row = find_row(context, node, "Add", writer->inputs[0]);
    if (!row || *row == other) continue;
    context.rewrite.set_input(*writer, 2, node.inputs[*row]);
    context.rewrite.merge(index, *writer);
    return;
  }
}

}  // namespace

Status join_layer_normalization(Graph& graph) {
  if (kIsSmallBuild) return {};  // which has no room for it
  const ValueFacts facts(graph);
  Rewrite rewrite(graph);
  const Context context{rewrite, facts};
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) {
    join(context, rewrite.node(i));
    add_bias(context, i);
  }
  rewrite.finish();
  return remove_unused(graph);
}

}  // namespace synsight::optimize
