// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/cuda/element.h"
#include "native/cuda/host_device.h"

namespace synsight::cuda {

/// One value in every place. Index space: the elements.
struct Fill {
  Elements y = {};
  float value = 0;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t index) const { y.set(index, value); }
};

}  // namespace synsight::cuda
