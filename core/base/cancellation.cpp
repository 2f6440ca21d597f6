// SPDX-License-Identifier: Apache-2.0
#include "core/base/cancellation.h"

namespace synsight {

Status check_may_continue(const CancelFlag* cancel, const Deadline& deadline) {
  if (cancel != nullptr && cancel->is_cancelled()) {
    return fail(ErrorCode::kCancelled, "the run was cancelled");
  }
  if (deadline && Clock::now() >= *deadline) {
    return fail(ErrorCode::kDeadlineExceeded, "the time limit was reached before the run ended");
  }
  return {};
}

}  // namespace synsight
