// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synsight::test {

/// Writes protobuf messages field by field, in the order of the calls and as wrong as asked for.
class ProtoWriter {
 public:
  ProtoWriter& varint(uint32_t field, uint64_t value) { return tag(field, 0).append_varint(value); }
  ProtoWriter& fixed32(uint32_t field, uint32_t value) {
    return tag(field, 5).append_little_endian(value, 4);
  }
  ProtoWriter& fixed64(uint32_t field, uint64_t value) {
    return tag(field, 1).append_little_endian(value, 8);
  }
  ProtoWriter& bytes(uint32_t field, std::string_view value) {
    return tag(field, 2).append_varint(value.size()).append(value);
  }
  ProtoWriter& message(uint32_t field, const ProtoWriter& value) {
    return bytes(field, value.text());
  }
  ProtoWriter& packed(uint32_t field, const std::vector<int64_t>& values) {
    ProtoWriter list;
    for (const int64_t value : values) list.append_varint(static_cast<uint64_t>(value));
    return message(field, list);
  }

  /// The beginning of a field, whatever follows.
  ProtoWriter& tag(uint32_t field, unsigned wire_type) {
    return append_varint(uint64_t{field} << 3 | wire_type);
  }
  ProtoWriter& append_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
    return *this;
  }
  ProtoWriter& append_little_endian(uint64_t value, size_t num_bytes) {
    for (size_t i = 0; i < num_bytes; ++i) text_ += static_cast<char>(value >> (8 * i));
    return *this;
  }
  ProtoWriter& append(std::string_view raw) {
    text_ += raw;
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Text as the bytes that a reader takes.
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace synsight::test
