// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "core/base/result.h"
#include "core/image/image.h"

namespace synsight::image {

/// The samples of one colour component of a JPEG.
struct JpegPlane {
  struct Free {
    void operator()(void* data) const { std::free(data); }
  };

  std::unique_ptr<void, Free> owner;
  const uint8_t* samples = nullptr;
  int stride = 0;  // bytes a row; rows and columns are padded to whole blocks of 8
  int width = 0;   // samples that belong to the picture
  int height = 0;
  int x_factor = 1;  // pixels a sample
  int y_factor = 1;
};

/// What a JPEG's samples mean.
enum class JpegColor { kGrey, kRgb, kYcc, kCmyk, kYcck };

struct JpegPlanes {
  int num_planes = 0;
  std::array<JpegPlane, 4> planes;
};

/// Turns an 8x8 block of dequantized coefficients, row by row, into samples: the inverse cosine
/// transform in the integers of libjpeg's accurate method. Source: Loeffler, Ligtenberg and
/// Moschytz, 1989; the precision (13 fractional bits, 2 kept between the passes) is libjpeg's
/// JDCT_ISLOW.
void inverse_cosine_transform(uint8_t* output, int stride, const int16_t* coefficients);

/// Brings every component to full size and converts to RGB, with the roundings of libjpeg-turbo's
/// "fancy" upsampling and colour conversion, and of Pillow's conversion of CMYK, whose samples it
/// takes as inverted. Errors: kOutOfMemory.
Result<Image> convert_planes(const JpegPlanes& planes, JpegColor color, int width, int height);

}  // namespace synsight::image
