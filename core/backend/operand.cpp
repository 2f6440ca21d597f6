// SPDX-License-Identifier: Apache-2.0
#include "core/backend/operand.h"

#include <cstring>

namespace synsight {

namespace {

/// Copies [N, rows, columns] to [N, columns, rows].
Result<Tensor> swap_last(const TensorView& source, size_t rows, size_t columns) {
  SYNSIGHT_TRY_ASSIGN(Tensor target, Tensor::allocate(source.dtype, source.shape));
  const size_t size = dtype_size(source.dtype);
  const auto* from = static_cast<const std::byte*>(source.data);
  auto* to = static_cast<std::byte*>(target.data());
  const auto batch = static_cast<size_t>(source.shape[0]);
  for (size_t n = 0; n < batch; ++n) {
    for (size_t row = 0; row < rows; ++row) {
      for (size_t column = 0; column < columns; ++column) {
        std::memcpy(to + ((n * columns + column) * rows + row) * size,
                    from + ((n * rows + row) * columns + column) * size, size);
      }
    }
  }
  return target;
}

}  // namespace

Result<Tensor> to_channels_last(const TensorView& plain) {
  const Shape& shape = plain.shape;
  return swap_last(plain, static_cast<size_t>(shape[1]), static_cast<size_t>(shape[2] * shape[3]));
}

Result<Tensor> to_plain(const TensorView& channels_last) {
  const Shape& shape = channels_last.shape;
  return swap_last(channels_last, static_cast<size_t>(shape[2] * shape[3]),
                   static_cast<size_t>(shape[1]));
}

}  // namespace synsight
