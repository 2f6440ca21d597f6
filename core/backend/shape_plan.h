// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/ops/op.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// Every value's dtype and shape for given input shapes.
struct ShapePlan {
  std::vector<ops::ValueInfo> values;  // by ValueId; a value that is settled carries its elements
  std::vector<bool> is_settled;        // by node: all its outputs are known, it needs no run
  std::vector<Tensor> computed;        // owns the elements that shape arithmetic gave

  /// The ValueInfos of a node's inputs or outputs, in order; absent ones do not exist().
  std::vector<ops::ValueInfo> infos_of(std::span<const ValueId> ids) const;
};

/// Infers the shapes of all values and evaluates, by the reference kernels, every node whose inputs
/// are all known, unless its results are very large (ops::is_moderate). `input_shapes` are those of
/// graph.inputs, in order. Errors: kShapeMismatch and what operators answer, naming the node.
Result<ShapePlan> plan_shapes(const Graph& graph, std::span<const Shape> input_shapes);

/// Checks that a run's memory can be had: the arena, and the inputs and outputs, which the caller
/// holds. Errors: kOutOfMemory.
Status check_run_memory(const Graph& graph, const ShapePlan& plan, size_t arena_bytes);

/// Typical shapes for the graph's inputs: as declared, an unknown first dimension (the batch) as 1
/// and any other as `unknown_side`, but for channels. Errors: kShapeMismatch where not even the
/// rank is declared.
Result<std::vector<Shape>> default_input_shapes(const Graph& graph, int64_t unknown_side = 224);

/// Whether an input is pictures, channels first, that leave open how many channels they have, as
/// Hugging Face's exporter writes them. They are taken to have three.
bool has_open_channels(const Shape& shape);

}  // namespace synsight
