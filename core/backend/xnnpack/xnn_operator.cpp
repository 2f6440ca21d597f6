// SPDX-License-Identifier: Apache-2.0
#include "core/backend/xnnpack/xnn_operator.h"

#include "core/base/text.h"

namespace synsight::xnnpack {

Status check_xnn(xnn_status status, std::string_view what) {
  switch (status) {
    case xnn_status_success:
      return {};
    case xnn_status_out_of_memory:
      return fail(ErrorCode::kOutOfMemory, concat({what, ": out of memory"}));
    case xnn_status_unsupported_parameter:
    case xnn_status_unsupported_hardware:
      return fail(ErrorCode::kUnsupportedOp, concat({what, ": not supported by XNNPACK here"}));
    default:
      return fail(ErrorCode::kInternal,
                  concat({what, ": XNNPACK answered status ", static_cast<int>(status)}));
  }
}

}  // namespace synsight::xnnpack
