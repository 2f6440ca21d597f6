// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/unary.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

Status queue_activation(Queue& queue, const Clamp& clamp, const Operand& output, void* y) {
  if (clamp.is_identity()) return {};
  Unary unary;
  unary.clamp = clamp;
  unary.num_elements = num_elements(output);
  unary.y = {y, output.info.dtype};
  unary.x = {y, output.info.dtype};
  return launch(queue, unary, unary.num_packs());
}

}  // namespace synsight::cuda
