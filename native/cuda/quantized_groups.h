// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/tensor.h"

namespace synsight::cuda {

/// A Conv in integers: Y = saturate(round((Conv(X - x_zero, weights) + bias) * scale) + y_zero),
/// halves to the even number. X and Y: int8 or uint8. No sum overflows 32 bits.
struct QuantizedLayer {
  Tensor weights;               // int8, of the Conv's shape [M,C/group,k1,...]
  std::vector<int32_t> bias;    // [M]
  std::vector<float> scales;    // [M]
  std::vector<int32_t> totals;  // [M]: of each filter's weights
  int x_zero = 0;
  int y_zero = 0;
};

/// DequantizeLinear -> Conv -> Mul -> QuantizeLinear, as the pass compute_in_integers leaves them,
/// by their places among the graph's nodes. The first and the last have a scale of 1; the Conv's
/// weights and bias are integers times a power of two, and the Mul has the rest of the scale.
struct QuantizedGroup {
  size_t dequantize = 0;
  size_t conv = 0;
  size_t mul = 0;
  size_t quantize = 0;

  /// Those whose work the Conv does while the group is fused.
  std::vector<size_t> others() const { return {dequantize, mul, quantize}; }
};

/// The groups whose inner values nobody else reads.
std::vector<QuantizedGroup> find_quantized_groups(const Graph& graph);

/// What a group computes; of no weights where they are not constant, or need more than 8 bits.
Result<QuantizedLayer> find_quantized_layer(const Graph& graph, const QuantizedGroup& group);

/// A group with the kernel that computes it on 8-bit values. Its nodes keep their own, for those
/// who watch a run and want the values between.
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
