// SPDX-License-Identifier: Apache-2.0
#include "tests/core/image/fixture.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/expect.h"

namespace synsight::image {

std::vector<std::byte> read_fixture(std::string_view name) {
  const std::string path =
      std::string(SYNSIGHT_SOURCE_DIR "/tests/core/image/fixtures/").append(name);
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "cannot open %s\n", path.c_str());
    std::abort();
  }
  std::vector<std::byte> bytes(size_t{64} * 1024);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  return bytes;
}

uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc ^= static_cast<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

Image noise_image(int width, int height) {
  Image image = test::expect(Image::allocate(width, height));
  uint32_t state = 1;
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    state = state * 1664525 + 1013904223;
    image.row(0)[i] = static_cast<uint8_t>(state >> 24);
  }
  return image;
}

std::vector<uint8_t> pixels_of(const Image& image) {
  return {image.row(0), image.row(0) + image.pixels.size()};
}

}  // namespace synsight::image
