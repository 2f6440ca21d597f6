// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/convolution_weights.h"

#include <algorithm>

#include "core/ops/strided.h"
#include "native/cuda/upload.h"

namespace synsight::cuda {

Shape flatten_taps(const Shape& weights) {
  int64_t num_taps = 1;
  for (size_t axis = 2; axis < weights.rank(); ++axis) num_taps *= weights[axis];
  return {weights[0], weights[1], num_taps};
}

Result<Memory> upload_filters_last(Queue& queue, const TensorView& weights, DType storage) {
  const Shape shape = flatten_taps(weights.shape);
  SYNSIGHT_TRY_ASSIGN(Tensor packed, Tensor::allocate(DType::kFloat32, weights.shape));
  ops::copy_strided(shape, sizeof(float), weights.data, ops::row_major_strides(shape),
                    packed.data(), {1, shape[0], shape[1] * shape[0]});
  return upload(queue, packed.view(), storage);
}

Result<Memory> upload_filters_first(Queue& queue, const TensorView& weights, int64_t filters,
                                    int64_t channels, DType storage) {
  const Shape shape = flatten_taps(weights.shape);
  SYNSIGHT_TRY_ASSIGN(Tensor packed,
                      Tensor::allocate(DType::kFloat32, {filters, shape[2], channels}));
  const auto to = packed.as<float>();
  std::fill(to.begin(), to.end(), 0.0f);
  ops::copy_strided(shape, sizeof(float), weights.data, ops::row_major_strides(shape),
                    packed.data(), {shape[2] * channels, 1, channels});
  return upload(queue, packed.view(), storage);
}

Result<Memory> upload_bias(Queue& queue, const TensorView& bias, int64_t filters, DType dtype) {
  SYNSIGHT_TRY_ASSIGN(Tensor whole, Tensor::allocate(DType::kFloat32, {filters}));
  const auto from = bias.as<float>();
  const auto to = whole.as<float>();
  std::fill(std::copy(from.begin(), from.end(), to.begin()), to.end(), 0.0f);
  return upload(queue, whole.view(), dtype);
}

}  // namespace synsight::cuda
