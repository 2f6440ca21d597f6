// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/image/bytes.h"
#include "core/image/image.h"

namespace synsight::image {

/// A picture as its file stores it, not yet turned upright.
struct StoredImage {
  Image image;
  int orientation = 1;  // EXIF's
};

/// Each decodes one format, whose signature `find_format` has seen. A file that ends too early or
/// contradicts itself is an error, never half a picture. Errors: kInvalidImage, kOutOfMemory.
Result<StoredImage> decode_jpeg(Bytes file, size_t max_pixels);
Result<StoredImage> decode_png(Bytes file, size_t max_pixels);
Result<StoredImage> decode_bmp(Bytes file, size_t max_pixels);
Result<StoredImage> decode_gif(Bytes file, size_t max_pixels);

/// To be called with a header's numbers, before anything is allocated. Errors: kInvalidImage for a
/// picture without pixels or with more than `max_pixels`, naming both.
Status check_size(std::string_view format, uint32_t width, uint32_t height, size_t max_pixels);

}  // namespace synsight::image
