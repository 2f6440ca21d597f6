// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/backend/kernel.h"
#include "core/backend/shape_plan.h"
#include "core/graph/graph.h"

namespace synsight::cuda {

/// The input at which a Conv has Z, of its output's shape, while it does an Add as well:
/// Y = activation(Conv(X, W) + B + Z). ONNX has none; ONNX Runtime's FusedConv has it there.
inline constexpr size_t kResidualInput = 3;

/// A Conv and the Add that alone reads its output, by their places among the graph's nodes.
struct Residual {
  size_t conv = 0;
  size_t add = 0;
  ValueId z = kNoValue;  // what is added; there before the Conv
};

/// Those whose Conv's kernel can do the Add: nothing broadcasts, and nothing comes between the two.
/// Of two Convs that are added it is the later one's.
std::vector<Residual> find_residuals(const Graph& graph, const ShapePlan& shapes,
                                     std::span<const std::unique_ptr<Kernel>> kernels);

/// While it lives, Convs do those Adds, and these do nothing: for laying out a program, whose
/// kernels look at their nodes until they are set up.
class FusedResiduals {
 public:
  FusedResiduals(Graph& graph, std::vector<Residual> residuals);
  FusedResiduals(const FusedResiduals&) = delete;
  FusedResiduals& operator=(const FusedResiduals&) = delete;
  ~FusedResiduals();

 private:
  /// What a node has in one of two states: fused while this lives, its own otherwise.
  struct Joints {
    std::vector<ValueId> inputs;
    std::vector<ValueId> outputs;
    ActivationRange activation;
  };
  struct Pair {
    Joints conv;
    Joints add;
  };
  void swap_all();
  static void swap(Node& node, Joints& joints);

  Graph& graph_;
  std::vector<Residual> residuals_;
  std::vector<Pair> others_;  // of each residual, the state in which it is not
};

}  // namespace synsight::cuda
