// SPDX-License-Identifier: Apache-2.0
#include "core/ops/lrn.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<LrnParams> parse_lrn(const Node& node) {
  LrnParams params;
  SYNSIGHT_TRY_ASSIGN(params.size, int_attribute(node, "size", 0));
  SYNSIGHT_TRY_ASSIGN(params.alpha, float_attribute(node, "alpha", params.alpha));
  SYNSIGHT_TRY_ASSIGN(params.beta, float_attribute(node, "beta", params.beta));
  SYNSIGHT_TRY_ASSIGN(params.bias, float_attribute(node, "bias", params.bias));
  if (params.size < 1 || params.size > INT32_MAX) {
    return fail(ErrorCode::kInvalidModel,
                concat({"attribute \"size\" is ", params.size, ", wanted 1 to ", INT32_MAX}));
  }
  return params;
}

/// Y = LRN(X): see LrnParams. X, Y: [N,C,...] f32 or f64. Source: ONNX LRN-13.
Result<std::vector<ValueInfo>> infer_lrn(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(parse_lrn(node));
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, kFloatTypes));
  if (inputs[0].shape.rank() < 2) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"input has shape ", inputs[0].shape.to_string(), ", wanted [N,C,...]"}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

namespace {

template <typename T>
void lrn(const LrnParams& params, const TensorView& input, const MutableTensorView& output) {
  const auto x = input.as<T>();
  const auto y = output.as<T>();
  if (x.empty()) return;
  const int64_t num_channels = input.shape[1];
  const size_t plane_size = x.size() / static_cast<size_t>(input.shape[0] * num_channels);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto c = static_cast<int64_t>(i / plane_size) % num_channels;
    const int64_t first = std::max<int64_t>(c - params.before(), 0) - c;
    const int64_t last = std::min(c + params.after(), num_channels - 1) - c;
    double sum = 0;
    for (int64_t offset = first; offset <= last; ++offset) {
      const double neighbour = x[i + static_cast<size_t>(offset) * plane_size];
      sum += neighbour * neighbour;
    }
    const double scale = params.bias + params.alpha / static_cast<double>(params.size) * sum;
    y[i] = static_cast<T>(x[i] / std::pow(scale, params.beta));
  }
}

}  // namespace

Status run_lrn(const Node& node, std::span<const TensorView> inputs,
               std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const LrnParams params, parse_lrn(node));
  visit_element_type<float, double>(
      inputs[0].dtype, [&](auto type) { lrn<decltype(type)>(params, inputs[0], outputs[0]); });
  return {};
}

}  // namespace synsight::ops
