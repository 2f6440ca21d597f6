// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/slot.h"

#include <cstring>

#include "core/base/aligned_buffer.h"
#include "core/base/checked.h"
#include "core/base/text.h"

namespace synsight::cuda {

namespace {

size_t aligned(size_t size_bytes) { return round_up(size_bytes, kBufferAlignment); }

size_t block_bytes(std::span<const Port> ports) {
  size_t size_bytes = 0;
  for (const Port& port : ports) size_bytes += port_step(port);
  return size_bytes;
}

/// Of one picture's tensor.
size_t row_bytes(const Port& port) { return port_bytes(port) / static_cast<size_t>(port.shape[0]); }

Status grow(Memory& memory, size_t size_bytes, Result<Memory> (*take)(size_t)) {
  if (memory.data() != nullptr && memory.size() >= size_bytes) return {};
  SYNSIGHT_TRY_ASSIGN(memory, take(size_bytes));
  return {};
}

/// What all the pictures of a run need.
struct Room {
  size_t host_bytes = 0;
  size_t device_bytes = 0;
};

Room room_for(std::span<const PictureFeed> feeds) {
  Room room;
  for (const PictureFeed& feed : feeds) {
    room.host_bytes += feed.host_bytes;
    room.device_bytes += feed.device_bytes;
  }
  return room;
}

Status check_size(const Shape& input, size_t rows, int64_t width, int64_t height) {
  if (height == input[rows] && width == input[rows + 1]) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({"a picture becomes ", width, " x ", height,
                      " pixels, the network's input is ", input.to_string()}));
}

}  // namespace

size_t port_bytes(const Port& port) {
  return TensorView{port.dtype, port.shape, nullptr}.size_bytes();
}

size_t port_step(const Port& port) { return aligned(port_bytes(port)); }

Result<Slot> make_slot() {
  Slot slot;
  SYNSIGHT_TRY_ASSIGN(slot.fed, Event::create());
  SYNSIGHT_TRY_ASSIGN(slot.computed, Event::create());
  return slot;
}

Status make_room(Slot& slot, std::span<const Port> inputs, std::span<const Port> outputs) {
  if (slot.host_inputs.size() < block_bytes(inputs)) {
    slot.host_pictures = Memory();  // more pictures will not fit, and now is the time to free it
    slot.device_pictures = Memory();
  }
  SYNSIGHT_TRY(grow(slot.host_inputs, block_bytes(inputs), Memory::pinned));
  SYNSIGHT_TRY(grow(slot.device_inputs, block_bytes(inputs), Memory::on_device));
  return grow(slot.host_outputs, block_bytes(outputs), Memory::pinned);
}

Status feed_tensors(Queue& feed, const Slot& slot, std::span<const Port> ports,
                    std::span<const TensorView> inputs) {
  std::byte* target = slot.host_inputs.data();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t size_bytes = inputs[i].size_bytes();
    if (size_bytes > 0) std::memcpy(target, inputs[i].data, size_bytes);
    target += port_step(ports[i]);
  }
  SYNSIGHT_TRY(
      feed.copy_to_device(slot.device_inputs.data(), slot.host_inputs.data(), block_bytes(ports)));
  return feed.record(slot.fed);
}

Result<std::vector<PictureFeed>> plan_feeds(const Shape& input,
                                            std::span<const image::PlannedPicture> pictures,
                                            image::TensorLayout layout) {
  if (std::ssize(pictures) > input[0]) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"got ", pictures.size(), " pictures, a run takes ", input[0]}));
  }
  const size_t rows = layout == image::TensorLayout::kNchw ? 2 : 1;
  std::vector<PictureFeed> feeds;
  for (const image::PlannedPicture& picture : pictures) {
    PictureFeed& feed = feeds.emplace_back();
    feed.picture = &picture;
    if (picture.tensor != nullptr) {
      const Shape& shape = picture.tensor->shape();
      SYNSIGHT_TRY(check_size(input, rows, shape[rows + 1], shape[rows]));
      feed.host_bytes = aligned(picture.tensor->size_bytes());
      continue;
    }
    const image::Size size = picture.plan->size;
    SYNSIGHT_TRY(check_size(input, rows, size.width, size.height));
    SYNSIGHT_TRY_ASSIGN(feed.preprocessor, PicturePreprocessor::create(*picture.plan));
    feed.host_bytes = feed.preprocessor.upload_bytes();
    feed.device_bytes = feed.preprocessor.device_bytes();
  }
  return feeds;
}

bool has_room(const Slot& slot, std::span<const PictureFeed> feeds) {
  const Room room = room_for(feeds);
  return slot.host_pictures.size() >= room.host_bytes &&
         slot.device_pictures.size() >= room.device_bytes;
}

// For the slot's largest batch of such pictures, and with a reserve, so that it is seldom called.
Status make_room(Slot& slot, const Port& port, std::span<const PictureFeed> feeds) {
  const size_t most = slot.device_inputs.size() / row_bytes(port);
  const auto enough = [&](size_t size_bytes) { return size_bytes * most / feeds.size() * 3 / 2; };
  const Room room = room_for(feeds);
  slot.host_pictures = Memory();  // goes before the larger one comes
  slot.device_pictures = Memory();
  SYNSIGHT_TRY_ASSIGN(slot.host_pictures, Memory::pinned(enough(room.host_bytes)));
  SYNSIGHT_TRY_ASSIGN(slot.device_pictures, Memory::on_device(enough(room.device_bytes)));
  return {};
}

Status feed_pictures(Queue& queue, const Slot& slot, const Port& port,
                     std::span<const PictureFeed> feeds, image::TensorLayout layout) {
  const size_t step = row_bytes(port);
  std::byte* const tensor = slot.device_inputs.data();
  SYNSIGHT_TRY(
      queue.set_zero(tensor + feeds.size() * step, port_bytes(port) - feeds.size() * step));
  std::byte* host = slot.host_pictures.data();
  std::byte* device = slot.device_pictures.data();
  for (size_t i = 0; i < feeds.size(); ++i) {
    const PictureFeed& feed = feeds[i];
    if (feed.picture->tensor != nullptr) {
      std::memcpy(host, feed.picture->tensor->data(), step);
      SYNSIGHT_TRY(queue.copy_to_device(tensor + i * step, host, step));
    } else {
      feed.preprocessor.pack(*feed.picture->picture, host);
      SYNSIGHT_TRY(feed.preprocessor.run(
          queue, host, device, {tensor, DType::kFloat32, layout, 3, static_cast<int64_t>(i)}));
    }
    host += feed.host_bytes;
    device += feed.device_bytes;
  }
  return queue.record(slot.fed);
}

void read_outputs(const Slot& slot, std::span<const Port> ports,
                  std::span<const MutableTensorView> outputs) {
  const std::byte* source = slot.host_outputs.data();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const size_t size_bytes = outputs[i].size_bytes();
    if (size_bytes > 0) std::memcpy(outputs[i].data, source, size_bytes);
    source += port_step(ports[i]);
  }
}

}  // namespace synsight::cuda
