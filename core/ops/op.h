// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::ops {

/// What is known of a value before a run. Values that are constant, or that shape arithmetic
/// settles, carry their elements.
struct ValueInfo {
  DType dtype = DType::kUndefined;  // kUndefined: an optional input that is absent
  Shape shape;
  const void* data = nullptr;  // null where only a run gives the elements

  bool exists() const { return dtype != DType::kUndefined; }
  bool is_known() const { return data != nullptr; }
  TensorView view() const { return {dtype, shape, data}; }
};

/// Checks a node's attributes and inputs and gives the dtype and shape of each output, in order;
/// `data` stays null. Has as many entries as the node has outputs. `inputs` has as many entries as
/// the node has inputs. Errors: kInvalidModel, kShapeMismatch, kUnsupportedOp (an attribute value),
/// kUnsupportedType.
using InferFn = Result<std::vector<ValueInfo>> (*)(const Node& node,
                                                   std::span<const ValueInfo> inputs);

/// The reference kernel: plain loops, the oracle for every backend. Outputs have the shapes that
/// InferFn gave; an output that the node leaves out has dtype kUndefined. Node::activation is
/// applied by the caller.
using KernelFn = Status (*)(const Node& node, std::span<const TensorView> inputs,
                            std::span<const MutableTensorView> outputs);

/// One row of the operator table: an ONNX operator in a range of opsets.
struct Op {
  std::string_view name;
  int64_t min_opset = 0;  // the first and last opset of the domain for which this row's rules hold
  int64_t max_opset = 0;
  size_t min_inputs = 0;
  size_t max_inputs = 0;  // kAnyNumber: no bound
  size_t max_outputs = 1;
  InferFn infer = nullptr;
  KernelFn kernel = nullptr;
};

inline constexpr size_t kAnyNumber = std::numeric_limits<size_t>::max();

/// The newest opset whose rules the table knows.
inline constexpr int64_t kNewestOpset = 28;
/// The oldest opset that the project supports.
inline constexpr int64_t kOldestOpset = 7;

/// Every supported operator of ONNX's default domain, sorted by name, then opset.
std::span<const Op> op_table();

/// The row for a node. Errors: kUnsupportedOp, naming the node, its domain and its opset;
/// kInvalidModel for a wrong number of inputs or outputs.
Result<const Op*> find_op(const Node& node);

/// Infers a node through the table; errors name the node.
Result<std::vector<ValueInfo>> infer(const Node& node, std::span<const ValueInfo> inputs);

/// Runs a node's reference kernel, then its fused activation; errors name the node.
Status run_reference(const Node& node, std::span<const TensorView> inputs,
                     std::span<const MutableTensorView> outputs);

}  // namespace synsight::ops
