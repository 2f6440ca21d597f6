// SPDX-License-Identifier: Apache-2.0
#include "core/ops/scatter_nd.h"

#include <algorithm>
#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/gather.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"

namespace synsight::ops {

Result<ScatterReduction> parse_scatter_reduction(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const std::string reduction, string_attribute(node, "reduction", "none"));
  if (reduction == "none") return ScatterReduction::kNone;
  if (reduction == "add") return ScatterReduction::kAdd;
  if (reduction == "mul") return ScatterReduction::kMul;
  if (reduction == "max") return ScatterReduction::kMax;
  if (reduction == "min") return ScatterReduction::kMin;
  return fail(ErrorCode::kUnsupportedOp,
              concat({"reduction is \"", reduction, "\", wanted none, add, mul, max or min"}));
}

namespace {

/// Updates have the indices' shape, a slice of the data in place of each tuple.
Status check_shapes(const Shape& data, const Shape& indices, const Shape& updates) {
  const size_t rank = indices.rank();
  const int64_t length = rank == 0 ? 0 : indices[rank - 1];
  bool fits = length >= 1 && length <= static_cast<int64_t>(data.rank());
  if (fits) {
    const auto outer = indices.dims().first(rank - 1);
    const auto slice = data.dims().subspan(static_cast<size_t>(length));
    const auto dims = updates.dims();
    fits = dims.size() == outer.size() + slice.size() &&
           std::equal(outer.begin(), outer.end(), dims.begin()) &&
           std::equal(slice.rbegin(), slice.rend(), dims.rbegin());
  }
  if (fits) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({"indices of shape ", indices.to_string(), " and updates of shape ",
                      updates.to_string(), " do not fit data of shape ", data.to_string()}));
}

template <typename T>
T reduce(ScatterReduction reduction, T old, T update) {
  switch (reduction) {
    case ScatterReduction::kAdd:
      if constexpr (!std::is_floating_point_v<T>) return static_cast<T>(wrapping_add(old, update));
      return static_cast<T>(old + update);
    case ScatterReduction::kMul:
      if constexpr (!std::is_floating_point_v<T>) return static_cast<T>(wrapping_mul(old, update));
      return static_cast<T>(old * update);
    case ScatterReduction::kMax:
      return std::max(old, update);
    case ScatterReduction::kMin:
      return std::min(old, update);
    case ScatterReduction::kNone:
      break;
  }
  return update;
}

}  // namespace

/// Y = ScatterND(data, indices, updates): data, but at each tuple of `indices`, in order, the
/// element or slice is the update, or its sum, product, maximum or minimum with it. Source: ONNX
/// ScatterND-18.
Result<std::vector<ValueInfo>> infer_scatter_nd(const Node& node,
                                                std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("indices", inputs[1].dtype, {DType::kInt64}));
  SYNSIGHT_TRY(check_dtype("updates", inputs[2].dtype, {inputs[0].dtype}));
  SYNSIGHT_TRY_ASSIGN(const ScatterReduction reduction, parse_scatter_reduction(node));
  if (reduction != ScatterReduction::kNone) {
    SYNSIGHT_TRY(check_dtype("data", inputs[0].dtype, kNumericTypes));
  }
  SYNSIGHT_TRY(check_shapes(inputs[0].shape, inputs[1].shape, inputs[2].shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, inputs[0].shape}};
}

Status run_scatter_nd(const Node& node, std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const ScatterReduction reduction, parse_scatter_reduction(node));
  const Shape& data = inputs[0].shape;
  const Shape& indices = inputs[1].shape;
  const auto length = static_cast<size_t>(indices[indices.rank() - 1]);
  const size_t num_tuples = indices.num_elements() / length;
  if (outputs[0].size_bytes() == 0) return {};
  std::memcpy(outputs[0].data, inputs[0].data, outputs[0].size_bytes());
  if (num_tuples == 0) return {};
  const size_t slice = inputs[2].shape.num_elements() / num_tuples;
  const size_t slice_bytes = slice * dtype_size(inputs[0].dtype);
  for (size_t tuple = 0; tuple < num_tuples; ++tuple) {
    size_t block = 0;
    for (size_t i = 0; i < length; ++i) {
      SYNSIGHT_TRY_ASSIGN(const int64_t index, index_at(inputs[1], tuple * length + i, data[i]));
      block = block * static_cast<size_t>(data[i]) + static_cast<size_t>(index);
    }
    if (reduction == ScatterReduction::kNone) {
      std::memcpy(static_cast<std::byte*>(outputs[0].data) + block * slice_bytes,
                  static_cast<const std::byte*>(inputs[2].data) + tuple * slice_bytes, slice_bytes);
      continue;
    }
    visit_numeric_type(inputs[0].dtype, [&](auto type) {
      using T = decltype(type);
      const T* updates = inputs[2].as<T>().data() + tuple * slice;
      T* y = outputs[0].as<T>().data() + block * slice;
      for (size_t i = 0; i < slice; ++i) y[i] = reduce(reduction, y[i], updates[i]);
    });
  }
  return {};
}

}  // namespace synsight::ops
