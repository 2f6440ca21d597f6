// SPDX-License-Identifier: Apache-2.0
#include "core/image/preprocess.h"

#include <cstdint>

#include "core/image/preprocess_plan.h"

namespace synsight::image {

namespace {

/// Where a channel's elements lie in the tensor.
struct ChannelPlace {
  size_t offset;
  size_t row_stride;
  size_t pixel_stride;
};

ChannelPlace place_of(size_t channel, Size size, TensorLayout layout) {
  const auto width = static_cast<size_t>(size.width);
  const auto height = static_cast<size_t>(size.height);
  if (layout == TensorLayout::kNhwc) return {channel, width * 3, 3};
  return {channel * width * height, width, 1};
}

/// `picture` is the resized part.
void write_tensor(const PreprocessPlan& plan, const PixelView& picture, TensorLayout layout,
                  float* elements) {
  const size_t num_pixels =
      static_cast<size_t>(plan.size.width) * static_cast<size_t>(plan.size.height);
  const bool is_padded =
      picture.size.width != plan.size.width || picture.size.height != plan.size.height;
  for (size_t channel = 0; channel < 3; ++channel) {
    const ChannelTable& table = plan.tables[channel];
    const ChannelPlace place = place_of(channel, plan.size, layout);
    if (is_padded) {
      for (size_t i = 0; i < num_pixels; ++i) {
        elements[place.offset + i * place.pixel_stride] = table[0];
      }
    }
    for (int y = 0; y < picture.size.height; ++y) {
      const uint8_t* input = picture.row(y) + plan.sources[channel];
      float* output = elements + place.offset +
                      static_cast<size_t>(plan.top + y) * place.row_stride +
                      static_cast<size_t>(plan.left) * place.pixel_stride;
      for (size_t x = 0; x < static_cast<size_t>(picture.size.width); ++x) {
        output[x * place.pixel_stride] = table[input[x * 3]];
      }
    }
  }
}

}  // namespace

Result<Tensor> preprocess(const Image& image, const InputSpec& spec, TensorLayout layout) {
  SYNSIGHT_TRY_ASSIGN(const PreprocessPlan plan,
                      PreprocessPlan::create({image.width, image.height}, spec));
  PixelView picture = view_of(image, plan.resize.input());
  Image resized;
  if (!plan.resize.passes().empty()) {
    SYNSIGHT_TRY_ASSIGN(resized, run_passes(plan.resize, picture));
    picture = view_of(resized);
  }
  const Shape shape = layout == TensorLayout::kNchw
                          ? Shape{1, 3, plan.size.height, plan.size.width}
                          : Shape{1, plan.size.height, plan.size.width, 3};
  SYNSIGHT_TRY_ASSIGN(Tensor tensor, Tensor::allocate(DType::kFloat32, shape));
  write_tensor(plan, picture, layout, static_cast<float*>(tensor.data()));
  return tensor;
}

}  // namespace synsight::image
