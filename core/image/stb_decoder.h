// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/image/bytes.h"
#include "core/image/image.h"
#include "core/image/jpeg_planes.h"

namespace synsight::image {

/// stb_image at work on a file whose header says `width` x `height`, which is already checked. No
/// single allocation is larger than `max_allocation` bytes, whatever else the file says. Errors:
/// kInvalidImage, kOutOfMemory.
Result<JpegPlanes> decode_jpeg_with_stb(Bytes file, int width, int height, uint64_t max_allocation);
Result<Image> decode_png_with_stb(Bytes file, int width, int height, uint64_t max_allocation);

}  // namespace synsight::image
