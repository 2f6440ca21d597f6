// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/functors/padded_image.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// Y = X with zeros around its pixels and behind its channels: X of any type, Y of T. An index
/// writes kWidth neighbouring channels.
template <typename T, int kWidth>
struct PadInput {
  ConstElements x;
  PaddedImage image;
  T* y = nullptr;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const {
    const PaddedImage::Place from = image.place(index, kWidth);
    float values[kWidth];
    for (int i = 0; i < kWidth; ++i) {
      values[i] = i < from.num_channels ? x[from.first + i * image.steps[1]] : 0.0f;
    }
    store_vector<kWidth>(values, y + index * kWidth);
  }
};

}  // namespace synsight::cuda
