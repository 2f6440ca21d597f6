// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/image/image.h"

namespace synsight::image {

/// Pillow's filters.
enum class Filter { kNearest, kBilinear, kBicubic, kLanczos };

/// A rectangle of pixels.
struct Window {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Resizes exactly as Pillow 13's Image.resize((width, height), filter) does on RGB pixels, bit for
/// bit, for sides up to 2^24 (beyond, Pillow rounds the side itself). Older Pillows differ where
/// the height shrinks by more than twice what the width does: there the newer one goes down first.
/// Source: the algorithm of Pillow's Resample.c (two passes with 8-bit pixels between them,
/// fixed-point weights) and, for nearest, Geometry.c.
/// Errors: kInvalidArgument for sides below 1, kOutOfMemory.
Result<Image> resize(const Image& image, int width, int height, Filter filter);

/// The part `window` of what `resize` gives, without computing the rest. Memory is bounded by the
/// window and the picture, whatever `width` and `height` are. Errors: those of `resize`;
/// kInvalidArgument for a window that is empty or reaches outside `width` x `height`.
Result<Image> resize_window(const Image& image, int width, int height, Filter filter,
                            const Window& window);

}  // namespace synsight::image
