// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/capi/handles.h"

namespace synsight::capi {

namespace {

struct StatusOfCode {
  synsight_status status;
  ErrorCode code;
};

constexpr StatusOfCode kStatuses[] = {
    {SYNSIGHT_INVALID_ARGUMENT, ErrorCode::kInvalidArgument},
    {SYNSIGHT_INVALID_MODEL, ErrorCode::kInvalidModel},
    {SYNSIGHT_INVALID_IMAGE, ErrorCode::kInvalidImage},
    {SYNSIGHT_UNSUPPORTED_OP, ErrorCode::kUnsupportedOp},
    {SYNSIGHT_UNSUPPORTED_TYPE, ErrorCode::kUnsupportedType},
    {SYNSIGHT_SHAPE_MISMATCH, ErrorCode::kShapeMismatch},
    {SYNSIGHT_OUT_OF_MEMORY, ErrorCode::kOutOfMemory},
    {SYNSIGHT_IO, ErrorCode::kIo},
    {SYNSIGHT_DEVICE, ErrorCode::kDevice},
    {SYNSIGHT_CANCELLED, ErrorCode::kCancelled},
    {SYNSIGHT_DEADLINE_EXCEEDED, ErrorCode::kDeadlineExceeded},
    {SYNSIGHT_INTERNAL, ErrorCode::kInternal},
};

synsight_status status_of(ErrorCode code) {
  for (const StatusOfCode& row : kStatuses) {
    if (row.code == code) return row.status;
  }
  return SYNSIGHT_INTERNAL;
}

char* copy_message(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

synsight_status report(const Status& status, char** message) {
  if (message != nullptr) *message = status ? nullptr : copy_message(status.error().message);
  return status ? SYNSIGHT_OK : status_of(status.error().code);
}

Status check_given(const void* pointer, std::string_view name) {
  if (pointer != nullptr) return {};
  return fail(ErrorCode::kInvalidArgument, concat({name, " is null"}));
}

Result<std::span<const std::byte>> read_bytes(const void* bytes, size_t num_bytes) {
  if (num_bytes > 0) SYNSIGHT_TRY(check_given(bytes, "bytes"));
  return std::span(static_cast<const std::byte*>(bytes), num_bytes);
}

}  // namespace synsight::capi

const char* synsight_version(void) { return SYNSIGHT_VERSION; }

const char* synsight_status_name(synsight_status status) {
  if (status == SYNSIGHT_OK) return "ok";
  for (const auto& row : synsight::capi::kStatuses) {
    if (row.status == status) return synsight::error_code_name(row.code).data();
  }
  return nullptr;
}

void synsight_message_free(char* message) { std::free(message); }
