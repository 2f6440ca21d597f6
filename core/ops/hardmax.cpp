// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/softmax.h"

namespace synsight::ops {

/// Y = Hardmax(X): 1 for the first of the largest elements along SoftmaxParams' length, 0 for all
/// others. X, Y: f32 or f64. Source: ONNX Hardmax-13.
Status run_hardmax(const Node& node, std::span<const TensorView> inputs,
                   std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const SoftmaxParams params, parse_softmax(node, inputs[0].shape));
  if (params.length == 0) return {};
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const auto x = inputs[0].as<T>();
    const auto y = outputs[0].as<T>();
    std::fill(y.begin(), y.end(), T{0});
    for (size_t column = 0; column < params.outer * params.inner; ++column) {
      const size_t first =
          column / params.inner * params.length * params.inner + column % params.inner;
      size_t best = first;
      for (size_t i = 1; i < params.length; ++i) {
        const size_t at = first + i * params.inner;
        if (x[at] > x[best]) best = at;
      }
      y[best] = 1;
    }
  });
  return {};
}

}  // namespace synsight::ops
