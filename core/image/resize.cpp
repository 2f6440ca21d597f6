// SPDX-License-Identifier: Apache-2.0
#include "core/image/resize.h"

#include <algorithm>
#include <cstring>

#include "core/image/resize_plan.h"

namespace synsight::image {

namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

uint8_t to_pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

void resample_horizontally(const PixelView& input, const ResampleWeights& columns, Image& result) {
  for (int y = 0; y < result.height; ++y) {
    const uint8_t* row = input.row(y);
    uint8_t* output = result.row(y);
    const int32_t* weights = columns.weights().data();
    for (const TapRange& range : columns.ranges()) {
      const uint8_t* pixel = row + static_cast<size_t>(range.first) * 3;
      int32_t red = kHalf;
      int32_t green = kHalf;
      int32_t blue = kHalf;
      for (int k = 0; k < range.count; ++k) {
        red += pixel[0] * weights[k];
        green += pixel[1] * weights[k];
        blue += pixel[2] * weights[k];
        pixel += 3;
      }
      output[0] = to_pixel(red);
      output[1] = to_pixel(green);
      output[2] = to_pixel(blue);
      output += 3;
      weights += columns.stride();
    }
  }
}

/// `sums` has room for a row of the result.
void resample_vertically(const PixelView& input, const ResampleWeights& rows, int32_t* sums,
                         Image& result) {
  const size_t row_bytes = result.row_bytes();
  const int32_t* weights = rows.weights().data();
  for (int y = 0; y < result.height; ++y, weights += rows.stride()) {
    const TapRange range = rows.ranges()[static_cast<size_t>(y)];
    std::fill_n(sums, row_bytes, kHalf);
    for (int k = 0; k < range.count; ++k) {
      const uint8_t* row = input.row(range.first + k);
      const int32_t weight = weights[k];
      for (size_t i = 0; i < row_bytes; ++i) sums[i] += row[i] * weight;
    }
    uint8_t* output = result.row(y);
    for (size_t i = 0; i < row_bytes; ++i) output[i] = to_pixel(sums[i]);
  }
}

void take_nearest(const PixelView& input, const ResizePlan& plan, Image& result) {
  for (int y = 0; y < result.height; ++y) {
    uint8_t* output = result.row(y);
    std::memset(output, 0, result.row_bytes());
    const TapRange range = plan.rows().ranges()[static_cast<size_t>(y)];
    if (range.count == 0) continue;
    const uint8_t* row = input.row(range.first);
    for (const TapRange& column : plan.columns().ranges()) {
      if (column.count > 0) std::memcpy(output, row + static_cast<size_t>(column.first) * 3, 3);
      output += 3;
    }
  }
}

Result<Image> run_pass(const ResizePlan& plan, ResizePass pass, const PixelView& input) {
  const Size size = plan.size_after(pass, input.size);
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(size.width, size.height));
  if (pass == ResizePass::kNearest) {
    take_nearest(input, plan, result);
  } else if (pass == ResizePass::kHorizontal) {
    resample_horizontally(input, plan.columns(), result);
  } else {
    SYNSIGHT_TRY_ASSIGN(AlignedBuffer sums,
                        AlignedBuffer::allocate(result.row_bytes() * sizeof(int32_t)));
    resample_vertically(input, plan.rows(), reinterpret_cast<int32_t*>(sums.data()), result);
  }
  return result;
}

Result<Image> copy_of(const PixelView& view) {
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(view.size.width, view.size.height));
  for (int y = 0; y < result.height; ++y) {
    std::memcpy(result.row(y), view.row(y), result.row_bytes());
  }
  return result;
}

}  // namespace

PixelView view_of(const Image& image) {
  return {image.row(0), image.row_bytes(), {image.width, image.height}};
}

PixelView view_of(const Image& image, const Window& window) {
  return {image.row(window.y) + static_cast<size_t>(window.x) * 3,
          image.row_bytes(),
          {window.width, window.height}};
}

Result<Image> run_passes(const ResizePlan& plan, const PixelView& input) {
  Image result;
  PixelView view = input;
  for (const ResizePass pass : plan.passes()) {
    SYNSIGHT_TRY_ASSIGN(result, run_pass(plan, pass, view));
    view = view_of(result);
  }
  return result;
}

Result<Image> resize_window(const Image& image, int width, int height, Filter filter,
                            const Window& window) {
  SYNSIGHT_TRY_ASSIGN(const ResizePlan plan, ResizePlan::create({image.width, image.height},
                                                                {width, height}, filter, window));
  const PixelView input = view_of(image, plan.input());
  return plan.passes().empty() ? copy_of(input) : run_passes(plan, input);
}

Result<Image> resize(const Image& image, int width, int height, Filter filter) {
  return resize_window(image, width, height, filter, {0, 0, width, height});
}

}  // namespace synsight::image
