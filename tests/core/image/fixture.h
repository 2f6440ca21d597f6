// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/image/image.h"

namespace synsight::image {

/// The bytes of a file in tests/core/image/fixtures. A missing one ends the test program.
std::vector<std::byte> read_fixture(std::string_view name);

/// zlib's CRC-32.
uint32_t crc32(std::span<const std::byte> bytes);

/// The same noise that fixtures/make_fixtures.py makes.
Image noise_image(int width, int height);

/// The pixels, row by row.
std::vector<uint8_t> pixels_of(const Image& image);

}  // namespace synsight::image
