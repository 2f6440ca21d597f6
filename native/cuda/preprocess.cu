// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "core/base/checked.h"
#include "native/cuda/functors/resample.h"
#include "native/cuda/functors/write_picture.h"
#include "native/cuda/launch.h"
#include "native/cuda/preprocess.h"

namespace synsight::cuda {

namespace {

/// Lays arrays one behind the other.
class Layout {
 public:
  /// The offset of the next array.
  size_t add(size_t size_bytes) {
    constexpr size_t kAlignment = 64;
    const size_t offset = end_;
    const std::optional<size_t> end = checked_add(end_, size_bytes);
    const std::optional<size_t> padded = end ? checked_add(*end, kAlignment - 1) : std::nullopt;
    fits_ = fits_ && padded;
    end_ = padded.value_or(0) / kAlignment * kAlignment;
    return offset;
  }

  size_t add_picture(image::Size size) {
    const std::optional<size_t> num_pixels =
        checked_mul(static_cast<size_t>(size.width), static_cast<size_t>(size.height));
    const std::optional<size_t> size_bytes =
        num_pixels ? checked_mul(*num_pixels, size_t{3}) : std::nullopt;
    fits_ = fits_ && size_bytes;
    return add(size_bytes.value_or(0));
  }

  size_t size_bytes() const { return end_; }
  bool fits() const { return fits_; }

 private:
  size_t end_ = 0;
  bool fits_ = true;
};

template <typename T>
void copy_array(std::span<const T> elements, std::byte* target) {
  if (!elements.empty()) std::memcpy(target, elements.data(), elements.size_bytes());
}

int64_t num_pixels(image::Size size) { return int64_t{size.width} * size.height; }

}  // namespace

Result<PicturePreprocessor> PicturePreprocessor::create(const image::PreprocessPlan& plan) {
  PicturePreprocessor made;
  made.plan_ = &plan;
  const image::ResizePlan& resize = made.plan_->resize;
  Layout layout;
  layout.add(sizeof(made.plan_->tables));
  made.columns_.ranges = layout.add(resize.columns().ranges().size_bytes());
  made.columns_.weights = layout.add(resize.columns().weights().size_bytes());
  made.rows_.ranges = layout.add(resize.rows().ranges().size_bytes());
  made.rows_.weights = layout.add(resize.rows().weights().size_bytes());
  image::Size size{resize.input().width, resize.input().height};
  made.pixels_ = layout.add_picture(size);
  made.upload_bytes_ = layout.size_bytes();
  for (size_t i = 0; i < resize.passes().size(); ++i) {
    size = resize.size_after(resize.passes()[i], size);
    made.results_[i] = layout.add_picture(size);
  }
  made.device_bytes_ = layout.size_bytes();
  if (layout.fits()) return made;
  return fail(ErrorCode::kOutOfMemory, "the picture and its resized copies do not fit in memory");
}

void PicturePreprocessor::pack(const image::Image& picture, std::byte* upload) const {
  const image::Window& input = plan_->resize.input();
  assert(input.x + input.width <= picture.width && input.y + input.height <= picture.height);
  std::memcpy(upload, plan_->tables.data(), sizeof(plan_->tables));
  const auto copy_taps = [upload](const image::ResampleWeights& taps, const TapsPlace& place) {
    copy_array(taps.ranges(), upload + place.ranges);
    copy_array(taps.weights(), upload + place.weights);
  };
  copy_taps(plan_->resize.columns(), columns_);
  copy_taps(plan_->resize.rows(), rows_);
  const image::PixelView view = image::view_of(picture, input);
  const size_t row_bytes = static_cast<size_t>(input.width) * 3;
  std::byte* target = upload + pixels_;
  for (int y = 0; y < input.height; ++y, target += row_bytes) {
    std::memcpy(target, view.row(y), row_bytes);
  }
}

Status PicturePreprocessor::run(Queue& queue, const std::byte* upload, std::byte* device,
                                const PicturePlace& place) const {
  SYNSIGHT_TRY(queue.copy_to_device(device, upload, upload_bytes_));
  const image::ResizePlan& resize = plan_->resize;
  const auto* pixels = reinterpret_cast<const uint8_t*>(device + pixels_);
  image::Size size{resize.input().width, resize.input().height};
  for (size_t i = 0; i < resize.passes().size(); ++i) {
    const image::ResizePass pass = resize.passes()[i];
    auto* result = reinterpret_cast<uint8_t*>(device + results_[i]);
    SYNSIGHT_TRY(queue_pass(queue, pass, size, pixels, result, device));
    size = resize.size_after(pass, size);
    pixels = result;
  }
  return queue_write(queue, pixels, device, place);
}

Status PicturePreprocessor::queue_pass(Queue& queue, image::ResizePass pass, image::Size size,
                                       const uint8_t* input, uint8_t* output,
                                       const std::byte* device) const {
  const image::Size after = plan_->resize.size_after(pass, size);
  const auto taps_at = [device](const image::ResampleWeights& taps, const TapsPlace& place) {
    return DeviceTaps{reinterpret_cast<const image::TapRange*>(device + place.ranges),
                      reinterpret_cast<const int32_t*>(device + place.weights), taps.stride()};
  };
  const DeviceTaps columns = taps_at(plan_->resize.columns(), columns_);
  const DeviceTaps rows = taps_at(plan_->resize.rows(), rows_);
  if (pass == image::ResizePass::kNearest) {
    return launch(queue,
                  TakeNearest{input, size.width, columns.ranges, rows.ranges, output, after.width},
                  num_pixels(after));
  }
  if (pass == image::ResizePass::kHorizontal) {
    return launch(queue, ResampleHorizontally{input, size.width, columns, output, after.width},
                  num_pixels(after));
  }
  return launch(queue, ResampleVertically{input, size.width, rows, output}, num_pixels(after));
}

Status PicturePreprocessor::queue_write(Queue& queue, const uint8_t* pixels,
                                        const std::byte* device, const PicturePlace& place) const {
  assert(place.dtype == DType::kFloat32 || place.dtype == DType::kFloat16 ||
         place.dtype == DType::kBFloat16);
  assert(place.num_channels >= 3 && place.batch_index >= 0);
  const image::Size resized = plan_->resize.size();
  const bool is_planar = place.layout == image::TensorLayout::kNchw;
  WritePicture write;
  write.pixels = pixels;
  write.pixels_width = resized.width;
  write.pixels_height = resized.height;
  write.left = plan_->left;
  write.top = plan_->top;
  write.tables = reinterpret_cast<const float*>(device);
  for (size_t c = 0; c < 3; ++c) write.sources[c] = plan_->sources[c];
  write.tensor = {place.elements, place.dtype};
  write.first = place.batch_index * place.num_channels * num_pixels(plan_->size);
  write.width = plan_->size.width;
  write.pixel_stride = is_planar ? 1 : place.num_channels;
  write.channel_stride = is_planar ? num_pixels(plan_->size) : 1;
  write.num_channels = place.num_channels;
  return launch(queue, write, num_pixels(plan_->size));
}

}  // namespace synsight::cuda
