// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/onnx/records.h"

namespace synsight::onnx {

/// Messages that are read whole. Unknown fields are passed over; errors: kInvalidModel.

/// StringStringEntryProto.
struct StringEntry {
  std::string key;
  std::string value;
};
Result<StringEntry> decode_string_entry(std::span<const std::byte> bytes);

/// Adds an OperatorSetIdProto.
Status decode_opset_import(std::span<const std::byte> bytes, OpsetImports& opsets);

/// ValueInfoProto. A type that is not a tensor of a DType is named in `unsupported_type`.
Result<ValueRecord> decode_value_info(std::span<const std::byte> bytes);

/// ONNX's own operators have two names for their domain.
std::string normalize_domain(std::string domain);

}  // namespace synsight::onnx
