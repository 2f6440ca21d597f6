// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/image/input_spec.h"

namespace synsight::image {

namespace {

constexpr std::array<std::string_view, 9> kNames = {
    "keras-caffe",    "keras-tf",     "keras-torch",    "keras-raw", "torchvision",
    "torchvision-v2", "timm-default", "timm-inception", "timm-vit",
};

// Of ImageNet-1k's pixels divided by 255; red, green, blue.
constexpr std::array<double, 3> kImageNetMean = {0.485, 0.456, 0.406};
constexpr std::array<double, 3> kImageNetStd = {0.229, 0.224, 0.225};

void normalize_imagenet(InputSpec& spec) {
  spec.scale_denominator = 255;
  spec.mean = kImageNetMean;
  spec.std = kImageNetStd;
}

/// To -1 to 1.
void normalize_half(InputSpec& spec) {
  spec.scale_denominator = 255;
  spec.mean.fill(0.5);
  spec.std.fill(0.5);
}

InputSpec stretched(int width, int height) {
  InputSpec spec;
  spec.resize = ResizeMode::kStretch;
  spec.resize_width = width;
  spec.resize_height = height;
  spec.filter = Filter::kNearest;
  return spec;
}

InputSpec cropped(int shorter, Filter filter, int width, int height) {
  InputSpec spec;
  spec.resize = ResizeMode::kShorter;
  spec.resize_width = shorter;
  spec.filter = filter;
  spec.crop_width = width;
  spec.crop_height = height;
  return spec;
}

InputSpec keras(std::string_view name, int width, int height) {
  InputSpec spec = stretched(width, height);
  if (name == "keras-caffe") {
    spec.color = ColorOrder::kBgr;
    spec.mean = {103.939, 116.779, 123.68};
  } else if (name == "keras-tf") {
    spec.scale_denominator = 127.5;
    spec.mean.fill(1);
  } else if (name == "keras-torch") {
    normalize_imagenet(spec);
  }
  return spec;
}

}  // namespace

std::optional<InputSpec> find_preset(std::string_view name, int width, int height) {
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) return std::nullopt;
  if (name.starts_with("keras-")) return keras(name, width, height);

  // In integers, which round as the recipes do: 0.875 = 7/8.
  const int larger = std::clamp(std::max(width, height), 1, kMaxInputSide);
  InputSpec spec;
  if (name == "torchvision") {
    spec = cropped((larger * 16 + 7) / 14, Filter::kBilinear, width, height);
  } else if (name == "torchvision-v2") {
    spec = cropped((larger * 464 + 224) / 448, Filter::kBilinear, width, height);
  } else if (name == "timm-vit") {
    spec = cropped(larger * 10 / 9, Filter::kBicubic, width, height);
  } else {
    spec = cropped(larger * 8 / 7, Filter::kBicubic, width, height);
  }
  if (name == "timm-inception" || name == "timm-vit") {
    normalize_half(spec);
  } else {
    normalize_imagenet(spec);
  }
  return spec;
}

std::span<const std::string_view> preset_names() { return kNames; }

}  // namespace synsight::image
