// SPDX-License-Identifier: Apache-2.0
#include "core/backend/backend.h"

namespace synsight {

Status Executable::begin_pictures(std::span<const image::PlannedPicture> /*pictures*/,
                                  image::TensorLayout /*layout*/) {
  return fail(ErrorCode::kInvalidArgument, "takes no pictures");
}

Status Executable::run(std::span<const TensorView> inputs,
                       std::span<const MutableTensorView> outputs, const RunOptions& options) {
  SYNSIGHT_TRY(begin(inputs));
  SYNSIGHT_TRY(advance(options, {}));
  return finish(outputs);
}

}  // namespace synsight
