// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/xnn_kernel.h"

#include <algorithm>

namespace synsight::xnnpack {

bool XnnKernel::accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const {
  const auto is_ordinary = [](const Operand& operand) {
    return !operand.exists() ||
           (operand.info.dtype == DType::kFloat32 && operand.info.shape.num_elements() > 0);
  };
  return std::all_of(inputs.begin(), inputs.end(), is_ordinary) &&
         std::all_of(outputs.begin(), outputs.end(), is_ordinary);
}

}  // namespace synsight::xnnpack
