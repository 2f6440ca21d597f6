// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/image/decode.h"
#include "core/image/preprocess.h"

namespace {

using File = std::vector<std::byte>;

uint32_t crc32(const std::byte* data, size_t size) {
  uint32_t crc = 0xFFFFFFFFU;
  for (size_t i = 0; i < size; ++i) {
    crc ^= static_cast<uint32_t>(data[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

uint32_t be32(const std::byte* data) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<uint32_t>(data[i]);
  return number;
}

/// Makes every checksum of a PNG right: a fuzzer that must guess them finds nothing behind them.
void mend_checksums(File& file) {
  constexpr char kSignature[] = "\x89PNG\r\n\x1A\n";
  constexpr size_t kSignatureBytes = 8;
  constexpr size_t kChunkBytes = 12;
  if (file.size() < kSignatureBytes || std::memcmp(file.data(), kSignature, 8) != 0) return;
  for (size_t at = kSignatureBytes; file.size() - at >= kChunkBytes;) {
    const size_t length = be32(file.data() + at);
    if (length > file.size() - at - kChunkBytes) return;
    const uint32_t crc = crc32(file.data() + at + 4, length + 4);
    for (size_t i = 0; i < 4; ++i) {
      file[at + 8 + length + i] = static_cast<std::byte>(crc >> (24 - 8 * i));
    }
    at += kChunkBytes + length;
  }
}

}  // namespace

/// Any bytes give an Error that says something, or a whole picture, which can be preprocessed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace synsight::image;
  constexpr size_t kMaxPixels = 1 << 18;
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  File file(bytes, bytes + size);
  mend_checksums(file);
  const auto decoded = decode(file, {kMaxPixels});
  if (!decoded) {
    if (decoded.error().message.empty()) std::abort();
    return 0;
  }
  const Image& image = decoded->image;
  const size_t num_pixels = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
  if (num_pixels == 0 || num_pixels > kMaxPixels) std::abort();
  if (image.pixels.size() != num_pixels * 3) std::abort();
  const auto tensor = preprocess(image, *find_preset("torchvision", 16, 16), TensorLayout::kNchw);
  if (!tensor && tensor.error().code != synsight::ErrorCode::kInvalidImage) std::abort();
  return 0;
}
