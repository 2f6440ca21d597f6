// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/image/image.h"

namespace synsight::image {

/// Bounds that hold before anything is allocated.
struct DecodeOptions {
  size_t max_pixels = 178'956'970;  // Pillow's limit: a gibibyte of 24-bit pixels, halved
};

/// A picture and what was done to it.
struct DecodedImage {
  Image image;               // upright
  std::string_view format;   // `jpeg`, `png`, `bmp`, `gif`
  int exif_orientation = 1;  // 1 to 8; the picture has been turned accordingly
};

/// Decodes JPEG, PNG, BMP or GIF (its first frame) bytes to the RGB pixels that Pillow's
/// exif_transpose and convert("RGB") give, bit for bit: grey is spread to three channels, alpha and
/// transparency are dropped without blending, CMYK JPEGs are converted without their colour
/// profile, EXIF orientation (JPEG's APP1, PNG's eXIf) is applied. Other than Pillow, 16-bit grey
/// keeps its upper 8 bits, as all 16-bit samples do (Pillow clips it at 255), and an orientation
/// that only XMP gives is ignored. A file that ends early, or a PNG whose checksums do not match,
/// is an error. Errors: kInvalidImage, kOutOfMemory.
Result<DecodedImage> decode(std::span<const std::byte> encoded, const DecodeOptions& options = {});

}  // namespace synsight::image
