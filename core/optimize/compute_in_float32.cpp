// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/optimize/optimize.h"
#include "core/optimize/rewrite.h"
#include "core/tensor/convert.h"

namespace synsight::optimize {

namespace {

/// A float type that is not computed in, by its number in ONNX's TensorProto.DataType.
struct OtherFloat {
  DType dtype;
  int64_t number;
};

constexpr OtherFloat kOtherFloats[] = {
    {DType::kFloat16, 10}, {DType::kFloat64, 11}, {DType::kBFloat16, 16}};
constexpr int64_t kFloat32Number = 1;

/// The entry of kOtherFloats, or null.
const OtherFloat* find_other_float(DType dtype) {
  const auto* found = std::find_if(std::begin(kOtherFloats), std::end(kOtherFloats),
                                   [&](const OtherFloat& other) { return other.dtype == dtype; });
  return found == std::end(kOtherFloats) ? nullptr : found;
}

bool is_other_float_number(int64_t number) {
  return std::any_of(std::begin(kOtherFloats), std::end(kOtherFloats),
                     [&](const OtherFloat& other) { return other.number == number; });
}

Status convert_to_float32(Tensor& tensor) {
  if (find_other_float(tensor.dtype()) == nullptr) return {};
  SYNSIGHT_TRY_ASSIGN(tensor, convert(tensor.view(), DType::kFloat32));
  return {};
}

/// By ValueId: whether a node that is no Cast reads it.
std::vector<bool> find_computed_with(const Graph& graph) {
  std::vector<bool> is_computed_with(graph.values.size(), false);
  for (const Node& node : graph.nodes) {
    if (node.op_type == "Cast") continue;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) is_computed_with[static_cast<size_t>(id)] = true;
    }
  }
  return is_computed_with;
}

/// The half-precision type of a Cast that is there to round, because nothing but Casts reads what
/// it gives; else null.
const OtherFloat* rounding_target(const Node& node, const std::vector<bool>& is_computed_with) {
  const Attribute* to = node.op_type == "Cast" ? node.find_attribute("to") : nullptr;
  const auto* number = to == nullptr ? nullptr : std::get_if<int64_t>(&to->value);
  if (number == nullptr || is_computed_with[static_cast<size_t>(node.outputs[0])]) return nullptr;
  for (const OtherFloat& other : kOtherFloats) {
    if (other.dtype != DType::kFloat64 && other.number == *number) return &other;
  }
  return nullptr;
}

/// Constants in attributes, and attributes that name an element type, but those that round.
Status convert_attributes(Node& node, const std::vector<bool>& is_computed_with) {
  if (rounding_target(node, is_computed_with) != nullptr) return {};
  for (Attribute& attribute : node.attributes) {
    if (auto* tensor = std::get_if<Tensor>(&attribute.value)) {
      SYNSIGHT_TRY(convert_to_float32(*tensor));
    }
    const bool names_type = attribute.name == "to" || attribute.name == "dtype" ||
                            attribute.name == "output_dtype" || attribute.name == "stash_type";
    auto* number = std::get_if<int64_t>(&attribute.value);
    if (names_type && number != nullptr && is_other_float_number(*number)) {
      *number = kFloat32Number;
    }
  }
  return {};
}

Node make_cast(const Graph& graph, ValueId input, ValueId output, int64_t to) {
  constexpr int64_t kCastOpset = 13;
  Node node;
  node.name = unique_node_name(graph, graph.value(output).name + "/cast");
  node.op_type = "Cast";
  node.opset = kCastOpset;
  node.inputs = {input};
  node.outputs = {output};
  node.attributes.push_back({"to", to});
  return node;
}

/// A new f32 value, which all nodes read and write instead of `id`.
ValueId add_inner_value(Graph& graph, ValueId id) {
  Value inner;
  inner.name = graph.value(id).name + "/float32";
  inner.dtype = DType::kFloat32;
  inner.shape = graph.value(id).shape;
  inner.has_shape = graph.value(id).has_shape;
  const ValueId inner_id = graph.add_value(std::move(inner));
  for (Node& node : graph.nodes) {
    std::replace(node.inputs.begin(), node.inputs.end(), id, inner_id);
    std::replace(node.outputs.begin(), node.outputs.end(), id, inner_id);
  }
  return inner_id;
}

bool contains(const std::vector<ValueId>& ids, ValueId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void cast_input(Graph& graph, ValueId id) {
  const ValueId inner = add_inner_value(graph, id);
  graph.nodes.insert(graph.nodes.begin(), make_cast(graph, id, inner, kFloat32Number));
}

Status cast_output(Graph& graph, ValueId id, int64_t number) {
  const ValueId inner = add_inner_value(graph, id);
  Value& output = graph.value(id);
  if (std::exchange(output.is_initializer, false)) {
    graph.value(inner).is_initializer = true;
    SYNSIGHT_TRY(convert_to_float32(output.initializer));
    graph.value(inner).initializer = std::exchange(output.initializer, Tensor());
  }
  graph.nodes.push_back(make_cast(graph, inner, id, number));
  return {};
}

/// A Cast to half precision rounds, which f32 alone would not: another Cast brings the numbers
/// back.
void cast_back(Graph& graph, const std::vector<bool>& is_computed_with) {
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const OtherFloat* target = rounding_target(graph.nodes[i], is_computed_with);
    if (target == nullptr) continue;
    const ValueId output = graph.nodes[i].outputs[0];
    Value rounded;
    rounded.name = graph.value(output).name + "/rounded";
    rounded.dtype = target->dtype;
    rounded.shape = graph.value(output).shape;
    rounded.has_shape = graph.value(output).has_shape;
    const ValueId rounded_id = graph.add_value(std::move(rounded));
    graph.nodes[i].outputs[0] = rounded_id;
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                       make_cast(graph, rounded_id, output, kFloat32Number));
  }
}

}  // namespace

Status compute_in_float32(Graph& graph) {
  const std::vector<bool> is_computed_with = find_computed_with(graph);
  for (Node& node : graph.nodes) SYNSIGHT_TRY(convert_attributes(node, is_computed_with));
  const size_t num_values = graph.values.size();
  cast_back(graph, is_computed_with);
  for (size_t i = 0; i < num_values; ++i) {
    const auto id = static_cast<ValueId>(i);
    const OtherFloat* other = find_other_float(graph.value(id).dtype);
    if (other == nullptr) continue;
    if (contains(graph.inputs, id)) {
      cast_input(graph, id);
    } else if (contains(graph.outputs, id)) {
      SYNSIGHT_TRY(cast_output(graph, id, other->number));
    } else {
      SYNSIGHT_TRY(convert_to_float32(graph.value(id).initializer));
      graph.value(id).dtype = DType::kFloat32;
    }
  }
  return {};
}

}  // namespace synsight::optimize
