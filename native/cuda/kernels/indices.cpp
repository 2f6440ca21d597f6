// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/indices.h"

#include "core/ops/gather.h"

namespace synsight::cuda {

Status check_known_indices(const Operand& indices, std::span<const int64_t> dims) {
  if (!indices.info.is_known()) return {};
  for (size_t i = 0; i < indices.info.shape.num_elements(); ++i) {
    SYNSIGHT_TRY(ops::index_at(indices.info.view(), i, dims[i % dims.size()]));
  }
  return {};
}

}  // namespace synsight::cuda
