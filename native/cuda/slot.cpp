// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/slot.h"

#include <cstring>

#include "core/base/aligned_buffer.h"
#include "core/base/text.h"

namespace synsight::cuda {

namespace {

size_t block_bytes(std::span<const Port> ports) {
  size_t size_bytes = 0;
  for (const Port& port : ports) size_bytes += port_step(port);
  return size_bytes;
}

/// What all the pictures of a run need.
struct Room {
  size_t host_bytes = 0;
  size_t device_bytes = 0;
};

Room room_for(std::span<const PicturePreprocessor> preprocessors) {
  Room room;
  for (const PicturePreprocessor& preprocessor : preprocessors) {
    room.host_bytes += preprocessor.upload_bytes();
    room.device_bytes += preprocessor.device_bytes();
  }
  return room;
}

}  // namespace

size_t port_bytes(const Port& port) {
  return TensorView{port.dtype, port.shape, nullptr}.size_bytes();
}

size_t port_step(const Port& port) {
  return (port_bytes(port) + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
}

Result<Slot> make_slot(std::span<const Port> inputs, std::span<const Port> outputs) {
  Slot slot;
  SYNSIGHT_TRY_ASSIGN(slot.host_inputs, Memory::pinned(block_bytes(inputs)));
  SYNSIGHT_TRY_ASSIGN(slot.device_inputs, Memory::on_device(block_bytes(inputs)));
  SYNSIGHT_TRY_ASSIGN(slot.host_outputs, Memory::pinned(block_bytes(outputs)));
  SYNSIGHT_TRY_ASSIGN(slot.fed, Event::create());
  SYNSIGHT_TRY_ASSIGN(slot.computed, Event::create());
  return slot;
}

Status feed_tensors(Queue& feed, const Slot& slot, std::span<const Port> ports,
                    std::span<const TensorView> inputs) {
  std::byte* target = slot.host_inputs.data();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t size_bytes = inputs[i].size_bytes();
    if (size_bytes > 0) std::memcpy(target, inputs[i].data, size_bytes);
    target += port_step(ports[i]);
  }
  SYNSIGHT_TRY(feed.copy_to_device(slot.device_inputs.data(), slot.host_inputs.data(),
                                   slot.host_inputs.size()));
  return feed.record(slot.fed);
}

Result<std::vector<PicturePreprocessor>> make_preprocessors(
    const Shape& input, std::span<const image::PlannedPicture> pictures,
    image::TensorLayout layout) {
  const size_t rows = layout == image::TensorLayout::kNchw ? 2 : 1;
  std::vector<PicturePreprocessor> preprocessors;
  for (const image::PlannedPicture& picture : pictures) {
    const image::Size size = picture.plan->size;
    if (size.height != input[rows] || size.width != input[rows + 1]) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"a picture becomes ", size.width, " x ", size.height,
                          " pixels, the network's input is ", input.to_string()}));
    }
    SYNSIGHT_TRY_ASSIGN(const auto preprocessor, PicturePreprocessor::create(*picture.plan));
    preprocessors.push_back(preprocessor);
  }
  if (std::ssize(pictures) > input[0]) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"got ", pictures.size(), " pictures, a run takes ", input[0]}));
  }
  return preprocessors;
}

bool has_room(const Slot& slot, std::span<const PicturePreprocessor> preprocessors) {
  const Room room = room_for(preprocessors);
  return slot.host_pictures.size() >= room.host_bytes &&
         slot.device_pictures.size() >= room.device_bytes;
}

// With a reserve, so that it is seldom called.
Status make_room(Slot& slot, std::span<const PicturePreprocessor> preprocessors) {
  const Room room = room_for(preprocessors);
  SYNSIGHT_TRY_ASSIGN(slot.host_pictures, Memory::pinned(room.host_bytes + room.host_bytes / 2));
  SYNSIGHT_TRY_ASSIGN(slot.device_pictures,
                      Memory::on_device(room.device_bytes + room.device_bytes / 2));
  return {};
}

Status feed_pictures(Queue& feed, const Slot& slot, const Port& port,
                     std::span<const PicturePreprocessor> preprocessors,
                     std::span<const image::PlannedPicture> pictures, image::TensorLayout layout) {
  const size_t picture_bytes = port_bytes(port) / static_cast<size_t>(port.shape[0]);
  std::byte* const tensor = slot.device_inputs.data();
  SYNSIGHT_TRY(feed.set_zero(tensor + pictures.size() * picture_bytes,
                             port_bytes(port) - pictures.size() * picture_bytes));
  std::byte* upload = slot.host_pictures.data();
  std::byte* device = slot.device_pictures.data();
  for (size_t i = 0; i < pictures.size(); ++i) {
    const PicturePreprocessor& preprocessor = preprocessors[i];
    preprocessor.pack(*pictures[i].picture, upload);
    SYNSIGHT_TRY(preprocessor.run(feed, upload, device,
                                  {tensor, DType::kFloat32, layout, 3, static_cast<int64_t>(i)}));
    upload += preprocessor.upload_bytes();
    device += preprocessor.device_bytes();
  }
  return feed.record(slot.fed);
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
