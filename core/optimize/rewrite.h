// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::optimize {

/// A graph under one pass, with who reads and writes each value, kept up to date by the functions
/// below. A node that is taken out leaves an empty one (no op_type) in its place until `finish`; an
/// initializer that nothing reads any more is freed at once.
class Rewrite {
 public:
  explicit Rewrite(Graph& graph);

  Graph& graph() { return graph_; }
  size_t num_nodes() const { return graph_.nodes.size(); }
  Node& node(size_t index) { return graph_.nodes[index]; }

  /// How often nodes read the value and the graph returns it.
  int uses(ValueId id) const { return uses_[static_cast<size_t>(id)]; }

  /// The node that writes the value, or null.
  Node* producer(ValueId id);

  /// The node that writes a value which one node reads and nothing else: the two can be merged.
  Node* sole_producer(ValueId id);

  /// The elements of an input that is an initializer; else a view that does not exist().
  TensorView constant(const Node& node, size_t input) const;

  /// Takes out a node whose first output always equals `source`: its readers read that instead, or,
  /// where the graph returns the output, `source`'s producer writes it. False, and nothing is done,
  /// where neither is possible.
  bool forward(size_t index, ValueId source);

  /// Takes out a node that `producer` does from now on: it writes the node's first output instead
  /// of its own.
  void merge(size_t index, Node& producer);

  /// Takes out a node whose outputs are these constants.
  void replace_by_constants(size_t index, std::vector<Tensor> outputs);

  /// Lets a node read another value; `input` may be one past its last.
  void set_input(Node& node, size_t input, ValueId id);

  /// Drops the empty nodes.
  void finish();

 private:
  void read(ValueId id, int count);
  void take_out(size_t index);
  void replace_in_readers(ValueId from, ValueId to);

  Graph& graph_;
  std::vector<int> uses_;
  std::vector<int> producers_;
};

/// `name`, or where a node has that name already, one like it.
std::string unique_node_name(const Graph& graph, std::string name);

/// Makes a value that nothing reads no initializer any more, and frees its elements.
void release_initializer(Value& value);

/// Sets or replaces a node's attribute.
void set_attribute(Node& node, Attribute attribute);

}  // namespace synsight::optimize
