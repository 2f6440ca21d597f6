// SPDX-License-Identifier: Apache-2.0
// Walks over a PNG's chunks before stb_image sees it: stb_image checks no checksums. Source: the
// PNG specification, second edition.
#include <array>
#include <string>

#include "core/base/text.h"
#include "core/image/decoders.h"
#include "core/image/exif.h"
#include "core/image/stb_decoder.h"

namespace synsight::image {

namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kChunkBytes = 12;  // length, type and checksum, without the data

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
    table[i] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

uint32_t crc32(Bytes bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes.span()) {
    crc = kCrcTable[(crc ^ static_cast<uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

/// A chunk's type for a message; a damaged one may hold anything.
std::string chunk_name(Bytes file, size_t type_offset) {
  std::string name;
  for (size_t i = 0; i < 4; ++i) {
    const auto letter = static_cast<char>(file.u8(type_offset + i));
    name += letter > ' ' && letter <= '~' ? letter : '?';
  }
  return name;
}

struct PngInfo {
  int width = 0;
  int height = 0;
  int orientation = 1;
};

/// Checks every chunk up to IEND, which must be there.
Result<PngInfo> read_chunks(Bytes file, size_t max_pixels) {
  PngInfo png;
  size_t at = kSignatureBytes;
  while (true) {
    const size_t length = file.be32(at);
    const size_t type = at + 4;
    const bool is_first = at == kSignatureBytes;
    if (is_first && file.contains(at, kChunkBytes) && !file.has(type, "IHDR")) {
      return fail(ErrorCode::kInvalidImage, concat({"the PNG begins with chunk ",
                                                    chunk_name(file, type), " in place of IHDR"}));
    }
    if (is_first && file.contains(at, kChunkBytes + 13)) {
      SYNSIGHT_TRY(check_size("PNG", file.be32(at + 8), file.be32(at + 12), max_pixels));
      png.width = static_cast<int>(file.be32(at + 8));
      png.height = static_cast<int>(file.be32(at + 12));
    }
    if (!file.contains(at, kChunkBytes) || !file.contains(at + kChunkBytes, length)) {
      return fail(ErrorCode::kInvalidImage, concat({"the PNG is truncated: it ends after ",
                                                    file.size(), " bytes, before its IEND chunk"}));
    }
    if (crc32(file.part(type, 4 + length)) != file.be32(type + 4 + length)) {
      return fail(ErrorCode::kInvalidImage,
                  concat({"the PNG is damaged: its chunk ", chunk_name(file, type), " at byte ", at,
                          " does not match its checksum"}));
    }
    if (file.has(type, "eXIf")) png.orientation = exif_orientation(file.part(type + 4, length));
    if (file.has(type, "IEND")) return png;
    at += kChunkBytes + length;
  }
}

}  // namespace

Result<StoredImage> decode_png(Bytes file, size_t max_pixels) {
  SYNSIGHT_TRY_ASSIGN(const PngInfo png, read_chunks(file, max_pixels));
  // stb_image's largest: eight bytes a pixel (16-bit RGBA) with a filter byte a row and pass, or
  // the file's compressed data; both grow by doubling.
  const uint64_t padded_width = static_cast<uint64_t>(png.width) + 8;
  const uint64_t padded_height = static_cast<uint64_t>(png.height) + 8;
  const uint64_t max_allocation =
      16 * padded_width * padded_height + 2 * uint64_t{file.size()} + uint64_t{64} * 1024;
  StoredImage result;
  SYNSIGHT_TRY_ASSIGN(result.image,
                      decode_png_with_stb(file, png.width, png.height, max_allocation));
  result.orientation = png.orientation;
  return result;
}

}  // namespace synsight::image
