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

/// Decodes JPEG, PNG, BMP or GIF (its first frame) bytes to RGB, as Pillow's convert("RGB") does:
/// grey is spread to three channels, alpha and transparency are dropped without blending, CMYK
/// JPEGs are converted without their colour profile. Unlike Pillow, which clips 16-bit grey at 255,
/// every 16-bit sample keeps its upper 8 bits. EXIF orientation (JPEG's APP1, PNG's eXIf) is
/// applied, XMP's is not. PNG, BMP and GIF give Pillow's pixels; JPEG differs from libjpeg-turbo by
/// 0.03 levels in the mean. A file that ends early is an error. Errors: kInvalidImage,
/// kOutOfMemory.
Result<DecodedImage> decode(std::span<const std::byte> encoded, const DecodeOptions& options = {});

}  // namespace synsight::image
