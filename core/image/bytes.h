// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace synsight::image {

/// Borrowed bytes of a file. Reading outside them gives 0; who must know asks `contains` first.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t size() const { return bytes_.size(); }
  std::span<const std::byte> span() const { return bytes_; }

  /// Whether `count` bytes stand at `offset`.
  bool contains(size_t offset, size_t count) const {
    return offset <= size() && count <= size() - offset;
  }

  /// At most `count` bytes from `offset`.
  Bytes part(size_t offset, size_t count) const {
    if (offset >= size()) return {};
    return Bytes(bytes_.subspan(offset, std::min(count, size() - offset)));
  }

  uint8_t u8(size_t offset) const {
    return offset < size() ? static_cast<uint8_t>(bytes_[offset]) : uint8_t{0};
  }
  uint16_t le16(size_t offset) const {
    return static_cast<uint16_t>(u8(offset) | u8(offset + 1) << 8);
  }
  uint16_t be16(size_t offset) const {
    return static_cast<uint16_t>(u8(offset) << 8 | u8(offset + 1));
  }
  uint32_t le32(size_t offset) const {
    return le16(offset) | static_cast<uint32_t>(le16(offset + 2)) << 16;
  }
  uint32_t be32(size_t offset) const {
    return static_cast<uint32_t>(be16(offset)) << 16 | be16(offset + 2);
  }

  /// Whether `text` stands at `offset`.
  bool has(size_t offset, std::string_view text) const {
    return contains(offset, text.size()) &&
           std::memcmp(bytes_.data() + offset, text.data(), text.size()) == 0;
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace synsight::image
