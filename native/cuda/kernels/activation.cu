// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/unary.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

Status queue_activation(Queue& queue, const Clamp& clamp, const Elements& y, int64_t num_elements) {
  if (clamp.is_identity()) return {};
  Unary unary;
  unary.clamp = clamp;
  unary.num_elements = num_elements;
  unary.y = y;
  unary.x = {y.data, y.dtype};
  return launch(queue, unary, unary.num_packs());
}

}  // namespace synsight::cuda
