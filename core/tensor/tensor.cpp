// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/tensor.h"

#include <cstring>

namespace synsight {

Result<Tensor> Tensor::allocate(DType dtype, const Shape& shape) {
  SYNSIGHT_TRY_ASSIGN(const size_t num_elements, shape.checked_num_elements());
  Tensor tensor;
  SYNSIGHT_TRY_ASSIGN(tensor.buffer_, AlignedBuffer::allocate(num_elements * dtype_size(dtype)));
  tensor.dtype_ = dtype;
  tensor.shape_ = shape;
  return tensor;
}

Result<Tensor> Tensor::copy(const TensorView& source) {
  SYNSIGHT_TRY_ASSIGN(Tensor tensor, allocate(source.dtype, source.shape));
  if (source.size_bytes() > 0) std::memcpy(tensor.data(), source.data, source.size_bytes());
  return tensor;
}

}  // namespace synsight
