// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/image/image.h"
#include "core/image/input_spec.h"
#include "core/tensor/tensor.h"

namespace synsight::image {

/// Order of the input tensor's dimensions.
enum class TensorLayout { kNchw, kNhwc };

/// Resizes, crops and normalises one picture. Returns f32 [1,3,H,W] (or [1,H,W,3]), bit for bit
/// what Pillow, torchvision's Resize, CenterCrop, ToTensor and Normalize (and so timm), or Keras's
/// load_img and preprocess_input, give for the same pixels:
/// - kShorter: the longer side is truncated, int(shorter * long / short); kShorterRounded: rounded.
/// - Crop: the offset is (side - crop) / 2, a half rounded to the even number. Where the picture is
///   smaller than the crop it is padded with black, one more pixel right and below where the margin
///   is odd.
/// - Normalising: each step of InputSpec's formula is rounded to f32.
/// Errors: kInvalidArgument for a spec with sides outside 1 to kMaxInputSide, kInvalidImage for a
/// picture so long and thin that its resized side does not fit, kOutOfMemory.
Result<Tensor> preprocess(const Image& image, const InputSpec& spec, TensorLayout layout);

}  // namespace synsight::image
