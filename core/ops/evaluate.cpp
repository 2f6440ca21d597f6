// SPDX-License-Identifier: Apache-2.0
#include "core/ops/evaluate.h"

#include "core/ops/arguments.h"

namespace synsight::ops {

Result<std::vector<Tensor>> evaluate(const Node& node, std::span<const ValueInfo> inputs,
                                     std::span<const ValueInfo> outputs) {
  std::vector<Tensor> tensors(outputs.size());
  std::vector<MutableTensorView> views(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    SYNSIGHT_TRY_ASSIGN(tensors[i], Tensor::allocate(outputs[i].dtype, outputs[i].shape));
    views[i] = tensors[i].mutable_view();
  }
  SYNSIGHT_TRY(run_reference(node, views_of(inputs), views));
  return tensors;
}

}  // namespace synsight::ops
