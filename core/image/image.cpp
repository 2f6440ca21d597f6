// SPDX-License-Identifier: Apache-2.0
#include "core/image/image.h"

#include <algorithm>
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

Result<Image> Image::from_rgba(std::span<const std::byte> rgba, int width, int height) {
  SYNSIGHT_TRY_ASSIGN(Image image, allocate(width, height));
  const size_t num_pixels = image.pixels.size() / 3;
  if (rgba.size() % 4 != 0 || rgba.size() / 4 != num_pixels) {
    return fail(ErrorCode::kInvalidArgument,
                concat({width, " x ", height, " RGBA pixels are ", num_pixels,
                        " times 4 bytes, not ", rgba.size()}));
  }
  std::byte* output = image.pixels.data();
  for (size_t i = 0; i < num_pixels; ++i) std::copy_n(rgba.data() + i * 4, 3, output + i * 3);
  return image;
}

}  // namespace synsight::image
