// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/base/result.h"
#include "core/image/image.h"
#include "core/image/input_spec.h"
#include "core/image/resize_plan.h"
#include "core/tensor/tensor.h"

namespace synsight::image {

/// A value of the tensor for each of the 256 values of a pixel.
using ChannelTable = std::array<float, 256>;

/// All that turns a picture into an input tensor, decided from the picture's size and the
/// InputSpec. Every device does what it says, so that the tensor is the same everywhere.
struct PreprocessPlan {
  ResizePlan resize;  // resizing, and the crop's part of it
  /// The tensor's, without its batch and channels.
  Size size;
  /// Where the resized part begins in it; around it everything is black.
  int left = 0;
  int top = 0;
  /// Which of a pixel's three bytes each channel of the tensor takes.
  std::array<int, 3> sources = {0, 1, 2};
  /// One a channel of the tensor.
  std::array<ChannelTable, 3> tables;

  /// For a picture of `image` pixels. Errors: those of `preprocess`.
  static Result<PreprocessPlan> create(Size image, const InputSpec& spec);
};

/// A decoded picture with its plan, for a device to preprocess, or what they give, f32 [1,3,H,W] or
/// [1,H,W,3], where that is done already.
struct PlannedPicture {
  const Image* picture = nullptr;
  const PreprocessPlan* plan = nullptr;
  const Tensor* tensor = nullptr;  // instead
};

}  // namespace synsight::image
