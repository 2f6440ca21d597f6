// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"
#include "core/ops/strided.h"

namespace synsight::ops {

// Where: output = condition ? X : Y, with NumPy's broadcasting, of any element type.

Result<std::vector<ValueInfo>> infer_where(const Node&, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_dtype("the condition", inputs[0].dtype, {DType::kBool}));
  SYNSIGHT_TRY(check_same_dtype(inputs.subspan(1)));
  SYNSIGHT_TRY_ASSIGN(const Shape values, broadcast_shapes(inputs[1].shape, inputs[2].shape));
  SYNSIGHT_TRY_ASSIGN(const Shape shape, broadcast_shapes(inputs[0].shape, values));
  return std::vector<ValueInfo>{{inputs[1].dtype, shape}};
}

Status run_where(const Node&, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs) {
  const Shape& shape = outputs[0].shape;
  const bool* condition = inputs[0].as<bool>().data();
  const auto* x = static_cast<const std::byte*>(inputs[1].data);
  const auto* y = static_cast<const std::byte*>(inputs[2].data);
  auto* result = static_cast<std::byte*>(outputs[0].data);
  const size_t size = dtype_size(outputs[0].dtype);
  for_each_offset<3>(
      shape,
      {broadcast_strides(inputs[0].shape, shape), broadcast_strides(inputs[1].shape, shape),
       broadcast_strides(inputs[2].shape, shape)},
      [&](const std::array<int64_t, 3>& at) {
        const std::byte* chosen = condition[at[0]] ? x + static_cast<size_t>(at[1]) * size
                                                   : y + static_cast<size_t>(at[2]) * size;
        std::memcpy(result, chosen, size);
        result += size;
      });
  return {};
}

}  // namespace synsight::ops
