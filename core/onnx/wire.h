// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace synsight::onnx {

/// Protobuf's wire types. Groups (3 and 4) are not part of ONNX and are refused.
enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// The largest field number that protobuf allows.
inline constexpr uint64_t kMaxFieldNumber = (uint64_t{1} << 29) - 1;

/// A field's number and wire type as one word, to switch over. A known number under another wire
/// type is an unknown field, as everywhere in protobuf.
constexpr uint32_t field_key(uint32_t number, WireType type) {
  return number << 3 | static_cast<uint32_t>(type);
}

/// One field of a message, or a part of a long one.
struct Field {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;                // of a number; of kBytes the field's whole length
  std::span<const std::byte> bytes;  // of kBytes; borrowed

  uint32_t key() const { return field_key(number, type); }
  std::string text() const;
};

/// Puts a varint together from single bytes.
class VarintDecoder {
 public:
  enum class State { kPartial, kDone, kTooLong };

  State take(std::byte next);

  /// The number, after kDone.
  uint64_t value() const { return value_; }
  bool is_partial() const { return shift_ != 0; }

 private:
  uint64_t value_ = 0;
  unsigned shift_ = 0;
};

/// Splits a tag into `field`'s number and type. Errors: kInvalidModel for what no ONNX file holds.
Status decode_tag(uint64_t tag, Field& field);

/// Reads the fields of a whole message, one after the other:
/// `while (cursor.next()) use(cursor.field()); SYNSIGHT_TRY(cursor.status());`
class FieldCursor {
 public:
  explicit FieldCursor(std::span<const std::byte> message) : rest_(message) {}

  /// False at the message's end and where it is broken.
  bool next();
  const Field& field() const { return field_; }

  /// Errors: kInvalidModel.
  const Status& status() const { return status_; }

 private:
  Status read_field();
  Result<uint64_t> read_varint();
  Result<uint64_t> read_fixed(size_t num_bytes);

  std::span<const std::byte> rest_;
  Field field_;
  Status status_;
};

/// Appends the numbers of a repeated field, whether it is packed (kBytes) or not. Errors:
/// kInvalidModel.
Status append_ints(const Field& field, std::vector<int64_t>& numbers);
Status append_floats(const Field& field, std::vector<float>& numbers);

}  // namespace synsight::onnx
