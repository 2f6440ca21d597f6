// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "core/backend/operand.h"
#include "core/backend/shape_plan.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace synsight {

/// One compiled node of a backend that makes a program of kernels: created once (weights are packed
/// then), prepared for each set of input shapes, run often.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// For people: `xnn convolution`, `borrowed`, ...
  virtual std::string_view name() const = 0;

  /// True for an input whose elements were packed at creation: a run does not read it.
  virtual bool has_packed(size_t /*input*/) const { return false; }

  /// True where the first output is the first input's bytes under another shape: nothing is run.
  virtual bool is_alias() const { return false; }

  /// Whether it can do operands of these types and shapes; else the backend is asked for another
  /// kernel. A program asks it only of kernels that packed nothing.
  virtual bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const = 0;

  /// Chooses the layouts in which it wants its inputs and gives its outputs, and, where a backend
  /// stores an element type in several ways, the dtypes. On entry each input is as it is at hand,
  /// outputs kPlain; a kernel that leaves them alone must cope with both. An input of lower rank
  /// that is wanted as kChannelsLast gets its shape extended to rank 4. Default: everything plain.
  virtual void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const;

  /// The bytes that `reshape` will take for these shapes beside the scratch memory, if they may be
  /// many.
  virtual double table_bytes(std::span<const Operand> /*inputs*/,
                             std::span<const Operand> /*outputs*/) const {
    return 0;
  }

  /// Prepares for the operands' shapes. Returns the bytes of scratch memory that `run` needs.
  virtual Result<size_t> reshape(std::span<const Operand> inputs,
                                 std::span<const Operand> outputs) = 0;

  /// Fixes the memory for the runs until the next reshape; an absent operand or packed input is
  /// null.
  virtual Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
                       void* scratch) = 0;

  /// Computes the outputs, or queues that. Allocates nothing.
  virtual Status run() = 0;
};

/// What a kernel's maker may look at.
struct Compilation {
  const Graph& graph;  // constant inputs have their elements here
  ShapePlan typical;   // shapes for the declared inputs: what is likely, never what is certain
  bool is_quantized;   // ops::quantizes(graph)

  /// The likely shape of a value; rank 0 where nothing is known.
  const Shape& typical_shape(ValueId id) const {
    return typical.values[static_cast<size_t>(id)].shape;
  }
};

/// Wants every rank-4 floating-point operand as kChannelsLast; outputs likewise.
void choose_channels_last(std::span<Operand> inputs, std::span<Operand> outputs);

/// For kernels that work element by element with broadcasting: channels last as soon as one fed
/// input already is.
void choose_elementwise(std::span<Operand> inputs, std::span<Operand> outputs);

/// The constant elements of a node's input, or an absent view where it is not constant.
TensorView constant_input(const Graph& graph, const Node& node, size_t input);

/// Whether a node has that input at all.
inline bool has_input(const Node& node, size_t input) {
  return input < node.inputs.size() && node.inputs[input] != kNoValue;
}

}  // namespace synsight
