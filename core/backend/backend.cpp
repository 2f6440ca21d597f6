// SPDX-License-Identifier: Apache-2.0
#include "core/backend/backend.h"

namespace synsight {

Status Executable::run(std::span<const TensorView> inputs,
                       std::span<const MutableTensorView> outputs, const RunOptions& options) {
  SYNSIGHT_TRY(begin(inputs));
  SYNSIGHT_TRY(advance(options, {}));
  return finish(outputs);
}

}  // namespace synsight
