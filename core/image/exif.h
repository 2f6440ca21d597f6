// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/image/bytes.h"
#include "core/image/image.h"

namespace synsight::image {

/// The orientation, 1 to 8, that EXIF data (a TIFF header and its first directory) gives; 1 where
/// it gives none or is damaged. Source: EXIF 2.3, tag 0x0112.
int exif_orientation(Bytes tiff);

/// The picture turned upright: what `orientation` says was done to it is undone. Errors:
/// kOutOfMemory.
Result<Image> apply_orientation(Image image, int orientation);

}  // namespace synsight::image
