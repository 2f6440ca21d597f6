// SPDX-License-Identifier: Apache-2.0
#include "core/ops/gemm.h"

#include <utility>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/matrix_product.h"
#include "core/ops/strided.h"

namespace synsight::ops {

Result<GemmParams> parse_gemm(const Node& node, const Shape& a, const Shape& b) {
  GemmParams params;
  SYNSIGHT_TRY_ASSIGN(params.alpha, float_attribute(node, "alpha", 1));
  SYNSIGHT_TRY_ASSIGN(params.beta, float_attribute(node, "beta", 1));
  SYNSIGHT_TRY_ASSIGN(const int64_t trans_a, int_attribute(node, "transA", 0));
  SYNSIGHT_TRY_ASSIGN(const int64_t trans_b, int_attribute(node, "transB", 0));
  params.is_a_transposed = trans_a != 0;
  params.is_b_transposed = trans_b != 0;
  if (a.rank() != 2 || b.rank() != 2) {
    return fail(ErrorCode::kShapeMismatch, concat({"A has shape ", a.to_string(), " and B ",
                                                   b.to_string(), ", wanted 2 dimensions each"}));
  }
  params.m = a[params.is_a_transposed ? 1 : 0];
  params.k = a[params.is_a_transposed ? 0 : 1];
  params.n = b[params.is_b_transposed ? 0 : 1];
  const int64_t b_rows = b[params.is_b_transposed ? 1 : 0];
  if (b_rows != params.k) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"B has shape ", b.to_string(), ", which gives ", b_rows,
                        " rows, wanted A's ", params.k, " columns"}));
  }
  return params;
}

/// Y = Gemm(A, B, C): see GemmParams. C broadcasts to Y: [m,n]; all f32 or all f64. Source: ONNX
/// Gemm-13.
Result<std::vector<ValueInfo>> infer_gemm(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("A", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const GemmParams params, parse_gemm(node, inputs[0].shape, inputs[1].shape));
  const Shape output{params.m, params.n};
  if (inputs.size() > 2 && inputs[2].exists()) {
    const auto shape = broadcast_shapes(inputs[2].shape, output);
    if (!shape || *shape != output) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"C has shape ", inputs[2].shape.to_string(),
                          ", which does not broadcast to ", output.to_string()}));
    }
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, output}};
}

namespace {

template <typename T>
Matrix<T> matrix(const TensorView& view, bool is_transposed) {
  Matrix<T> matrix{view.as<T>().data(), static_cast<size_t>(view.shape[1]), 1};
  if (is_transposed) std::swap(matrix.row_stride, matrix.column_stride);
  return matrix;
}

template <typename T>
void gemm(const GemmParams& params, std::span<const TensorView> inputs,
          const MutableTensorView& output) {
  T* y = output.as<T>().data();
  matrix_product(static_cast<size_t>(params.m), static_cast<size_t>(params.k),
                 static_cast<size_t>(params.n), matrix<T>(inputs[0], params.is_a_transposed),
                 matrix<T>(inputs[1], params.is_b_transposed), y);
  const TensorView c = input_at(inputs, 2);
  const std::array<Strides, 1> strides = {broadcast_strides(c.shape, output.shape)};
  const auto alpha = static_cast<T>(params.alpha);
  const auto beta = static_cast<T>(params.beta);
  for_each_offset(output.shape, strides, [&](const auto& offsets) {
    *y *= alpha;
    if (c.exists()) *y += beta * c.as<T>().data()[offsets[0]];
    ++y;
  });
}

}  // namespace

Status run_gemm(const Node& node, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const GemmParams params, parse_gemm(node, inputs[0].shape, inputs[1].shape));
  visit_element_type<float, double>(
      inputs[0].dtype, [&](auto type) { gemm<decltype(type)>(params, inputs, outputs[0]); });
  return {};
}

}  // namespace synsight::ops
