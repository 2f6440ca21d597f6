// SPDX-License-Identifier: Apache-2.0
#include "core/image/resize.h"

#include <algorithm>
#include <cstring>

#include "core/base/text.h"
#include "core/image/resample_weights.h"

namespace synsight::image {

namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

uint8_t to_pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

/// Rows [first_row, first_row + num_rows) of `image`, resampled. Column 0 of `image` is input
/// `first_input` of the weights.
Result<Image> resample_horizontally(const Image& image, const ResampleWeights& weights,
                                    int first_input, int first_row, int num_rows) {
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(weights.size(), num_rows));
  for (int y = 0; y < num_rows; ++y) {
    const uint8_t* input = image.row(first_row + y);
    uint8_t* output = result.row(y);
    for (int x = 0; x < weights.size(); ++x) {
      const Taps taps = weights[x];
      const uint8_t* pixel = input + static_cast<size_t>(taps.first - first_input) * 3;
      int32_t red = kHalf;
      int32_t green = kHalf;
      int32_t blue = kHalf;
      for (const int32_t weight : taps.weights) {
        red += pixel[0] * weight;
        green += pixel[1] * weight;
        blue += pixel[2] * weight;
        pixel += 3;
      }
      output[0] = to_pixel(red);
      output[1] = to_pixel(green);
      output[2] = to_pixel(blue);
      output += 3;
    }
  }
  return result;
}

/// Columns [first_column, first_column + num_columns) of `image`, resampled. Row 0 of `image` is
/// input `first_input` of the weights.
Result<Image> resample_vertically(const Image& image, const ResampleWeights& weights,
                                  int first_input, int first_column, int num_columns) {
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(num_columns, weights.size()));
  const size_t row_bytes = result.row_bytes();
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer buffer, AlignedBuffer::allocate(row_bytes * sizeof(int32_t)));
  auto* sums = reinterpret_cast<int32_t*>(buffer.data());
  for (int y = 0; y < weights.size(); ++y) {
    const Taps taps = weights[y];
    std::fill_n(sums, row_bytes, kHalf);
    int input_y = taps.first - first_input;
    for (const int32_t weight : taps.weights) {
      const uint8_t* input = image.row(input_y++) + static_cast<size_t>(first_column) * 3;
      for (size_t i = 0; i < row_bytes; ++i) sums[i] += input[i] * weight;
    }
    uint8_t* output = result.row(y);
    for (size_t i = 0; i < row_bytes; ++i) output[i] = to_pixel(sums[i]);
  }
  return result;
}

Result<Image> resample(const Image& image, int width, int height, Filter filter,
                       const Window& window) {
  SYNSIGHT_TRY_ASSIGN(const ResampleWeights columns,
                      ResampleWeights::create(image.width, width, filter, window.x, window.width));
  SYNSIGHT_TRY_ASSIGN(
      const ResampleWeights rows,
      ResampleWeights::create(image.height, height, filter, window.y, window.height));
  if (height == image.height) {
    return resample_horizontally(image, columns, 0, window.y, window.height);
  }
  if (width == image.width) {
    return resample_vertically(image, rows, 0, window.x, window.width);
  }
  // Pillow 13's rule. The order shows: pixels are rounded and clipped between the passes.
  const int64_t lost_height = int64_t{image.height} - height;
  const int64_t lost_width = int64_t{image.width} - width;
  if (lost_height > 0 && lost_height > lost_width * 2) {
    SYNSIGHT_TRY_ASSIGN(const Image between,
                        resample_vertically(image, rows, 0, columns.first_input(),
                                            columns.last_input() - columns.first_input()));
    return resample_horizontally(between, columns, columns.first_input(), 0, window.height);
  }
  SYNSIGHT_TRY_ASSIGN(const Image between,
                      resample_horizontally(image, columns, 0, rows.first_input(),
                                            rows.last_input() - rows.first_input()));
  return resample_vertically(between, rows, rows.first_input(), 0, window.width);
}

/// The input positions of the outputs [begin, begin + count), each from the one before it by adding
/// the scale, as Pillow does; -1 where rounding leads past the end.
Result<AlignedBuffer> nearest_positions(int input_size, int output_size, int begin, int count) {
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer buffer,
                      AlignedBuffer::allocate(static_cast<size_t>(count) * sizeof(int)));
  auto* positions = reinterpret_cast<int*>(buffer.data());
  const double scale = static_cast<double>(input_size) / output_size;
  double position = scale * 0.5;
  for (int i = 0; i < begin + count; ++i) {
    if (i >= begin) positions[i - begin] = position < input_size ? static_cast<int>(position) : -1;
    position += scale;
  }
  return buffer;
}

Result<Image> resize_nearest(const Image& image, int width, int height, const Window& window) {
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(window.width, window.height));
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer columns_buffer,
                      nearest_positions(image.width, width, window.x, window.width));
  SYNSIGHT_TRY_ASSIGN(AlignedBuffer rows_buffer,
                      nearest_positions(image.height, height, window.y, window.height));
  const auto* columns = reinterpret_cast<const int*>(columns_buffer.data());
  const auto* rows = reinterpret_cast<const int*>(rows_buffer.data());
  for (int y = 0; y < window.height; ++y) {
    uint8_t* output = result.row(y);
    std::memset(output, 0, result.row_bytes());
    if (rows[y] < 0) continue;
    const uint8_t* input = image.row(rows[y]);
    for (int x = 0; x < window.width; ++x, output += 3) {
      if (columns[x] >= 0) std::memcpy(output, input + static_cast<size_t>(columns[x]) * 3, 3);
    }
  }
  return result;
}

Result<Image> crop(const Image& image, const Window& window) {
  SYNSIGHT_TRY_ASSIGN(Image result, Image::allocate(window.width, window.height));
  for (int y = 0; y < window.height; ++y) {
    std::memcpy(result.row(y), image.row(window.y + y) + static_cast<size_t>(window.x) * 3,
                result.row_bytes());
  }
  return result;
}

Status check_window(int width, int height, const Window& window) {
  if (width < 1 || height < 1) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"a picture cannot be resized to ", width, " x ", height, " pixels"}));
  }
  if (window.x < 0 || window.y < 0 || window.width < 1 || window.height < 1 ||
      window.x > width - window.width || window.y > height - window.height) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the window of ", window.width, " x ", window.height, " pixels at ",
                        window.x, ", ", window.y, " is not inside ", width, " x ", height}));
  }
  return {};
}

}  // namespace

Result<Image> resize_window(const Image& image, int width, int height, Filter filter,
                            const Window& window) {
  SYNSIGHT_TRY(check_window(width, height, window));
  if (width == image.width && height == image.height) return crop(image, window);
  if (filter == Filter::kNearest) return resize_nearest(image, width, height, window);
  return resample(image, width, height, filter, window);
}

Result<Image> resize(const Image& image, int width, int height, Filter filter) {
  return resize_window(image, width, height, filter, {0, 0, width, height});
}

}  // namespace synsight::image
