// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::cuda {

/// A Conv in integers: Y = saturate(round(clamp((Conv(X - x_zero, weights) + bias) * scale +
/// offset) / y_step) + y_zero), halves to the even number. X and Y: int8 or uint8. No sum overflows
/// 32 bits.
struct QuantizedLayer {
  Tensor weights;               // int8, of the Conv's shape [M,C/group,k1,...]
  std::vector<int32_t> bias;    // [M]
  std::vector<float> scales;    // [M]
  std::vector<int32_t> totals;  // [M]: of each filter's weights
  std::vector<float> offsets;   // [M]
  ActivationRange clamp;
  float y_step = 1;
  int x_zero = 0;
  int y_zero = 0;
  /// The graph's Conv sums floats that are no integers, and so rounds what this does not.
  bool is_rounded = false;
};

/// DequantizeLinear -> Conv -> QuantizeLinear, by their places among the graph's nodes, with a
/// constant Mul or Add before the last. The pass compute_in_integers leaves two kinds:
/// - With a Mul, the first and the last have a scale of 1; the Conv's weights and bias are integers
///   times a power of two, and the Mul has the rest of the scale. Floats of it are exact.
/// - Without, the scales are the file's; the weights are integers times a step, rounded.
struct QuantizedGroup {
  size_t dequantize = 0;
  size_t conv = 0;
  std::optional<size_t> middle;  // the Mul or Add
  size_t quantize = 0;
  bool shares_input = false;  // others read what the DequantizeLinear gives

  /// Those whose work the Conv does while the group is fused.
  std::vector<size_t> others() const;
};

/// The groups whose inner values nobody else reads.
std::vector<QuantizedGroup> find_quantized_groups(const Graph& graph);

/// What a group computes; without scales where it is none of these kinds, or the weights need more
/// than 8 bits.
Result<QuantizedLayer> find_quantized_layer(const Graph& graph, const QuantizedGroup& group);

/// A group with the kernel that computes it on 8-bit values. The Conv gets one of its own where
/// somebody watches a run and wants the values between.
struct FusedGroup {
  QuantizedGroup group;
  std::unique_ptr<Kernel> kernel;
};

/// While it lives, the Convs of these groups read and write 8-bit values, by the groups' kernels,
/// and the other nodes do nothing: for laying out a program, as FusedResiduals.
class FusedGroups {
 public:
  FusedGroups(Graph& graph, std::vector<std::unique_ptr<Kernel>>& kernels,
              std::vector<FusedGroup*> groups);
  FusedGroups(const FusedGroups&) = delete;
  FusedGroups& operator=(const FusedGroups&) = delete;
  ~FusedGroups();

 private:
  /// What a node has in the state in which it is not.
  struct Joints {
    size_t node = 0;
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;
  };
  void swap_all();

  Graph& graph_;
  std::vector<std::unique_ptr<Kernel>>& kernels_;
  std::vector<FusedGroup*> groups_;
  std::vector<Joints> others_;
};

}  // namespace synsight::cuda
