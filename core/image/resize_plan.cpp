// SPDX-License-Identifier: Apache-2.0
#include "core/image/resize_plan.h"

#include <cstdint>

#include "core/base/text.h"

namespace synsight::image {

namespace {

Status check_window(Size size, const Window& window) {
  if (size.width < 1 || size.height < 1) {
    return fail(ErrorCode::kInvalidArgument, concat({"a picture cannot be resized to ", size.width,
                                                     " x ", size.height, " pixels"}));
  }
  if (window.x < 0 || window.y < 0 || window.width < 1 || window.height < 1 ||
      window.x > size.width - window.width || window.y > size.height - window.height) {
    return fail(
        ErrorCode::kInvalidArgument,
        concat({"the window of ", window.width, " x ", window.height, " pixels at ", window.x, ", ",
                window.y, " is not inside ", size.width, " x ", size.height}));
  }
  return {};
}

/// Pillow 13's rule. The order shows: pixels are rounded and clipped between the passes.
bool is_vertical_first(Size image, Size resized) {
  const int64_t lost_width = int64_t{image.width} - resized.width;
  const int64_t lost_height = int64_t{image.height} - resized.height;
  return lost_height > 0 && lost_height > lost_width * 2;
}

}  // namespace

Result<ResizePlan> ResizePlan::create(Size image, Size resized, Filter filter,
                                      const Window& window) {
  if (image.width < 1 || image.height < 1) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"a picture of ", image.width, " x ", image.height, " has no pixels"}));
  }
  SYNSIGHT_TRY(check_window(resized, window));
  ResizePlan plan;
  const auto add = [&plan](ResizePass pass) { plan.passes_[plan.num_passes_++] = pass; };
  const bool changes_width = image.width != resized.width;
  const bool changes_height = image.height != resized.height;
  if (filter == Filter::kNearest) {
    if (changes_width || changes_height) add(ResizePass::kNearest);
  } else {
    const bool vertical_first = is_vertical_first(image, resized);
    if (changes_height && vertical_first) add(ResizePass::kVertical);
    if (changes_width) add(ResizePass::kHorizontal);
    if (changes_height && !vertical_first) add(ResizePass::kVertical);
  }
  plan.input_ = window;
  for (const ResizePass pass : plan.passes()) {
    if (pass != ResizePass::kVertical) {
      SYNSIGHT_TRY_ASSIGN(plan.columns_, ResampleWeights::create(image.width, resized.width, filter,
                                                                 window.x, window.width));
      plan.input_.x = plan.columns_.first_input();
      plan.input_.width = plan.columns_.num_inputs();
    }
    if (pass != ResizePass::kHorizontal) {
      SYNSIGHT_TRY_ASSIGN(plan.rows_, ResampleWeights::create(image.height, resized.height, filter,
                                                              window.y, window.height));
      plan.input_.y = plan.rows_.first_input();
      plan.input_.height = plan.rows_.num_inputs();
    }
  }
  return plan;
}

Size ResizePlan::size_after(ResizePass pass, Size before) const {
  return {pass == ResizePass::kVertical ? before.width : columns_.size(),
          pass == ResizePass::kHorizontal ? before.height : rows_.size()};
}

Size ResizePlan::size() const {
  Size size{input_.width, input_.height};
  for (const ResizePass pass : passes()) size = size_after(pass, size);
  return size;
}

}  // namespace synsight::image
