// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

namespace synsight {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kInvalidModel:
      return "invalid_model";
    case ErrorCode::kInvalidImage:
      return "invalid_image";
    case ErrorCode::kUnsupportedOp:
      return "unsupported_op";
    case ErrorCode::kUnsupportedType:
      return "unsupported_type";
    case ErrorCode::kShapeMismatch:
      return "shape_mismatch";
    case ErrorCode::kOutOfMemory:
      return "out_of_memory";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kDevice:
      return "device";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kInternal:
      break;
  }
  return "internal";
}

}  // namespace synsight
