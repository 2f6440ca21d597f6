// SPDX-License-Identifier: Apache-2.0
#include "core/image/preprocess_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/base/text.h"

namespace synsight::image {

namespace {

/// The longest side of a resized picture, crop or not: `resize` is exact up to it.
constexpr int kMaxResizedSide = 1 << 24;

/// What becomes of one side: `count` resized pixels from `first` on, behind `padding` black ones.
struct CroppedSide {
  int first = 0;
  int count = 0;
  int padding = 0;
};

bool is_side(int side) { return side >= 1 && side <= kMaxInputSide; }

Status check_spec(const InputSpec& spec) {
  const bool resize_fits = spec.resize == ResizeMode::kNone ||
                           (is_side(spec.resize_width) &&
                            (spec.resize != ResizeMode::kStretch || is_side(spec.resize_height)));
  const bool crop_fits = (spec.crop_width == 0 && spec.crop_height == 0) ||
                         (is_side(spec.crop_width) && is_side(spec.crop_height));
  if (resize_fits && crop_fits) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      concat({"the input is resized with \"", field_text(spec, "resize"), "\" and cropped to \"",
              field_text(spec, "crop"), "\"; sides must be 1 to ", kMaxInputSide}));
}

Result<Size> resized_size(Size image, const InputSpec& spec) {
  if (spec.resize == ResizeMode::kNone) return image;
  if (spec.resize == ResizeMode::kStretch) return Size{spec.resize_width, spec.resize_height};
  const int shorter = std::min(image.width, image.height);
  const int longer = std::max(image.width, image.height);
  // torchvision's arithmetic: a quotient of integers, rounded to double, truncated.
  const double quotient =
      static_cast<double>(int64_t{spec.resize_width} * longer) / static_cast<double>(shorter);
  if (!(quotient <= kMaxResizedSide)) {  // nor is it a number without pixels
    return fail(
        ErrorCode::kInvalidImage,
        concat({"the picture of ", image.width, " x ", image.height,
                " pixels is too long and thin to resize its shorter side to ", spec.resize_width}));
  }
  const bool is_rounded = spec.resize == ResizeMode::kShorterRounded;
  const int resized_longer = static_cast<int>(is_rounded ? std::rint(quotient) : quotient);
  return image.width <= image.height ? Size{spec.resize_width, resized_longer}
                                     : Size{resized_longer, spec.resize_width};
}

CroppedSide crop_side(int side, int crop) {
  if (crop == 0) return {0, side, 0};
  if (crop > side) return {0, side, (crop - side) / 2};
  const int margin = side - crop;
  const int half = margin / 2;
  const bool rounds_up = margin % 2 == 1 && half % 2 == 1;
  return {rounds_up ? half + 1 : half, crop, 0};
}

ChannelTable make_table(const InputSpec& spec, size_t channel) {
  const auto numerator = static_cast<float>(spec.scale_numerator);
  const auto denominator = static_cast<float>(spec.scale_denominator);
  const auto mean = static_cast<float>(spec.mean[channel]);
  const auto deviation = static_cast<float>(spec.std[channel]);
  ChannelTable table;
  for (size_t pixel = 0; pixel < table.size(); ++pixel) {
    table[pixel] = (static_cast<float>(pixel) * numerator / denominator - mean) / deviation;
  }
  return table;
}

}  // namespace

Result<PreprocessPlan> PreprocessPlan::create(Size image, const InputSpec& spec) {
  SYNSIGHT_TRY(check_spec(spec));
  SYNSIGHT_TRY_ASSIGN(const Size resized, resized_size(image, spec));
  const CroppedSide columns = crop_side(resized.width, spec.crop_width);
  const CroppedSide rows = crop_side(resized.height, spec.crop_height);
  PreprocessPlan plan;
  SYNSIGHT_TRY_ASSIGN(plan.resize,
                      ResizePlan::create(image, resized, spec.filter,
                                         {columns.first, rows.first, columns.count, rows.count}));
  plan.size = {std::max(columns.count, spec.crop_width), std::max(rows.count, spec.crop_height)};
  plan.left = columns.padding;
  plan.top = rows.padding;
  if (spec.color == ColorOrder::kBgr) plan.sources = {2, 1, 0};
  for (size_t channel = 0; channel < 3; ++channel) {
    plan.tables[channel] = make_table(spec, channel);
  }
  return plan;
}

}  // namespace synsight::image
