// SPDX-License-Identifier: Apache-2.0
#include "core/ops/evaluate.h"

#include <utility>

#include "core/ops/arguments.h"

namespace synsight::ops {

Result<std::vector<Tensor>> evaluate(const Node& node, std::span<const ValueInfo> inputs,
                                     std::span<const ValueInfo> outputs) {
  std::vector<Tensor> tensors(outputs.size());
  std::vector<MutableTensorView> views(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    auto tensor = Tensor::allocate(outputs[i].dtype, outputs[i].shape);
    if (!tensor) return fail_at(node, std::move(tensor).error());
    tensors[i] = *std::move(tensor);
    views[i] = tensors[i].mutable_view();
  }
  SYNSIGHT_TRY(run_reference(node, views_of(inputs), views));
  return tensors;
}

bool is_moderate(std::span<const ValueInfo> inputs, std::span<const ValueInfo> outputs,
                 size_t always_bytes) {
  constexpr size_t kMaxGrowth = 4;
  size_t input_bytes = 0;
  size_t output_bytes = 0;
  for (const ValueInfo& input : inputs) input_bytes += input.view().size_bytes();
  for (const ValueInfo& output : outputs) output_bytes += output.view().size_bytes();
  return output_bytes <= always_bytes || (output_bytes - always_bytes) / kMaxGrowth <= input_bytes;
}

}  // namespace synsight::ops
