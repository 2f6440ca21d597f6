// SPDX-License-Identifier: Apache-2.0
#include "core/image/stb_decoder.h"

#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/base/text.h"

namespace synsight::image {

namespace {

/// What stb_image may allocate at once, on this thread, and whether it asked for more.
struct AllocationLimit {
  uint64_t max_bytes = 0;
  bool was_exceeded = false;

  bool allows(size_t num_bytes) {
    if (num_bytes > max_bytes) was_exceeded = true;
    return num_bytes <= max_bytes;
  }
};

thread_local AllocationLimit allocation_limit;

// Zeroed: in damaged files stb_image reads samples and coefficients that it never wrote.
void* bounded_calloc(size_t size) {
  return allocation_limit.allows(size) ? std::calloc(1, size) : nullptr;
}

void* bounded_realloc(void* data, size_t size) {
  return allocation_limit.allows(size) ? std::realloc(data, size) : nullptr;
}

}  // namespace

}  // namespace synsight::image

// Its SIMD serves only the steps that are our own here.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_SIMD
#define STBI_MAX_DIMENSIONS INT_MAX
#define STBI_ASSERT(condition) static_cast<void>(0)
#define STBI_MALLOC(size) synsight::image::bounded_calloc(size)
#define STBI_REALLOC(data, size) synsight::image::bounded_realloc(data, size)
#define STBI_FREE(data) std::free(data)
#include <stb_image.h>

namespace synsight::image {

namespace {

using Memory = std::unique_ptr<void, JpegPlane::Free>;

/// Prepares stb_image for a file.
Result<stbi__context> open(Bytes file, uint64_t max_allocation) {
  if (file.size() > INT_MAX) {
    return fail(ErrorCode::kInvalidImage,
                concat({"a picture's file of ", file.size(), " bytes is too large"}));
  }
  allocation_limit = {max_allocation, false};
  stbi__g_failure_reason = nullptr;
  stbi__context context;
  stbi__start_mem(&context, reinterpret_cast<const stbi_uc*>(file.span().data()),
                  static_cast<int>(file.size()));
  return context;
}

/// stb_image notes some errors and goes on with what it has; here each of them counts.
Status check_outcome(std::string_view format, bool succeeded) {
  const char* reason = stbi__g_failure_reason;
  if (succeeded && reason == nullptr) return {};
  if (allocation_limit.was_exceeded) {
    reason = "it unpacks to more than its size explains";
  } else if (reason != nullptr && std::strcmp(reason, "outofmem") == 0) {
    return fail(ErrorCode::kOutOfMemory, concat({"not enough memory to decode the ", format}));
  }
  return fail(ErrorCode::kInvalidImage,
              concat({"the ", format,
                      " is damaged: ", reason != nullptr ? reason : "it contradicts itself"}));
}

void transform_block(stbi_uc* output, int stride, short* coefficients) {
  inverse_cosine_transform(output, stride, coefficients);
}

/// Takes the samples over from stb_image.
JpegPlanes take_planes(stbi__jpeg& jpeg) {
  JpegPlanes result;
  result.num_planes = jpeg.s->img_n;
  for (int i = 0; i < result.num_planes; ++i) {
    auto& component = jpeg.img_comp[i];
    JpegPlane& plane = result.planes[static_cast<size_t>(i)];
    plane.owner.reset(component.raw_data);
    component.raw_data = nullptr;
    plane.samples = component.data;
    plane.stride = component.w2;
    plane.width = component.x;
    plane.height = component.y;
    plane.x_factor = jpeg.img_h_max / component.h;
    plane.y_factor = jpeg.img_v_max / component.v;
  }
  return result;
}

}  // namespace

Result<JpegPlanes> decode_jpeg_with_stb(Bytes file, int width, int height,
                                        uint64_t max_allocation) {
  SYNSIGHT_TRY_ASSIGN(stbi__context context, open(file, max_allocation));
  const Memory memory(bounded_calloc(sizeof(stbi__jpeg)));
  if (memory == nullptr) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory to decode the JPEG");
  }
  auto& jpeg = *static_cast<stbi__jpeg*>(memory.get());
  jpeg.s = &context;
  stbi__setup_jpeg(&jpeg);
  jpeg.idct_block_kernel = transform_block;
  context.img_n = 0;
  const bool succeeded = stbi__decode_jpeg_image(&jpeg) != 0 &&
                         static_cast<int>(context.img_x) == width &&
                         static_cast<int>(context.img_y) == height;
  JpegPlanes planes;
  if (succeeded) planes = take_planes(jpeg);
  stbi__cleanup_jpeg(&jpeg);
  SYNSIGHT_TRY(check_outcome("JPEG", succeeded));
  return planes;
}

Result<Image> decode_png_with_stb(Bytes file, int width, int height, uint64_t max_allocation) {
  SYNSIGHT_TRY_ASSIGN(stbi__context context, open(file, max_allocation));
  int found_width = 0;
  int found_height = 0;
  int num_components = 0;
  stbi__result_info info{8, 0, STBI_ORDER_RGB};
  const Memory memory(
      stbi__png_load(&context, &found_width, &found_height, &num_components, 3, &info));
  SYNSIGHT_TRY(
      check_outcome("PNG", memory != nullptr && found_width == width && found_height == height));
  SYNSIGHT_TRY_ASSIGN(Image image, Image::allocate(width, height));
  uint8_t* pixels = image.row(0);
  const size_t num_samples = image.pixels.size();
  if (info.bits_per_channel == 16) {
    const auto* samples = static_cast<const stbi__uint16*>(memory.get());
    for (size_t i = 0; i < num_samples; ++i) pixels[i] = static_cast<uint8_t>(samples[i] >> 8);
  } else {
    std::memcpy(pixels, memory.get(), num_samples);
  }
  return image;
}

}  // namespace synsight::image
