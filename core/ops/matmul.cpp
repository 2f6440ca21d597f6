// SPDX-License-Identifier: Apache-2.0
#include "core/ops/matmul.h"

#include "core/base/text.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/matrix_product.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

Result<Shape> batch_of(const Shape& shape) {
  return Shape::from_dims(shape.dims().first(shape.rank() > 2 ? shape.rank() - 2 : 0));
}

}  // namespace

Result<MatMulParams> parse_matmul(const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) {
    return fail(ErrorCode::kShapeMismatch, "a scalar cannot be multiplied as a matrix");
  }
  MatMulParams params;
  params.m = a.rank() > 1 ? a[a.rank() - 2] : 1;
  params.k = a[a.rank() - 1];
  params.n = b.rank() > 1 ? b[b.rank() - 1] : 1;
  const int64_t b_rows = b[b.rank() > 1 ? b.rank() - 2 : 0];
  if (b_rows != params.k) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"A has shape ", a.to_string(), " and B ", b.to_string(), ": B has ", b_rows,
                        " rows, wanted A's ", params.k, " columns"}));
  }
  SYNSIGHT_TRY_ASSIGN(params.a_batch, batch_of(a));
  SYNSIGHT_TRY_ASSIGN(params.b_batch, batch_of(b));
  SYNSIGHT_TRY_ASSIGN(params.batch, broadcast_shapes(params.a_batch, params.b_batch));
  params.output = params.batch;
  if (a.rank() > 1) params.output.push_back(params.m);
  if (b.rank() > 1) params.output.push_back(params.n);
  return params;
}

/// Y = MatMul(A, B): see MatMulParams. All f32 or all f64. Source: ONNX MatMul-13.
Result<std::vector<ValueInfo>> infer_matmul(const Node& /*node*/,
                                            std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("A", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_matmul(inputs[0].shape, inputs[1].shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, params.output}};
}

Status run_matmul(const Node& /*node*/, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const auto params, parse_matmul(inputs[0].shape, inputs[1].shape));
  const auto m = static_cast<size_t>(params.m);
  const auto k = static_cast<size_t>(params.k);
  const auto n = static_cast<size_t>(params.n);
  const std::array strides = {broadcast_strides(params.a_batch, params.batch),
                              broadcast_strides(params.b_batch, params.batch)};
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T* a = inputs[0].as<T>().data();
    const T* b = inputs[1].as<T>().data();
    T* y = outputs[0].as<T>().data();
    for_each_offset(params.batch, strides, [&](const auto& offsets) {
      const Matrix<T> left{a + static_cast<size_t>(offsets[0]) * m * k, k};
      const Matrix<T> right{b + static_cast<size_t>(offsets[1]) * k * n, n};
      matrix_product(m, k, n, left, right, y);
      y += m * n;
    });
  });
  return {};
}

}  // namespace synsight::ops
