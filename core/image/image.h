// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/aligned_buffer.h"
#include "core/base/result.h"

namespace synsight::image {

/// 8-bit RGB pixels, interleaved, row by row from the top. Moved, never copied by accident.
struct Image {
  int width = 0;
  int height = 0;
  AlignedBuffer pixels;  // width * height * 3 bytes

  /// Uninitialised pixels. Errors: kInvalidArgument for a side below 1, kOutOfMemory.
  static Result<Image> allocate(int width, int height);

  /// The colours of `width` x `height` RGBA pixels, 8 bits each; alpha is dropped. Errors as above,
  /// and kInvalidArgument where there are not as many bytes.
  static Result<Image> from_rgba(std::span<const std::byte> rgba, int width, int height);

  size_t row_bytes() const { return static_cast<size_t>(width) * 3; }
  /// The first byte of a row.
  uint8_t* row(int y) {
    return reinterpret_cast<uint8_t*>(pixels.data()) + static_cast<size_t>(y) * row_bytes();
  }
  const uint8_t* row(int y) const {
    return reinterpret_cast<const uint8_t*>(pixels.data()) + static_cast<size_t>(y) * row_bytes();
  }
};

}  // namespace synsight::image
