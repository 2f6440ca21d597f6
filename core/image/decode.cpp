// SPDX-License-Identifier: Apache-2.0
#include "core/image/decode.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "core/base/text.h"
#include "core/image/decoders.h"
#include "core/image/exif.h"
#include "core/image/format.h"

namespace synsight::image {

namespace {

Result<StoredImage> decode_format(Format format, Bytes file, size_t max_pixels) {
  switch (format) {
    case Format::kJpeg:
      return decode_jpeg(file, max_pixels);
    case Format::kPng:
      return decode_png(file, max_pixels);
    case Format::kBmp:
      return decode_bmp(file, max_pixels);
    case Format::kGif:
      break;
  }
  return decode_gif(file, max_pixels);
}

}  // namespace

Status check_size(std::string_view format, uint32_t width, uint32_t height, size_t max_pixels) {
  if (width == 0 || height == 0) {
    return fail(ErrorCode::kInvalidImage,
                concat({"the ", format, " of ", width, " x ", height, " pixels has no pixels"}));
  }
  // Decoders count in int.
  const uint64_t limit = std::min<uint64_t>(max_pixels, INT_MAX);
  const uint64_t num_pixels = uint64_t{width} * height;
  if (num_pixels > limit) {
    return fail(ErrorCode::kInvalidImage, concat({"the ", format, " of ", width, " x ", height,
                                                  " pixels is too large: ", num_pixels,
                                                  " pixels, at most ", limit, " are allowed"}));
  }
  return {};
}

Result<DecodedImage> decode(std::span<const std::byte> encoded, const DecodeOptions& options) {
  const Bytes file(encoded);
  SYNSIGHT_TRY_ASSIGN(const Format format, find_format(file));
  SYNSIGHT_TRY_ASSIGN(StoredImage stored, decode_format(format, file, options.max_pixels));
  DecodedImage result;
  SYNSIGHT_TRY_ASSIGN(result.image, apply_orientation(std::move(stored.image), stored.orientation));
  result.format = format_name(format);
  result.exif_orientation = stored.orientation;
  return result;
}

}  // namespace synsight::image
