// SPDX-License-Identifier: Apache-2.0
#include "core/optimize/optimize.h"

namespace synsight::optimize {

Status optimize(Graph& graph) {
  using Pass = Status (*)(Graph&);
  // What folding makes constant shows further no-ops.
  constexpr Pass kPasses[] = {remove_unused,
                              compute_in_float32,
                              remove_no_ops,
                              replace_einsum,
                              fold_quantized_constants,
                              compute_in_integers,
                              fold_constants,
                              remove_no_ops,
                              join_layer_normalization,
                              fold_padding,
                              fold_batch_normalization,
                              fuse_activations,
                              remove_unused};
  for (const Pass pass : kPasses) SYNSIGHT_TRY(pass(graph));
  return validate(graph);
}

}  // namespace synsight::optimize
