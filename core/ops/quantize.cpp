// SPDX-License-Identifier: Apache-2.0
#include "core/ops/quantize.h"

#include <algorithm>
#include <type_traits>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

bool quantizes(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return is_op(node, "QuantizeLinear") || is_op(node, "DynamicQuantizeLinear") ||
           node.find_attribute(kSumsIntegers) != nullptr;
  });
}

Result<QuantizationParams> parse_quantization(const Node& node, const Shape& input,
                                              const Shape& scale) {
  SYNSIGHT_TRY_ASSIGN(const int64_t block_size, int_attribute(node, "block_size", 0));
  if (block_size != 0) {
    return fail(ErrorCode::kUnsupportedOp,
                concat({"attribute \"block_size\" is ", block_size, ", supported is 0"}));
  }
  QuantizationParams params;
  if (scale.rank() == 0 || scale == Shape{1}) {
    params.inner = input.num_elements();
    return params;
  }
  SYNSIGHT_TRY_ASSIGN(const int64_t axis_attribute, int_attribute(node, "axis", 1));
  SYNSIGHT_TRY_ASSIGN(const size_t axis, normalize_axis(axis_attribute, input.rank(), "axis"));
  if (scale != Shape{input[axis]}) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"scale has shape ", scale.to_string(), ", wanted [] or [", input[axis],
                        "], the input's dimension ", axis}));
  }
  params.axis = axis;
  params.num_scales = static_cast<size_t>(input[axis]);
  for (size_t i = 0; i < input.rank(); ++i) {
    if (i < axis) params.outer *= static_cast<size_t>(input[i]);
    if (i > axis) params.inner *= static_cast<size_t>(input[i]);
  }
  return params;
}

namespace {

// The numbers that TensorProto.DataType gives to element types, for the attribute output_dtype.
Result<DType> output_dtype_attribute(const Node& node, DType fallback) {
  SYNSIGHT_TRY_ASSIGN(const int64_t number, int_attribute(node, "output_dtype", 0));
  switch (number) {
    case 0:
      return fallback;
    case 1:
      return DType::kFloat32;
    case 2:
      return DType::kUInt8;
    case 3:
      return DType::kInt8;
    case 4:
      return DType::kUInt16;
    case 5:
      return DType::kInt16;
    default:
      return fail(ErrorCode::kUnsupportedType,
                  concat({"attribute \"output_dtype\" is ", number, ", which is not supported"}));
  }
}

Status check_zero_point(std::span<const ValueInfo> inputs) {
  if (inputs.size() < 3 || !inputs[2].exists() || inputs[2].shape == inputs[1].shape) return {};
  // ONNX Runtime writes one scale as [1] and its zero point as a scalar.
  if (inputs[2].shape.num_elements() == 1 && inputs[1].shape.num_elements() == 1) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({"zero point has shape ", inputs[2].shape.to_string(),
                      ", wanted the scale's, ", inputs[1].shape.to_string()}));
}

// Calls visit(first element, scale) for the index of every scale wherever it holds for the next
// `inner` elements.
template <typename Visitor>
void for_each_run(const QuantizationParams& params, const Visitor& visit) {
  for (size_t run = 0; run < params.outer * params.num_scales; ++run) {
    visit(run * params.inner, run % params.num_scales);
  }
}

template <typename X, typename Y>
void quantize(const QuantizationParams& params, std::span<const X> x, std::span<const float> scale,
              const TensorView& zero_point, std::span<Y> y) {
  for_each_run(params, [&](size_t first, size_t s) {
    const Y zero = zero_point.exists() ? zero_point.as<Y>()[s] : Y{0};
    quantize_run(x.data() + first, params.inner, scale[s], zero, y.data() + first);
  });
}

template <typename X>
void dequantize(const QuantizationParams& params, std::span<const X> x,
                std::span<const float> scale, const TensorView& zero_point, std::span<float> y) {
  using Wide = std::conditional_t<std::is_same_v<X, int32_t>, int64_t, int32_t>;
  for_each_run(params, [&](size_t first, size_t s) {
    const Wide zero = zero_point.exists() ? zero_point.as<X>()[s] : 0;
    const float step = scale[s];
    const X* from = x.data() + first;
    float* to = y.data() + first;
    for (size_t i = 0; i < params.inner; ++i) to[i] = static_cast<float>(from[i] - zero) * step;
  });
}

}  // namespace

/// Y = saturate(round(X / scale) + zero point), halves to the even number. X: f32 or int32, scale:
/// f32, Y: 8- or 16-bit integers. Source: ONNX QuantizeLinear-10, -13, -21.
Result<std::vector<ValueInfo>> infer_quantize_linear(const Node& node,
                                                     std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("input", inputs[0].dtype, {DType::kFloat32, DType::kInt32}));
  SYNSIGHT_TRY(check_dtype("scale", inputs[1].dtype, {DType::kFloat32}));
  SYNSIGHT_TRY(parse_quantization(node, inputs[0].shape, inputs[1].shape));
  SYNSIGHT_TRY(check_zero_point(inputs));
  const bool has_zero_point = inputs.size() > 2 && inputs[2].exists();
  const DType default_dtype = has_zero_point ? inputs[2].dtype : DType::kUInt8;
  SYNSIGHT_TRY_ASSIGN(const DType dtype, output_dtype_attribute(node, default_dtype));
  SYNSIGHT_TRY(
      check_dtype("output", dtype, {DType::kUInt8, DType::kInt8, DType::kUInt16, DType::kInt16}));
  if (has_zero_point) SYNSIGHT_TRY(check_dtype("zero point", inputs[2].dtype, {dtype}));
  return std::vector<ValueInfo>{{dtype, inputs[0].shape}};
}

Status run_quantize_linear(const Node& node, std::span<const TensorView> inputs,
                           std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params,
                      parse_quantization(node, inputs[0].shape, inputs[1].shape));
  visit_element_type<float, int32_t>(inputs[0].dtype, [&](auto from) {
    visit_element_type<uint8_t, int8_t, uint16_t, int16_t>(outputs[0].dtype, [&](auto to) {
      quantize(params, inputs[0].as<decltype(from)>(), inputs[1].as<float>(), input_at(inputs, 2),
               outputs[0].as<decltype(to)>());
    });
  });
  return {};
}

/// Y = (X - zero point) * scale. X: 8- or 16-bit integers or int32, scale, Y: f32. Source: ONNX
/// DequantizeLinear-10, -13, -21.
Result<std::vector<ValueInfo>> infer_dequantize_linear(const Node& node,
                                                       std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(
      check_dtype("input", inputs[0].dtype,
                  {DType::kUInt8, DType::kInt8, DType::kUInt16, DType::kInt16, DType::kInt32}));
  SYNSIGHT_TRY(check_dtype("scale", inputs[1].dtype, {DType::kFloat32}));
  SYNSIGHT_TRY(parse_quantization(node, inputs[0].shape, inputs[1].shape));
  SYNSIGHT_TRY(check_zero_point(inputs));
  if (inputs.size() > 2 && inputs[2].exists()) {
    SYNSIGHT_TRY(check_dtype("zero point", inputs[2].dtype, {inputs[0].dtype}));
  }
  SYNSIGHT_TRY_ASSIGN(const DType dtype, output_dtype_attribute(node, DType::kFloat32));
  SYNSIGHT_TRY(check_dtype("output", dtype, {DType::kFloat32}));
  return std::vector<ValueInfo>{{dtype, inputs[0].shape}};
}

Status run_dequantize_linear(const Node& node, std::span<const TensorView> inputs,
                             std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params,
                      parse_quantization(node, inputs[0].shape, inputs[1].shape));
  visit_element_type<uint8_t, int8_t, uint16_t, int16_t, int32_t>(inputs[0].dtype, [&](auto from) {
    dequantize(params, inputs[0].as<decltype(from)>(), inputs[1].as<float>(), input_at(inputs, 2),
               outputs[0].as<float>());
  });
  return {};
}

}  // namespace synsight::ops
