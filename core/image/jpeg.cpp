// SPDX-License-Identifier: Apache-2.0
// Reads the structure of a JPEG before stb_image sees it: stb_image takes a truncated file, or one
// that lacks a table, for a grey picture. Source: ITU-T T.81, annex B.
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/image/decoders.h"
#include "core/image/exif.h"
#include "core/image/stb_decoder.h"

namespace synsight::image {

namespace {

using namespace std::string_view_literals;

// Markers, the byte after 0xFF.
constexpr uint8_t kBaseline = 0xC0;
constexpr uint8_t kProgressive = 0xC2;
constexpr uint8_t kHuffmanTables = 0xC4;
constexpr uint8_t kFirstRestart = 0xD0;
constexpr uint8_t kStartOfImage = 0xD8;
constexpr uint8_t kEndOfImage = 0xD9;
constexpr uint8_t kStartOfScan = 0xDA;
constexpr uint8_t kQuantizationTables = 0xDB;
constexpr uint8_t kJfif = 0xE0;
constexpr uint8_t kExif = 0xE1;
constexpr uint8_t kAdobe = 0xEE;

/// A file of many empty scans takes long to decode. Cameras and encoders write about ten.
constexpr int kMaxScans = 200;

struct Component {
  uint8_t id = 0;
  uint8_t quantization_table = 0;
  bool has_scan = false;
};

/// What a JPEG's segments say, as far as it was read.
struct Structure {
  int width = 0;
  int height = 0;
  int num_components = 0;
  std::array<Component, 4> components;
  bool is_progressive = false;
  int num_scans = 0;
  unsigned quantization_tables = 0;  // a bit for each defined table
  unsigned dc_tables = 0;
  unsigned ac_tables = 0;
  bool has_jfif = false;
  int adobe_transform = -1;  // -1: no Adobe segment
  int orientation = 1;
  bool has_exif = false;
  std::vector<size_t> scan_ends;  // where each scan's data end
};

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kInvalidImage, concat({"the JPEG is damaged: ", what}));
}

tl::unexpected<Error> unsupported(std::string_view what) {
  return fail(ErrorCode::kInvalidImage, concat({what, " JPEGs are not supported"}));
}

tl::unexpected<Error> truncated(Bytes file) {
  return fail(ErrorCode::kInvalidImage,
              concat({"the JPEG is truncated: it ends after ", file.size(),
                      " bytes, before its end-of-image marker"}));
}

bool is_frame(uint8_t marker) {
  return marker >= kBaseline && marker <= 0xCF && marker != kHuffmanTables && marker != 0xC8 &&
         marker != 0xCC;
}

bool is_restart(uint8_t marker) { return marker >= kFirstRestart && marker < kStartOfImage; }

/// Markers that stand alone, without a length; 0 is a stuffed byte.
bool has_no_segment(uint8_t marker) {
  return marker <= 0x01 || is_restart(marker) || marker == kStartOfImage;
}

std::string_view unsupported_frame(uint8_t marker) {
  if (marker == 0xC3) return "lossless";
  if (marker == 0xC9 || marker == 0xCA || marker == 0xCB) return "arithmetic-coded";
  return "hierarchical";
}

Status read_frame(Structure& jpeg, uint8_t marker, Bytes segment, size_t max_pixels) {
  if (marker > kProgressive) return unsupported(unsupported_frame(marker));
  if (jpeg.num_components > 0) return damaged("it has two frames");
  const int num_components = segment.u8(5);
  if (segment.size() != 6 + 3 * static_cast<size_t>(num_components)) {
    return damaged("its frame header has a wrong length");
  }
  if (segment.u8(0) != 8) {
    return unsupported(concat({static_cast<int>(segment.u8(0)), "-bit"}));
  }
  if (num_components != 1 && num_components != 3 && num_components != 4) {
    return unsupported(concat({num_components, "-component"}));
  }
  SYNSIGHT_TRY(check_size("JPEG", segment.be16(3), segment.be16(1), max_pixels));
  jpeg.height = segment.be16(1);
  jpeg.width = segment.be16(3);
  jpeg.is_progressive = marker == kProgressive;
  jpeg.num_components = num_components;
  for (int i = 0; i < num_components; ++i) {
    const size_t offset = 6 + 3 * static_cast<size_t>(i);
    jpeg.components[i] = {segment.u8(offset), segment.u8(offset + 2), false};
  }
  return {};
}

void read_quantization_tables(Structure& jpeg, Bytes segment) {
  for (size_t at = 0; at < segment.size();) {
    const unsigned head = segment.u8(at);
    jpeg.quantization_tables |= 1U << (head & 15);
    at += 1 + (head >> 4 == 0 ? size_t{64} : size_t{128});
  }
}

void read_huffman_tables(Structure& jpeg, Bytes segment) {
  for (size_t at = 0; at < segment.size();) {
    const unsigned head = segment.u8(at);
    (head >> 4 == 0 ? jpeg.dc_tables : jpeg.ac_tables) |= 1U << (head & 15);
    size_t num_codes = 0;
    for (size_t i = 1; i <= 16; ++i) num_codes += segment.u8(at + i);
    at += 17 + num_codes;
  }
}

bool is_defined(unsigned tables, unsigned id) { return id < 16 && (tables >> id & 1) != 0; }

/// Checks that every table that a scan needs was defined before it.
Status read_scan(Structure& jpeg, Bytes segment) {
  if (jpeg.num_components == 0) return damaged("it has a scan before its frame header");
  if (++jpeg.num_scans > kMaxScans) return unsupported("many-scan");
  const size_t num_components = segment.u8(0);
  if (segment.size() != 4 + 2 * num_components) {
    return damaged("a scan header has a wrong length");
  }
  const size_t tail = 1 + 2 * num_components;
  const bool has_dc = segment.u8(tail) == 0;
  const bool is_refinement = jpeg.is_progressive && segment.u8(tail + 2) >> 4 != 0;
  for (size_t i = 0; i < num_components; ++i) {
    const uint8_t id = segment.u8(1 + 2 * i);
    const unsigned tables = segment.u8(2 + 2 * i);
    for (Component& component : jpeg.components) {
      if (component.id != id) continue;
      component.has_scan |= has_dc;
      if (!is_defined(jpeg.quantization_tables, component.quantization_table)) {
        return damaged("a quantization table is missing");
      }
    }
    const bool needs_dc = has_dc && !is_refinement;
    const bool needs_ac = !jpeg.is_progressive || !has_dc;
    if ((needs_dc && !is_defined(jpeg.dc_tables, tables >> 4)) ||
        (needs_ac && !is_defined(jpeg.ac_tables, tables & 15))) {
      return damaged("a Huffman table is missing");
    }
  }
  return {};
}

Status read_segment(Structure& jpeg, uint8_t marker, Bytes segment, size_t max_pixels) {
  if (is_frame(marker)) return read_frame(jpeg, marker, segment, max_pixels);
  if (marker == kStartOfScan) return read_scan(jpeg, segment);
  if (marker == kQuantizationTables) read_quantization_tables(jpeg, segment);
  if (marker == kHuffmanTables) read_huffman_tables(jpeg, segment);
  if (marker == kJfif && segment.has(0, "JFIF\0"sv)) jpeg.has_jfif = true;
  if (marker == kExif && segment.has(0, "Exif\0\0"sv) && !jpeg.has_exif) {
    jpeg.has_exif = true;
    jpeg.orientation = exif_orientation(segment.part(6, segment.size()));
  }
  if (marker == kAdobe && segment.has(0, "Adobe"sv) && segment.size() >= 12) {
    jpeg.adobe_transform = segment.u8(11);
  }
  return {};
}

/// The offset of the next marker's 0xFF that is no stuffed byte or restart marker of a scan.
size_t skip_scan_data(Bytes file, size_t at) {
  while (at < file.size()) {
    const void* found = std::memchr(file.span().data() + at, 0xFF, file.size() - at);
    if (found == nullptr) return file.size();
    at = static_cast<size_t>(static_cast<const std::byte*>(found) - file.span().data());
    const uint8_t marker = file.u8(at + 1);
    if (marker != 0 && marker != 0xFF && !is_restart(marker)) return at;
    ++at;
  }
  return at;
}

/// Reads every segment up to the end-of-image marker, which must be there.
Result<Structure> read_structure(Bytes file, size_t max_pixels) {
  Structure jpeg;
  size_t at = 2;
  while (true) {
    while (at < file.size() && file.u8(at) != 0xFF) ++at;
    while (at < file.size() && file.u8(at) == 0xFF) ++at;
    if (at >= file.size()) return truncated(file);
    const uint8_t marker = file.u8(at++);
    if (marker == kEndOfImage) return jpeg;
    if (has_no_segment(marker)) continue;
    const size_t length = file.be16(at);
    if (!file.contains(at, 2) || !file.contains(at, length)) return truncated(file);
    if (length < 2) return damaged("a segment has a wrong length");
    SYNSIGHT_TRY(read_segment(jpeg, marker, file.part(at + 2, length - 2), max_pixels));
    at += length;
    if (marker == kStartOfScan) {
      at = skip_scan_data(file, at);
      jpeg.scan_ends.push_back(at);
    }
  }
}

/// A copy with 32 one-bits behind each scan's data, which no Huffman table has a code for:
/// stb_image would go on with zeros where a scan ends early.
Result<AlignedBuffer> stop_scans(Bytes file, const std::vector<size_t>& scan_ends) {
  constexpr std::string_view kStop = "\xFF\0\xFF\0\xFF\0\xFF\0"sv;
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer copy,
                      AlignedBuffer::allocate(file.size() + scan_ends.size() * kStop.size()));
  std::byte* output = copy.data();
  size_t begin = 0;
  for (const size_t end : scan_ends) {
    std::memcpy(output, file.span().data() + begin, end - begin);
    std::memcpy(output + (end - begin), kStop.data(), kStop.size());
    output += end - begin + kStop.size();
    begin = end;
  }
  std::memcpy(output, file.span().data() + begin, file.size() - begin);
  return copy;
}

Status check_structure(const Structure& jpeg) {
  if (jpeg.num_components == 0) return damaged("it has no frame header");
  const std::span components(jpeg.components);
  for (const Component& component : components.first(static_cast<size_t>(jpeg.num_components))) {
    if (!component.has_scan) return damaged("a colour component has no scan");
  }
  return {};
}

/// libjpeg's rules: JFIF means YCC, then Adobe's segment decides, then the components' ids.
JpegColor color_of(const Structure& jpeg) {
  if (jpeg.num_components == 1) return JpegColor::kGrey;
  if (jpeg.num_components == 4) {
    return jpeg.adobe_transform > 0 ? JpegColor::kYcck : JpegColor::kCmyk;
  }
  if (jpeg.has_jfif) return JpegColor::kYcc;
  if (jpeg.adobe_transform >= 0) {
    return jpeg.adobe_transform == 0 ? JpegColor::kRgb : JpegColor::kYcc;
  }
  const bool is_rgb =
      jpeg.components[0].id == 'R' && jpeg.components[1].id == 'G' && jpeg.components[2].id == 'B';
  return is_rgb ? JpegColor::kRgb : JpegColor::kYcc;
}

}  // namespace

Result<StoredImage> decode_jpeg(Bytes file, size_t max_pixels) {
  SYNSIGHT_TRY_ASSIGN(const Structure jpeg, read_structure(file, max_pixels));
  SYNSIGHT_TRY(check_structure(jpeg));
  // stb_image's largest: coefficients of two bytes. Sides are padded to groups of 32 at most: four
  // blocks of 8.
  const uint64_t padded_width = static_cast<uint64_t>(jpeg.width) + 32;
  const uint64_t padded_height = static_cast<uint64_t>(jpeg.height) + 32;
  const uint64_t max_allocation = 2 * padded_width * padded_height + uint64_t{64} * 1024;
  SYNSIGHT_TRY_ASSIGN(const AlignedBuffer copy, stop_scans(file, jpeg.scan_ends));
  SYNSIGHT_TRY_ASSIGN(const JpegPlanes planes,
                      decode_jpeg_with_stb(Bytes({copy.data(), copy.size()}), jpeg.width,
                                           jpeg.height, max_allocation));
  StoredImage result;
  SYNSIGHT_TRY_ASSIGN(result.image,
                      convert_planes(planes, color_of(jpeg), jpeg.width, jpeg.height));
  result.orientation = jpeg.orientation;
  return result;
}

}  // namespace synsight::image
