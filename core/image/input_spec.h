// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/image/resize.h"

namespace synsight::image {

enum class ResizeMode {
  kNone,            // leave the picture as it is
  kStretch,         // to width x height, whatever the proportions
  kShorter,         // the shorter side to `width`, keeping proportions; the longer one is truncated
  kShorterRounded,  // the same, the longer side rounded, a half to the even number
};

enum class ColorOrder { kRgb, kBgr };

/// How a picture becomes an input tensor: resize, centre crop, channel order, then per channel
/// (pixel * scale_numerator / scale_denominator - mean) / std in f32, in that order of operations.
struct InputSpec {
  ResizeMode resize = ResizeMode::kNone;
  int resize_width = 0;
  int resize_height = 0;  // 0 with kShorter and kShorterRounded
  Filter filter = Filter::kBilinear;
  int crop_width = 0;  // 0: no crop
  int crop_height = 0;
  ColorOrder color = ColorOrder::kRgb;
  double scale_numerator = 1;  // `1/255` is a division by 255, as Keras and torchvision do it
  double scale_denominator = 1;
  std::array<double, 3> mean = {0, 0, 0};  // in the channel order of `color`
  std::array<double, 3> std = {1, 1, 1};
};

/// The longest side that `resize` and `crop` take, so that a file cannot ask for any memory it
/// likes.
inline constexpr int kMaxInputSide = 8192;

/// Sets one field of `spec` from its text:
///   resize  `stretch 224x224` (width first) | `shorter 256` | `shorter 256 rounded` | `none`
///   filter  `nearest` | `bilinear` | `bicubic` | `lanczos`
///   crop    `224x224` | `none`
///   color   `RGB` | `BGR`
///   scale   `1/255` | `0.5`
///   mean, std  one number, or three separated by commas, in the channel order of `color`
/// Sides are 1 to kMaxInputSide; numbers are decimal, with a point in every locale. These are the
/// `synsight.` keys of metadata_props and the command line's options. Errors: kInvalidArgument
/// saying what was found and what was wanted; `spec` is then unchanged.
Status set_field(InputSpec& spec, std::string_view key, std::string_view text);

/// The text of one field, as `set_field` reads it; empty for an unknown key.
std::string field_text(const InputSpec& spec, std::string_view key);

/// The keys in the order of the picture's way.
inline constexpr std::array<std::string_view, 7> kInputSpecKeys = {
    "resize", "filter", "crop", "color", "scale", "mean", "std"};

/// Well-known recipes by name, for a network whose input is `width` x `height`. Nothing for an
/// unknown name. Where a recipe crops, `larger` is the larger of width and height.
///   keras-caffe      stretched, nearest; BGR minus (103.939, 116.779, 123.68): VGG, ResNet
///   keras-tf         stretched, nearest; pixel / 127.5 - 1: MobileNet, Inception, Xception, NASNet
///   keras-torch      stretched, nearest; pixel / 255, ImageNet's mean and std: DenseNet
///   keras-raw        stretched, nearest; 0 to 255: EfficientNet, MobileNetV3, ConvNeXt
///   torchvision      shorter side round(larger / 0.875), bilinear; ImageNet's mean and std
///   torchvision-v2   shorter side round(larger * 232 / 224), bilinear; ImageNet's mean and std
///   timm-default     shorter side floor(larger / 0.875), bicubic; ImageNet's mean and std
///   timm-inception   the same with mean and std 0.5
///   timm-vit         shorter side floor(larger / 0.9), bicubic; mean and std 0.5
/// Sources: keras.applications' preprocess_input after load_img(target_size=...); the transforms of
/// torchvision's IMAGENET1K_V1 and V2 weights; timm's default_cfgs (crop_pct, interpolation).
std::optional<InputSpec> find_preset(std::string_view name, int width, int height);

/// The names that find_preset knows.
std::span<const std::string_view> preset_names();

}  // namespace synsight::image
