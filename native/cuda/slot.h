// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/image/preprocess.h"
#include "core/image/preprocess_plan.h"
#include "core/tensor/tensor.h"
#include "native/cuda/device.h"
#include "native/cuda/preprocess.h"

namespace synsight::cuda {

/// What one of the runs under way has for itself: memory on both sides for its inputs and for
/// pictures that become inputs, and on the host for its outputs. In each, one lies behind the
/// other. All of it grows to what the largest run needs.
struct Slot {
  Memory host_inputs;
  Memory device_inputs;
  Memory host_outputs;
  Memory host_pictures;
  Memory device_pictures;
  Event fed;       // device_inputs are there
  Event computed;  // host_outputs are there
};

/// One without memory. Errors: kDevice.
Result<Slot> make_slot();

/// Memory for runs of these ports, for which the device must be idle; on an error the slot can do
/// what it could before. Errors: kOutOfMemory, kDevice.
Status make_room(Slot& slot, std::span<const Port> inputs, std::span<const Port> outputs);

/// The bytes of one port, and those from it to the next.
size_t port_bytes(const Port& port);
size_t port_step(const Port& port);

/// Queues the copy of a run's inputs to the device. The slot's last run must be over. Errors:
/// kDevice.
Status feed_tensors(Queue& feed, const Slot& slot, std::span<const Port> ports,
                    std::span<const TensorView> inputs);

/// How a picture becomes one row of a run's input.
struct PictureFeed {
  const image::PlannedPicture* picture = nullptr;
  PicturePreprocessor preprocessor;  // where the picture has no tensor yet
  size_t host_bytes = 0;             // that it takes on either side
  size_t device_bytes = 0;
};

/// One for each picture of an input of that shape; the pictures must outlive them. Errors:
/// kShapeMismatch where they are too many or become another size, kOutOfMemory.
Result<std::vector<PictureFeed>> plan_feeds(const Shape& input,
                                            std::span<const image::PlannedPicture> pictures,
                                            image::TensorLayout layout);

/// Whether the pictures fit in the slot's memory, and more of it, for which the device must be
/// idle. Errors: kOutOfMemory, kDevice.
bool has_room(const Slot& slot, std::span<const PictureFeed> feeds);
Status make_room(Slot& slot, const Port& port, std::span<const PictureFeed> feeds);

/// Queues what makes pictures the f32 input of a run on the device; the rows that they leave are
/// zero. The slot must have room, and its last run be over. Errors: kDevice.
Status feed_pictures(Queue& queue, const Slot& slot, const Port& port,
                     std::span<const PictureFeed> feeds, image::TensorLayout layout);

/// Copies what a run has computed.
void read_outputs(const Slot& slot, std::span<const Port> ports,
                  std::span<const MutableTensorView> outputs);

}  // namespace synsight::cuda
