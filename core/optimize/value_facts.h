// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/graph/graph.h"
#include "core/ops/op.h"

namespace synsight::optimize {

/// What can be said of a graph's values before its inputs are there. Where an input declares an
/// unknown dimension a typical one stands in for it: dtypes and ranks then hold, dimensions and
/// computed elements need not.
class ValueFacts {
 public:
  explicit ValueFacts(const Graph& graph);

  /// Whether every input declares all its dimensions, so that shapes hold as well.
  bool has_exact_shapes() const { return has_exact_shapes_; }

  /// The value's dtype and shape; does not exist() where nothing could be inferred.
  const ops::ValueInfo& operator[](ValueId id) const;

  /// The value's dtype, inferred or else declared; kUndefined where it is neither.
  DType dtype(ValueId id) const;

  /// Whether two values have one shape, whatever the inputs are.
  bool have_same_shape(ValueId a, ValueId b) const;

 private:
  void infer_node(const Node& node);

  const Graph& graph_;
  bool has_exact_shapes_ = true;
  std::vector<ops::ValueInfo> values_;  // by ValueId
  std::vector<Tensor> computed_;        // owns the elements of shape arithmetic
};

}  // namespace synsight::optimize
