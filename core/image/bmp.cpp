// SPDX-License-Identifier: Apache-2.0
// Windows bitmaps as Pillow shows them. Source: the BITMAPINFOHEADER family as documented for
// Windows GDI, and OS/2's BITMAPCOREHEADER.
#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstring>

#include "core/base/text.h"
#include "core/image/decoders.h"

namespace synsight::image {

namespace {

using Color = std::array<uint8_t, 3>;

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kCoreHeaderBytes = 12;
constexpr size_t kMasksOffset = kFileHeaderBytes + 40;  // in the header or right behind it

enum Compression : uint32_t { kRaw = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3 };

struct BmpHeader {
  int width = 0;
  int height = 0;
  bool is_top_down = false;
  uint32_t bits = 0;  // a pixel
  uint32_t compression = kRaw;
  size_t data_offset = 0;
  std::array<uint32_t, 3> masks{};   // of red, green and blue in a 16 or 32-bit pixel
  std::array<Color, 256> palette{};  // black where the file has fewer colours
};

tl::unexpected<Error> unsupported(std::string_view what, uint32_t found) {
  return fail(ErrorCode::kInvalidImage,
              concat({"BMPs with ", what, " ", found, " are not supported"}));
}

tl::unexpected<Error> truncated(Bytes file) {
  return fail(ErrorCode::kInvalidImage, concat({"the BMP is truncated: it ends after ", file.size(),
                                                " bytes, before its last row"}));
}

Status check_layout(const BmpHeader& bmp) {
  const uint32_t bits = bmp.bits;
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
    return unsupported("bits a pixel of", bits);
  }
  const bool fits = bmp.compression == kRaw || (bmp.compression == kRle8 && bits == 8) ||
                    (bmp.compression == kRle4 && bits == 4) ||
                    (bmp.compression == kBitFields && bits >= 16);
  if (!fits) return unsupported("compression", bmp.compression);
  return {};
}

/// Width, height, depth and compression.
Result<BmpHeader> read_sizes(Bytes file, uint32_t header_bytes, size_t max_pixels) {
  BmpHeader bmp;
  uint32_t height = 0;
  uint32_t width = 0;
  if (header_bytes == kCoreHeaderBytes) {
    width = file.le16(18);
    height = file.le16(20);
    bmp.bits = file.le16(24);
  } else {
    width = file.le32(18);
    height = file.le32(22);
    bmp.bits = file.le16(28);
    bmp.compression = file.le32(30);
  }
  bmp.is_top_down = height > INT_MAX;  // a negative number
  if (bmp.is_top_down) height = 0 - height;
  SYNSIGHT_TRY(check_size("BMP", width, height, max_pixels));
  bmp.width = static_cast<int>(width);
  bmp.height = static_cast<int>(height);
  SYNSIGHT_TRY(check_layout(bmp));
  return bmp;
}

/// The masks of a 16 or 32-bit bitmap: five or six bits a colour, or eight.
Status read_masks(BmpHeader& bmp, Bytes file) {
  bmp.masks = {0xFF0000, 0xFF00, 0xFF};
  if (bmp.bits == 16) bmp.masks = {0x7C00, 0x3E0, 0x1F};
  if (bmp.compression != kBitFields) return {};
  std::array<uint32_t, 3> masks{};
  for (size_t i = 0; i < 3; ++i) masks[i] = file.le32(kMasksOffset + 4 * i);
  if (masks == std::array<uint32_t, 3>{}) return {};
  for (const uint32_t mask : masks) {
    const int num_bits = std::popcount(mask);
    const uint32_t lowest = mask >> std::countr_zero(mask | 1U << 31);
    const bool is_one_run = (lowest & (lowest + 1)) == 0;
    if (!is_one_run || num_bits == 0 || num_bits > 8) return unsupported("a colour mask of", mask);
  }
  bmp.masks = masks;
  return {};
}

/// The palette behind the header, and where the pixels begin.
void read_palette(BmpHeader& bmp, Bytes file, uint32_t header_bytes) {
  const bool is_core = header_bytes == kCoreHeaderBytes;
  const size_t entry_bytes = is_core ? 3 : 4;
  size_t offset = kFileHeaderBytes + header_bytes;
  if (header_bytes == 40 && bmp.compression == kBitFields) offset += 12;
  uint64_t num_colors = is_core ? 0 : file.le32(46);
  if (bmp.bits > 8) {
    num_colors = 0;
  } else if (num_colors == 0) {
    num_colors = uint64_t{1} << bmp.bits;
  }
  for (size_t i = 0; i < std::min<uint64_t>(num_colors, bmp.palette.size()); ++i) {
    const size_t entry = offset + i * entry_bytes;
    bmp.palette[i] = {file.u8(entry + 2), file.u8(entry + 1), file.u8(entry)};
  }
  // Some writers name the palette's place as that of the pixels, some name none.
  const size_t named = file.le32(10);
  const bool is_misplaced = named == 0 || named == kFileHeaderBytes + header_bytes;
  const uint64_t palette_end = offset + num_colors * entry_bytes;
  bmp.data_offset =
      is_misplaced ? static_cast<size_t>(std::min<uint64_t>(palette_end, SIZE_MAX)) : named;
}

Result<BmpHeader> read_header(Bytes file, size_t max_pixels) {
  const uint32_t header_bytes = file.le32(14);
  constexpr std::array<uint32_t, 7> kKnown = {kCoreHeaderBytes, 40, 52, 56, 64, 108, 124};
  if (std::find(kKnown.begin(), kKnown.end(), header_bytes) == kKnown.end()) {
    return unsupported("a header size of", header_bytes);
  }
  if (!file.contains(kFileHeaderBytes, header_bytes)) return truncated(file);
  SYNSIGHT_TRY_ASSIGN(BmpHeader bmp, read_sizes(file, header_bytes, max_pixels));
  SYNSIGHT_TRY(read_masks(bmp, file));
  read_palette(bmp, file, header_bytes);
  return bmp;
}

uint8_t* output_row(const BmpHeader& bmp, Image& image, int stored_row) {
  return image.row(bmp.is_top_down ? stored_row : bmp.height - 1 - stored_row);
}

void put(uint8_t* output, int x, const Color& color) {
  std::memcpy(output + static_cast<size_t>(x) * 3, color.data(), 3);
}

void read_indexed_row(const BmpHeader& bmp, Bytes row, uint8_t* output) {
  const size_t per_byte = 8 / bmp.bits;
  const auto mask = (1U << bmp.bits) - 1;
  for (int x = 0; x < bmp.width; ++x) {
    const size_t index = static_cast<size_t>(x);
    const auto shift = 8 - bmp.bits * (index % per_byte + 1);
    put(output, x, bmp.palette[row.u8(index / per_byte) >> shift & mask]);
  }
}

void read_masked_row(const BmpHeader& bmp, Bytes row, uint8_t* output) {
  for (int x = 0; x < bmp.width; ++x) {
    const size_t index = static_cast<size_t>(x);
    const uint32_t pixel = bmp.bits == 16 ? row.le16(index * 2) : row.le32(index * 4);
    Color color{};
    for (size_t i = 0; i < 3; ++i) {
      const int shift = std::countr_zero(bmp.masks[i]);
      const uint32_t max = bmp.masks[i] >> shift;
      color[i] = static_cast<uint8_t>(((pixel & bmp.masks[i]) >> shift) * 255 / max);
    }
    put(output, x, color);
  }
}

void read_bgr_row(const BmpHeader& bmp, Bytes row, uint8_t* output) {
  for (int x = 0; x < bmp.width; ++x) {
    const size_t index = static_cast<size_t>(x) * 3;
    put(output, x, {row.u8(index + 2), row.u8(index + 1), row.u8(index)});
  }
}

uint64_t row_bits(const BmpHeader& bmp) { return static_cast<uint64_t>(bmp.width) * bmp.bits; }

/// From one row to the next: rows are padded to four bytes.
uint64_t row_stride(const BmpHeader& bmp) { return (row_bits(bmp) + 31) / 32 * 4; }

/// Where the last row ends; its padding may be missing.
uint64_t end_of_rows(const BmpHeader& bmp) {
  return bmp.data_offset + row_stride(bmp) * static_cast<uint64_t>(bmp.height - 1) +
         (row_bits(bmp) + 7) / 8;
}

/// Uncompressed rows, all of which `file` holds.
void read_rows(const BmpHeader& bmp, Bytes file, Image& image) {
  for (int y = 0; y < bmp.height; ++y) {
    const uint64_t offset = bmp.data_offset + row_stride(bmp) * static_cast<uint64_t>(y);
    const Bytes row = file.part(static_cast<size_t>(offset), static_cast<size_t>(row_stride(bmp)));
    uint8_t* output = output_row(bmp, image, y);
    if (bmp.bits <= 8) {
      read_indexed_row(bmp, row, output);
    } else if (bmp.bits == 24) {
      read_bgr_row(bmp, row, output);
    } else {
      read_masked_row(bmp, row, output);
    }
  }
}

/// Run-length codes: a count and a colour, or 0 and an escape. Pixels that no code writes keep
/// colour 0, those beyond a row's end are dropped.
Status read_runs(const BmpHeader& bmp, Bytes file, Image& image) {
  const bool is_four_bit = bmp.compression == kRle4;
  for (int y = 0; y < bmp.height; ++y) {
    uint8_t* output = image.row(y);
    for (int x = 0; x < bmp.width; ++x) put(output, x, bmp.palette[0]);
  }
  size_t at = bmp.data_offset;
  int x = 0;
  int y = 0;
  const auto write = [&](uint8_t pair, int index) {
    const int low = is_four_bit ? (index % 2 == 0 ? pair >> 4 : pair & 15) : pair;
    if (x < bmp.width) put(output_row(bmp, image, y), x++, bmp.palette[static_cast<size_t>(low)]);
  };
  while (y < bmp.height) {
    if (!file.contains(at, 2)) return truncated(file);
    const int count = file.u8(at);
    const uint8_t code = file.u8(at + 1);
    at += 2;
    if (count > 0) {
      for (int i = 0; i < count; ++i) write(code, i);
    } else if (code == 0) {  // end of row
      x = 0;
      ++y;
    } else if (code == 1) {  // end of picture
      break;
    } else if (code == 2) {  // move
      if (!file.contains(at, 2)) return truncated(file);
      x = std::min(x + file.u8(at), bmp.width);
      y += file.u8(at + 1);
      at += 2;
    } else {  // `code` colours that follow, padded to two bytes
      const size_t num_bytes = is_four_bit ? (code + size_t{1}) / 2 : code;
      if (!file.contains(at, num_bytes)) return truncated(file);
      for (int i = 0; i < code; ++i) {
        write(file.u8(at + static_cast<size_t>(is_four_bit ? i / 2 : i)), i);
      }
      at += (num_bytes + 1) / 2 * 2;
    }
  }
  return {};
}

}  // namespace

Result<StoredImage> decode_bmp(Bytes file, size_t max_pixels) {
  SYNSIGHT_TRY_ASSIGN(const BmpHeader bmp, read_header(file, max_pixels));
  const bool has_runs = bmp.compression == kRle8 || bmp.compression == kRle4;
  if (!has_runs && end_of_rows(bmp) > file.size()) return truncated(file);
  StoredImage result;
  SYNSIGHT_TRY_ASSIGN(result.image, Image::allocate(bmp.width, bmp.height));
  if (has_runs) {
    SYNSIGHT_TRY(read_runs(bmp, file, result.image));
  } else {
    read_rows(bmp, file, result.image);
  }
  return result;
}

}  // namespace synsight::image
