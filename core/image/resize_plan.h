// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/result.h"
#include "core/image/image.h"
#include "core/image/resample_weights.h"
#include "core/image/resize.h"

namespace synsight::image {

struct Size {
  int width = 0;
  int height = 0;
};

/// A way through all pixels. Each gives 8-bit pixels, rounded and clipped.
enum class ResizePass {
  kNearest,     // every pixel is one of the input's, or black
  kHorizontal,  // every pixel is a weighted sum of its row
  kVertical,    // every pixel is a weighted sum of its column
};

/// All that resizing needs to know, decided from sizes alone and read by every device. The first
/// pass reads the picture's part `input`, the second what the first wrote; without passes the
/// result is `input`.
class ResizePlan {
 public:
  /// For a picture of `image` pixels, resized to `resized`, of which `window` is wanted. Errors:
  /// kInvalidArgument for sides below 1 and for a window that is empty or reaches outside,
  /// kOutOfMemory.
  static Result<ResizePlan> create(Size image, Size resized, Filter filter, const Window& window);

  const Window& input() const { return input_; }
  /// None, one or two.
  std::span<const ResizePass> passes() const { return {passes_.data(), num_passes_}; }
  /// What a pass makes of that many pixels.
  Size size_after(ResizePass pass, Size before) const;
  /// The result's.
  Size size() const;

  /// For kHorizontal and kNearest, counted from the left side of `input`. Otherwise empty.
  const ResampleWeights& columns() const { return columns_; }
  /// For kVertical and kNearest, counted from the upper side of `input`. Otherwise empty.
  const ResampleWeights& rows() const { return rows_; }

 private:
  Window input_;
  std::array<ResizePass, 2> passes_{};
  size_t num_passes_ = 0;
  ResampleWeights columns_;
  ResampleWeights rows_;
};

/// A rectangle of pixels somewhere in memory.
struct PixelView {
  const uint8_t* pixels = nullptr;
  size_t row_bytes = 0;  // from one row to the next
  Size size;

  const uint8_t* row(int y) const { return pixels + static_cast<size_t>(y) * row_bytes; }
};

/// All pixels of a picture. Must not outlive it.
PixelView view_of(const Image& image);

/// Those in `window`, which lies inside the picture.
PixelView view_of(const Image& image, const Window& window);

/// The plan's passes over `input`, the part of the picture that the plan names; there is at least
/// one. Errors: kOutOfMemory.
Result<Image> run_passes(const ResizePlan& plan, const PixelView& input);

}  // namespace synsight::image
