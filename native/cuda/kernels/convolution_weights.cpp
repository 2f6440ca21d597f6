// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/kernels/convolution_weights.h"

#include <algorithm>

#include "native/cuda/upload.h"

namespace synsight::cuda {

Result<Memory> upload_filters_last(Queue& queue, const TensorView& weights, DType storage) {
  SYNSIGHT_TRY_ASSIGN(Tensor packed, Tensor::allocate(DType::kFloat32, weights.shape));
  const auto num_filters = static_cast<size_t>(weights.shape[0]);
  const auto num_channels = static_cast<size_t>(weights.shape[1]);
  const auto from = weights.as<float>();
  const auto to = packed.as<float>();
  if (from.empty()) return upload(queue, packed.view(), storage);
  const size_t num_taps = from.size() / (num_filters * num_channels);
  for (size_t m = 0; m < num_filters; ++m) {
    for (size_t c = 0; c < num_channels; ++c) {
      for (size_t tap = 0; tap < num_taps; ++tap) {
        to[(tap * num_channels + c) * num_filters + m] =
            from[(m * num_channels + c) * num_taps + tap];
      }
    }
  }
  return upload(queue, packed.view(), storage);
}

Result<Memory> upload_filters_first(Queue& queue, const TensorView& weights, int64_t filters,
                                    int64_t channels, DType storage) {
  const auto num_filters = static_cast<size_t>(weights.shape[0]);
  const auto num_channels = static_cast<size_t>(weights.shape[1]);
  int64_t num_taps = 1;
  for (size_t axis = 2; axis < weights.shape.rank(); ++axis) num_taps *= weights.shape[axis];
  SYNSIGHT_TRY_ASSIGN(Tensor packed,
                      Tensor::allocate(DType::kFloat32, {filters, num_taps, channels}));
  const auto from = weights.as<float>();
  const auto to = packed.as<float>();
  std::fill(to.begin(), to.end(), 0.0f);
  const auto taps = static_cast<size_t>(num_taps);
  const auto step = static_cast<size_t>(channels);
  for (size_t m = 0; m < num_filters; ++m) {
    for (size_t c = 0; c < num_channels; ++c) {
      for (size_t tap = 0; tap < taps; ++tap) {
        to[(m * taps + tap) * step + c] = from[(m * num_channels + c) * taps + tap];
      }
    }
  }
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
