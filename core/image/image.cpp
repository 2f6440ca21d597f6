// SPDX-License-Identifier: Apache-2.0
#include "core/image/image.h"

#include <optional>

#include "core/base/checked.h"
#include "core/base/text.h"

namespace synsight::image {

Result<Image> Image::allocate(int width, int height) {
  if (width < 1 || height < 1) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"a picture of ", width, " x ", height, " pixels has no pixels"}));
  }
  std::optional<size_t> num_bytes =
      checked_mul(static_cast<size_t>(width), static_cast<size_t>(height));
  if (num_bytes) num_bytes = checked_mul(*num_bytes, size_t{3});
  if (!num_bytes) {
    return fail(ErrorCode::kOutOfMemory,
                concat({"cannot allocate ", width, " x ", height, " pixels"}));
  }
  Image image;
  SYNSIGHT_TRY_ASSIGN(image.pixels, AlignedBuffer::allocate(*num_bytes));
  image.width = width;
  image.height = height;
  return image;
}

}  // namespace synsight::image
