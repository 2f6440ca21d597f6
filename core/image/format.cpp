// SPDX-License-Identifier: Apache-2.0
#include "core/image/format.h"

#include <optional>
#include <string>

#include "core/base/text.h"

namespace synsight::image {

namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};

/// Formats that people take for pictures; each file's first bytes, as its specification gives them.
constexpr Signature kOthers[] = {
    {8, "WEBP"sv, "a WebP picture"},
    {0, "II*\0"sv, "a TIFF picture"},
    {0, "MM\0*"sv, "a TIFF picture"},
    {4, "ftypavif"sv, "an AVIF picture"},
    {4, "ftypavis"sv, "an AVIF picture"},
    {4, "ftyphei"sv, "a HEIC picture"},
    {4, "ftyphev"sv, "a HEIC picture"},
    {4, "ftypmif1"sv, "a HEIC or AVIF picture"},
    {4, "ftypmsf1"sv, "a HEIC or AVIF picture"},
    {4, "ftyp"sv, "a video"},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 picture"},
    {0, "\xFF\x4F\xFF\x51"sv, "a JPEG 2000 picture"},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL picture"},
    {0, "\xFF\x0A"sv, "a JPEG XL picture"},
    {0, "8BPS"sv, "a Photoshop document"},
    {0, "\0\0\x01\0"sv, "an icon (ICO)"},
    {0, "%PDF"sv, "a PDF document"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "a gzip archive"},
};

/// Whether a file that begins so is UTF-8 without control characters.
bool is_text(Bytes beginning) {
  int num_continuations = 0;
  for (size_t i = 0; i < beginning.size(); ++i) {
    const uint8_t byte = beginning.u8(i);
    const bool is_space = byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
    const bool is_continuation = (byte & 0xC0) == 0x80;
    if ((byte < ' ' && !is_space) || is_continuation != (num_continuations > 0)) return false;
    if (is_continuation) {
      --num_continuations;
    } else if (byte >= 0xC0) {
      num_continuations = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    }
  }
  return true;
}

bool contains_text(Bytes beginning, std::string_view text) {
  for (size_t i = 0; i < beginning.size(); ++i) {
    if (beginning.has(i, text)) return true;
  }
  return false;
}

std::string_view name_of_other(Bytes file) {
  if (file.size() == 0) return "an empty file";
  for (const Signature& signature : kOthers) {
    if (file.has(signature.offset, signature.bytes)) return signature.name;
  }
  const Bytes beginning = file.part(0, 512);
  if (!is_text(beginning)) return "not a picture of a known format";
  if (contains_text(beginning, "<svg")) return "an SVG drawing";
  if (contains_text(beginning, "<html") || contains_text(beginning, "<!DOCTYPE")) {
    return "a web page";
  }
  return "text";
}

std::optional<Format> find_supported(Bytes file) {
  if (file.has(0, "\xFF\xD8\xFF"sv)) return Format::kJpeg;
  if (file.has(0, "\x89PNG\r\n\x1A\n"sv)) return Format::kPng;
  if (file.has(0, "GIF87a"sv) || file.has(0, "GIF89a"sv)) return Format::kGif;
  if (file.has(0, "BM"sv) && !is_text(file.part(0, 512))) return Format::kBmp;
  return std::nullopt;
}

}  // namespace

std::string_view format_name(Format format) {
  switch (format) {
    case Format::kJpeg:
      return "jpeg";
    case Format::kPng:
      return "png";
    case Format::kBmp:
      return "bmp";
    case Format::kGif:
      break;
  }
  return "gif";
}

Result<Format> find_format(Bytes file) {
  if (const std::optional<Format> format = find_supported(file)) return *format;
  return fail(ErrorCode::kInvalidImage,
              concat({"this is ", name_of_other(file), "; JPEG, PNG, BMP and GIF are supported"}));
}

}  // namespace synsight::image
