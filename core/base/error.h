// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace synsight {

/// What went wrong, as far as a caller would act on it.
enum class ErrorCode {
  kInvalidArgument,   // the caller passed something that can never work
  kInvalidModel,      // the model's bytes break ONNX's rules
  kInvalidImage,      // the picture's bytes are damaged, too large or of an unknown format
  kUnsupportedOp,     // an operator, opset or attribute value outside the operator table
  kUnsupportedType,   // an element type that the operator or backend does not compute
  kShapeMismatch,     // tensors whose shapes do not fit each other or the model
  kOutOfMemory,       // memory could not be had
  kIo,                // a file could not be read or written
  kDevice,            // a device or its driver failed
  kCancelled,         // the cancel flag was raised
  kDeadlineExceeded,  // the deadline passed
  kInternal,          // our own mistake
};

/// The code's stable name, as JSON output and other languages see it: `invalid_argument`, ...
std::string_view error_code_name(ErrorCode code);

/// A failure: the message says where, what was found and what was wanted.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

}  // namespace synsight
