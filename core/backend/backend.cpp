// SPDX-License-Identifier: Apache-2.0
#include "core/backend/backend.h"

namespace synsight {

Status Executable::run(std::span<const TensorView> inputs,
                       std::span<const MutableTensorView> outputs, const RunOptions& options) {
  SYNSIGHT_TRY(begin(inputs));
  RunOptions to_the_end = options;
  to_the_end.pause.reset();
  SYNSIGHT_TRY(advance(to_the_end));
  return finish(outputs);
}

}  // namespace synsight
