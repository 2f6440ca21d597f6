// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/small_build.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/cast.h"
#include "core/ops/pad.h"
#include "core/ops/slice.h"
#include "core/ops/transpose.h"
#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/optimize/value_facts.h"

namespace synsight::optimize {

namespace {

/// What a pass looks a node up with.
struct Context {
  Rewrite& rewrite;
  const ValueFacts& facts;

  /// The node's inputs as operators parse them: elements only where they are constant. Nothing
  /// where not even a dtype and a rank are known of one.
  std::optional<std::vector<TensorView>> inputs_of(const Node& node) const {
    std::vector<TensorView> views(node.inputs.size());
    for (size_t i = 0; i < views.size(); ++i) {
      if (node.inputs[i] == kNoValue) continue;
      const ops::ValueInfo& info = facts[node.inputs[i]];
      if (!info.exists()) return std::nullopt;
      views[i] = {info.dtype, info.shape, rewrite.constant(node, i).data};
    }
    return views;
  }
};

bool is_one_of(const Node& node, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), node.op_type) != names.end();
}

/// Operators whose output, where it has the input's shape, is the input.
bool keeps_elements(const Node& node) {
  return is_one_of(node, {"Expand", "Flatten", "Reshape", "Squeeze", "Tile", "Unsqueeze"});
}

bool is_inference_dropout(const Context& context, const Node& node) {
  if (node.inputs.size() < 3 || node.inputs[2] == kNoValue) return true;
  const TensorView mode = context.rewrite.constant(node, 2);
  return mode.dtype == DType::kBool && mode.shape.num_elements() == 1 && !mode.as<bool>()[0];
}

bool pads_nothing(const Context& context, const Node& node) {
  const auto inputs = context.inputs_of(node);
  if (!inputs) return false;
  const auto params = ops::parse_pad_params(node, *inputs);
  return params && params->begin == decltype(params->begin){} &&
         params->end == decltype(params->end){};
}

bool slices_nothing(const Context& context, const Node& node) {
  const auto inputs = context.inputs_of(node);
  if (!inputs || !context.facts.has_exact_shapes()) return false;
  const auto params = ops::parse_slice_params(node, *inputs);
  return params && params->shape == inputs->front().shape &&
         std::all_of(params->steps.begin(), params->steps.end(),
                     [](int64_t step) { return step == 1; });
}

bool casts_to_same(const Context& context, const Node& node) {
  const DType dtype = context.facts.dtype(node.inputs[0]);
  if (dtype == DType::kUndefined) return false;
  if (node.op_type == "CastLike") return context.facts.dtype(node.inputs[1]) == dtype;
  const auto target = ops::parse_cast_target(node);
  return target && *target == dtype;
}

/// For each axis of a Transpose's output, the input's axis; empty where the rank is not known.
std::vector<size_t> permutation_of(const Context& context, const Node& node) {
  const ops::ValueInfo& input = context.facts[node.inputs[0]];
  if (!input.exists()) return {};
  return ops::parse_permutation(node, input.shape.rank()).value_or(std::vector<size_t>{});
}

/// Whether elements that are read with their axes in this order come in the order in which they
/// lie: axes of 1, which only `shape` tells, may stand anywhere.
bool keeps_order(const std::vector<size_t>& axes, const Shape* shape) {
  std::vector<size_t> moved;
  for (const size_t axis : axes) {
    if (shape == nullptr || (*shape)[axis] != 1) moved.push_back(axis);
  }
  return !axes.empty() && std::is_sorted(moved.begin(), moved.end());
}

bool transposes_nothing(const Context& context, const Node& node) {
  const std::vector<size_t> permutation = permutation_of(context, node);
  if (context.facts.have_same_shape(node.inputs[0], node.outputs[0])) {
    return keeps_order(permutation, &context.facts[node.inputs[0]].shape);
  }
  return keeps_order(permutation, nullptr);
}

bool is_no_op(const Context& context, const Node& node) {
  if (is_one_of(node, {"Concat", "Max", "Mean", "Min", "Sum"})) return node.inputs.size() == 1;
  if (is_one_of(node, {"Cast", "CastLike"})) return casts_to_same(context, node);
  if (node.op_type == "Identity") return true;
  if (node.op_type == "Dropout") return is_inference_dropout(context, node);
  if (node.op_type == "Pad") return pads_nothing(context, node);
  if (node.op_type == "Slice") return slices_nothing(context, node);
  if (node.op_type == "Transpose") return transposes_nothing(context, node);
  return keeps_elements(node) && context.facts.have_same_shape(node.inputs[0], node.outputs[0]);
}

/// The axes that Squeeze drops or Unsqueeze inserts, sorted, of the larger of the two shapes; empty
/// where they are not known.
std::vector<size_t> unit_axes(const Context& context, const Node& node) {
  const ops::ValueInfo& larger =
      context.facts[node.op_type == "Squeeze" ? node.inputs[0] : node.outputs[0]];
  const auto inputs = context.inputs_of(node);
  if (!larger.exists() || !inputs) return {};
  const auto given = ops::ints_argument(node, *inputs, "axes", 1, 13);
  if (!given) return {};
  auto axes = ops::normalize_axes(*given, larger.shape.rank()).value_or(std::vector<size_t>{});
  std::sort(axes.begin(), axes.end());
  return axes;
}

/// Whether a node undoes the one that writes its input, so that it gives what that one is given.
bool undoes(const Context& context, const Node& node, const Node& before) {
  if (node.op_type == "Transpose" && before.op_type == "Transpose") {
    const std::vector<size_t> first = permutation_of(context, before);
    std::vector<size_t> both = permutation_of(context, node);
    if (first.size() != both.size()) return false;
    for (size_t& axis : both) axis = first[axis];
    return keeps_order(both, nullptr);
  }
  if (!kIsSmallBuild && node.op_type == "Cast" && before.op_type == "Cast") {
    const auto target = ops::parse_cast_target(node);
    return before.find_attribute(kSumsIntegers) != nullptr && target && *target == DType::kFloat32;
  }
  if (!keeps_elements(node) || !keeps_elements(before)) return false;
  if (context.facts.have_same_shape(before.inputs[0], node.outputs[0])) return true;
  const bool is_pair = (node.op_type == "Squeeze" && before.op_type == "Unsqueeze") ||
                       (node.op_type == "Unsqueeze" && before.op_type == "Squeeze");
  const std::vector<size_t> axes = is_pair ? unit_axes(context, node) : std::vector<size_t>{};
  return !axes.empty() && axes == unit_axes(context, before);
}

/// The value that the node's first output always equals, if there is one.
std::optional<ValueId> equal_value(const Context& context, const Node& node) {
  const bool is_simple = node.domain.empty() && node.activation.is_identity() &&
                         !node.inputs.empty() && node.inputs[0] != kNoValue &&
                         std::all_of(node.outputs.begin() + 1, node.outputs.end(),
                                     [](ValueId id) { return id == kNoValue; });
  if (!is_simple) return std::nullopt;
  if (is_no_op(context, node)) return node.inputs[0];
  const Node* before = context.rewrite.producer(node.inputs[0]);
  const bool is_plain = before != nullptr && before->domain.empty() &&
                        before->activation.is_identity() && !before->inputs.empty();
  if (is_plain && undoes(context, node, *before)) return before->inputs[0];
  return std::nullopt;
}

}  // namespace

Status remove_no_ops(Graph& graph) {
  SYNSIGHT_TRY(remove_unused(graph));
  const ValueFacts facts(graph);
  Rewrite rewrite(graph);
  const Context context{rewrite, facts};
  for (size_t i = 0; i < rewrite.num_nodes(); ++i) {
    if (const auto source = equal_value(context, rewrite.node(i))) rewrite.forward(i, *source);
  }
  rewrite.finish();
  return remove_unused(graph);
}

}  // namespace synsight::optimize
