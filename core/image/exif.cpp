// SPDX-License-Identifier: Apache-2.0
#include "core/image/exif.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace synsight::image {

namespace {

using namespace std::string_view_literals;

constexpr size_t kEntryBytes = 12;
constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kTypeShort = 3;
constexpr uint32_t kTypeLong = 4;

/// TIFF's numbers in the byte order of its header.
struct TiffReader {
  Bytes bytes;
  bool big_endian;

  uint32_t u16(size_t offset) const { return big_endian ? bytes.be16(offset) : bytes.le16(offset); }
  uint32_t u32(size_t offset) const { return big_endian ? bytes.be32(offset) : bytes.le32(offset); }
};

}  // namespace

int exif_orientation(Bytes tiff) {
  const bool big_endian = tiff.has(0, "MM\0*"sv);
  if (!big_endian && !tiff.has(0, "II*\0"sv)) return 1;
  const TiffReader reader{tiff, big_endian};
  const size_t directory = reader.u32(4);
  if (!tiff.contains(directory, 2)) return 1;
  const size_t num_entries = reader.u16(directory);
  for (size_t i = 0; i < num_entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (!tiff.contains(entry, kEntryBytes)) return 1;
    if (reader.u16(entry) != kOrientationTag) continue;
    const uint32_t type = reader.u16(entry + 2);
    uint32_t value = 0;
    if (type == kTypeShort) value = reader.u16(entry + 8);
    if (type == kTypeLong) value = reader.u32(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Result<Image> apply_orientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(transposed ? image.height : image.width,
                                                    transposed ? image.width : image.height));
  // Where the result's first pixel comes from, and how far the input moves a step along a row and
  // along a column of the input, in bytes.
  const uint8_t* origin =
      image.row(from_bottom ? image.height - 1 : 0) + (from_right ? image.row_bytes() - 3 : 0);
  const ptrdiff_t along_row = from_right ? -3 : 3;
  const auto row_bytes = static_cast<ptrdiff_t>(image.row_bytes());
  const ptrdiff_t along_column = from_bottom ? -row_bytes : row_bytes;
  const ptrdiff_t step_x = transposed ? along_column : along_row;
  const ptrdiff_t step_y = transposed ? along_row : along_column;

  // In tiles, so that a transposed picture's rows stay in the cache.
  constexpr int kTile = 64;
  for (int tile_y = 0; tile_y < result.height; tile_y += kTile) {
    const int end_y = std::min(result.height, tile_y + kTile);
    for (int tile_x = 0; tile_x < result.width; tile_x += kTile) {
      const int end_x = std::min(result.width, tile_x + kTile);
      for (int y = tile_y; y < end_y; ++y) {
        uint8_t* output = result.row(y);
        for (int x = tile_x; x < end_x; ++x) {
          std::memcpy(output + static_cast<ptrdiff_t>(x) * 3, origin + y * step_y + x * step_x, 3);
        }
      }
    }
  }
  return result;
}

}  // namespace synsight::image
