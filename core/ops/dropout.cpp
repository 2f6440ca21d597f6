// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

// Since opset 12 the third input, a bool, asks for training.
Status check_inference(std::span<const ValueInfo> inputs) {
  if (inputs.size() < 3 || !inputs[2].exists()) return {};
  SYNSIGHT_TRY(check_dtype("training_mode", inputs[2].dtype, {DType::kBool}));
  const TensorView mode = inputs[2].view();
  if (mode.data != nullptr && mode.shape.num_elements() == 1 && !mode.as<bool>()[0]) return {};
  return fail(ErrorCode::kUnsupportedOp,
              "training_mode is not constant false: training is not supported, only inference");
}

}  // namespace

/// Y = X at inference; mask, which may be absent, is all ones: bool, before opset 10 of X's type.
/// X, Y: f32 or f64. Source: ONNX Dropout-7, -10, -12.
Result<std::vector<ValueInfo>> infer_dropout(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_inference(inputs));
  std::vector<ValueInfo> outputs(node.outputs.size(), {inputs[0].dtype, inputs[0].shape});
  if (outputs.size() > 1 && node.opset >= 10) outputs[1].dtype = DType::kBool;
  return outputs;
}

Status run_dropout(const Node& node, std::span<const TensorView> inputs,
                   std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY(run_copy(node, inputs.first(1), outputs.first(1)));
  if (outputs.size() < 2) return {};
  visit_element_type<float, double, bool>(outputs[1].dtype, [&](auto type) {
    const auto mask = outputs[1].as<decltype(type)>();
    std::fill(mask.begin(), mask.end(), decltype(type){1});
  });
  return {};
}

}  // namespace synsight::ops
