// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/attribute.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// An index into Graph::values.
using ValueId = int32_t;

/// An optional input or output that a node leaves out.
inline constexpr ValueId kNoValue = -1;

/// What flows between nodes. A constant one is an initializer.
struct Value {
  std::string name;
  DType dtype = DType::kUndefined;  // declared, or an initializer's; kUndefined where unknown
  Shape shape;                      // declared, with -1 for unknown dimensions, or an initializer's
  bool has_shape = false;           // false: not even the rank is declared
  bool is_initializer = false;
  Tensor initializer;  // the constant; a backend may release it once packed, dtype and shape stay
};

/// A clamp that is applied to a node's only output after the operator itself: a fused Relu or Clip.
struct ActivationRange {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();

  bool is_identity() const {
    return min == -std::numeric_limits<float>::infinity() &&
           max == std::numeric_limits<float>::infinity();
  }
};

/// One operator applied to values. Names and op_type are spelled as in the ONNX file.
struct Node {
  std::string name;  // unique; made up from the op_type and position where the file has none
  std::string op_type;
  std::string domain;  // empty for ONNX's own operators
  int64_t opset = 0;   // the version of `domain` that the model imports
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Attribute> attributes;
  ActivationRange activation;

  /// The attribute of that name, or null.
  const Attribute* find_attribute(std::string_view attribute_name) const;
};

/// Whether it is this operator of ONNX's own.
bool is_op(const Node& node, std::string_view op_type);

/// A network: nodes in topological order, joined by values.
struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;   // what a caller feeds; never initializers
  std::vector<ValueId> outputs;  // what a caller gets
  std::map<std::string, std::string, std::less<>> metadata;  // ONNX's metadata_props
  int64_t ir_version = 0;
  std::string producer;  // producer_name and version, for people

  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }

  /// Appends a value and returns its id.
  ValueId add_value(Value value);
  /// Appends an initializer that holds `tensor`.
  ValueId add_initializer(std::string value_name, Tensor tensor);
};

/// Checks the rules that everything behind the reader relies on: ids in range, every value written
/// at most once and before it is read, inputs and initializers written by no node, outputs
/// produced, node names unique and not empty. Errors: kInvalidModel, naming the node or value.
Status validate(const Graph& graph);

/// `node "conv1" (Conv)`, for messages.
std::string describe(const Node& node);

/// The failing half of a Result, its message led by the node's description unless it names a node
/// already.
tl::unexpected<Error> fail_at(const Node& node, Error error);

/// For each value, how often nodes read it and the graph returns it.
std::vector<int> count_uses(const Graph& graph);

/// For each value, the index of the node that writes it, or -1.
std::vector<int> find_producers(const Graph& graph);

}  // namespace synsight
