// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/result.h"
#include "core/image/image.h"
#include "core/image/preprocess.h"
#include "core/image/preprocess_plan.h"
#include "core/tensor/dtype.h"
#include "native/cuda/device.h"

namespace synsight::cuda {

/// A picture's place in a batch of tensors on the device: [N,C,H,W], or [N,H,W,C].
struct PicturePlace {
  void* elements = nullptr;       // the batch's first
  DType dtype = DType::kFloat32;  // or kFloat16, kBFloat16: rounded to the nearest, ties to even
  image::TensorLayout layout = image::TensorLayout::kNchw;
  int num_channels = 3;  // that are stored: those behind the third are zeros
  int64_t batch_index = 0;
};

/// Does on the device what a plan says, so that the tensor is bit for bit that of
/// image::preprocess. Borrows the plan, and owns no memory of the device's:
///   1. pack(picture, upload)  where pictures are decoded; any thread
///   2. run(queue, upload, device, place)
/// One is good for all pictures of the same size.
class PicturePreprocessor {
 public:
  /// Errors: kOutOfMemory where no memory can hold the picture.
  static Result<PicturePreprocessor> create(const image::PreprocessPlan& plan);

  /// The pinned memory that `pack` fills: the plan's tables and what is read of the pixels.
  size_t upload_bytes() const { return upload_bytes_; }
  /// The device's memory that `run` needs: the same, and what the passes write.
  size_t device_bytes() const { return device_bytes_; }

  /// `picture` has the size that the plan is for. `upload` begins at a multiple of 8 bytes.
  void pack(const image::Image& picture, std::byte* upload) const;

  /// Queues one copy to the device and the passes, and returns. Both memories are the queue's until
  /// it has run them; `device` begins at a multiple of 8 bytes. Errors: kDevice.
  Status run(Queue& queue, const std::byte* upload, std::byte* device,
             const PicturePlace& place) const;

 private:
  /// Where the taps of one side begin.
  struct TapsPlace {
    size_t ranges = 0;
    size_t weights = 0;
  };

  Status queue_pass(Queue& queue, image::ResizePass pass, image::Size size, const uint8_t* input,
                    uint8_t* output, const std::byte* device) const;
  Status queue_write(Queue& queue, const uint8_t* pixels, const std::byte* device,
                     const PicturePlace& place) const;

  const image::PreprocessPlan* plan_ = nullptr;
  // Offsets, in an upload as on the device; the channels' tables come first.
  TapsPlace columns_;
  TapsPlace rows_;
  size_t pixels_ = 0;
  size_t upload_bytes_ = 0;
  std::array<size_t, 2> results_{};  // a pass each
  size_t device_bytes_ = 0;
};

}  // namespace synsight::cuda
