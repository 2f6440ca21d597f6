// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/base/text.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

namespace {

/// max(ceil((limit - start) / delta), 0), in doubles: beyond 2^53 it is refused anyway.
double num_steps(double start, double limit, double delta) {
  return std::max(std::ceil((limit - start) / delta), 0.0);
}

}  // namespace

/// Range: start, start + delta, ... below limit. Source: ONNX Range-11.
Result<std::vector<ValueInfo>> infer_range(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(
      check_dtype("the input", inputs[0].dtype,
                  {DType::kFloat32, DType::kFloat64, DType::kInt16, DType::kInt32, DType::kInt64}));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  for (const ValueInfo& input : inputs) {
    if (!input.is_known() || input.shape.num_elements() != 1) {
      return fail(ErrorCode::kShapeMismatch,
                  "needs a constant start, limit and delta, each a scalar");
    }
  }
  double count = 0;
  double start = 0;
  double limit = 0;
  double delta = 0;
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const auto read = [&](size_t i) { return static_cast<double>(inputs[i].view().as<T>()[0]); };
    start = read(0);
    limit = read(1);
    delta = read(2);
    count = num_steps(start, limit, delta);
  });
  if (delta == 0) return fail(ErrorCode::kShapeMismatch, "delta is 0, wanted any other number");
  if (!(count <= 0x1p31)) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"counts from ", start, " to ", limit, " in steps of ", delta,
                        ", wanted at most ", int64_t{1} << 31, " steps"}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, {static_cast<int64_t>(count)}}};
}

Status run_range(const Node&, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const Wide<T> start = inputs[0].as<T>()[0];
    const Wide<T> delta = inputs[2].as<T>()[0];
    const auto y = outputs[0].as<T>();
    for (size_t i = 0; i < y.size(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        y[i] = static_cast<T>(start + static_cast<double>(i) * delta);
      } else {
        y[i] = static_cast<T>(wrapping_add(start, wrapping_mul(static_cast<int64_t>(i), delta)));
      }
    }
  });
  return {};
}

}  // namespace synsight::ops
