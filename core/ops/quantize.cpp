// SPDX-License-Identifier: Apache-2.0
#include "core/ops/quantize.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

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

// Calls visit(first, count, scale) for every few elements that lie together and have one scale.
template <typename Visitor>
void for_each_run(const QuantizationParams& params, const Visitor& visit) {
  constexpr size_t kMostElements = 4096;
  size_t first = 0;
  for (size_t outer = 0; outer < params.outer; ++outer) {
    for (size_t scale = 0; scale < params.num_scales; ++scale) {
      for (size_t left = params.inner; left > 0;) {
        const size_t count = std::min(left, kMostElements);
        visit(first, count, scale);
        first += count;
        left -= count;
      }
    }
  }
}

template <typename X, typename Y>
void quantize(const QuantizationParams& params, std::span<const X> x, std::span<const float> scale,
              const TensorView& zero_point, std::span<Y> y) {
  for_each_run(params, [&](size_t first, size_t count, size_t s) {
    const Y zero = zero_point.exists() ? zero_point.as<Y>()[s] : Y{0};
    quantize_run(&x[first], count, scale[s], zero, &y[first]);
  });
}

// Whole networks' weights, which a page waits for: four at a time, and in a function that is called
// often, because WebAssembly is compiled better only from one call to the next.
template <typename X>
[[gnu::noinline]] void dequantize_run(std::span<const X> x, X zero_point, float scale, float* y) {
  using Wide = std::conditional_t<std::is_same_v<X, int32_t>, int64_t, int32_t>;
  const Wide zero = zero_point;
  size_t i = 0;
  if constexpr (sizeof(X) == 1) {
    constexpr size_t kLanes = 4;
    using Elements = X __attribute__((vector_size(kLanes * sizeof(X))));
    using Integers = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));
    using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
    for (; i + kLanes <= x.size(); i += kLanes) {
      Elements elements;
      std::memcpy(&elements, &x[i], sizeof elements);
      const Integers steps = __builtin_convertvector(elements, Integers) - zero;
      const Floats values = __builtin_convertvector(steps, Floats) * scale;
      std::memcpy(&y[i], &values, sizeof values);
    }
  }
  for (; i < x.size(); ++i) y[i] = static_cast<float>(x[i] - zero) * scale;
}

template <typename X>
void dequantize(const QuantizationParams& params, std::span<const X> x,
                std::span<const float> scale, const TensorView& zero_point, std::span<float> y) {
  for_each_run(params, [&](size_t first, size_t count, size_t s) {
    const X zero = zero_point.exists() ? zero_point.as<X>()[s] : X{0};
    dequantize_run(x.subspan(first, count), zero, scale[s], &y[first]);
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
