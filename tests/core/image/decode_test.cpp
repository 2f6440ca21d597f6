// SPDX-License-Identifier: Apache-2.0
#include "core/image/decode.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/core/image/fixture.h"
#include "tests/core/image/fixtures/expected.h"
#include "tests/support/expect.h"

namespace synsight::image {

namespace {

using namespace std::string_view_literals;
using test::expect;
using File = std::vector<std::byte>;

File bytes_of(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

void append_be32(File& file, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    file.push_back(static_cast<std::byte>(number >> shift));
}

void append_png_chunk(File& file, std::string_view type, const File& data) {
  File body = bytes_of(type);
  body.insert(body.end(), data.begin(), data.end());
  append_be32(file, static_cast<uint32_t>(data.size()));
  file.insert(file.end(), body.begin(), body.end());
  append_be32(file, crc32(body));
}

/// A PNG that ends behind its header.
File png_header(uint32_t width, uint32_t height) {
  File header;
  append_be32(header, width);
  append_be32(header, height);
  for (const int field : {8, 2, 0, 0, 0}) header.push_back(static_cast<std::byte>(field));
  File file = bytes_of("\x89PNG\r\n\x1A\n"sv);
  append_png_chunk(file, "IHDR", header);
  return file;
}

/// The error that `file` must give.
std::string decode_error(const File& file) {
  const auto result = decode(file);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kInvalidImage);
  return result.error().message;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A changed file gives a whole picture or an error that says something.
void check_survives(const File& file) {
  const auto result = decode(file, {1 << 20});
  if (result) {
    const size_t num_pixels =
        static_cast<size_t>(result->image.width) * static_cast<size_t>(result->image.height);
    CHECK(result->image.pixels.size() == num_pixels * 3);
    CHECK(num_pixels > 0);
  } else {
    CHECK_FALSE(result.error().message.empty());
  }
}

}  // namespace

TEST_CASE("decoded files have the checksums of Pillow's pixels") {
  for (const ExpectedDecode& expected : kExpectedDecodes) {
    INFO("file ", std::string(expected.file));
    const DecodedImage decoded = expect(decode(read_fixture(expected.file)));
    CHECK(decoded.image.width == expected.width);
    CHECK(decoded.image.height == expected.height);
    CHECK(decoded.exif_orientation == expected.orientation);
    CHECK(crc32({decoded.image.pixels.data(), decoded.image.pixels.size()}) == expected.crc);
    std::string_view extension = expected.file;
    extension.remove_prefix(extension.find('.') + 1);
    CHECK(decoded.format == (extension == "jpg" ? "jpeg" : extension));
  }
}

TEST_CASE("every truncation of a file is an error") {
  for (const ExpectedDecode& expected : kExpectedDecodes) {
    INFO("file ", std::string(expected.file));
    File file = read_fixture(expected.file);
    // What follows the last pixel may be missing: GIF's terminators and trailer, the padding of a
    // BMP's last row or the end code of its run lengths.
    const size_t dispensable = contains(expected.file, ".gif")   ? 4
                               : contains(expected.file, ".bmp") ? 3
                                                                 : 0;
    for (size_t length = 0; length < file.size(); ++length) {
      const File beginning(file.begin(), file.begin() + static_cast<ptrdiff_t>(length));
      const auto result = decode(beginning);
      if (!result) {
        CHECK(result.error().code == ErrorCode::kInvalidImage);
        continue;
      }
      CHECK_MESSAGE(length + dispensable >= file.size(), "cut at ", length);
      CHECK(crc32({result->image.pixels.data(), result->image.pixels.size()}) == expected.crc);
    }
  }
}

TEST_CASE("every one-byte change of a small file gives a picture or an error") {
  for (const std::string_view name : {"tiny.jpg", "tiny.png", "tiny.bmp", "tiny.gif"}) {
    File file = read_fixture(name);
    for (std::byte& byte : file) {
      const std::byte original = byte;
      for (int change = 1; change < 256; ++change) {
        byte = original ^ static_cast<std::byte>(change);
        check_survives(file);
      }
      byte = original;
    }
  }
}

TEST_CASE("every one-bit change of a file gives a picture or an error") {
  for (const ExpectedDecode& expected : kExpectedDecodes) {
    File file = read_fixture(expected.file);
    for (std::byte& byte : file) {
      for (int bit = 0; bit < 8; ++bit) {
        byte ^= static_cast<std::byte>(1 << bit);
        check_survives(file);
        byte ^= static_cast<std::byte>(1 << bit);
      }
    }
  }
}

TEST_CASE("a changed byte of a PNG is found by its checksum") {
  File file = read_fixture("tiny.png");
  file[file.size() - 20] ^= std::byte{1};
  CHECK(contains(decode_error(file), "chunk IDAT at byte 33 does not match its checksum"));
}

TEST_CASE("a picture of too many pixels is refused from its header") {
  CHECK(contains(decode_error(png_header(60000, 60000)),
                 "the PNG of 60000 x 60000 pixels is too large: 3600000000 pixels, at most "
                 "178956970 are allowed"));
  CHECK(contains(decode_error(png_header(0, 5)), "has no pixels"));
  CHECK(contains(decode_error(png_header(0x80000000U, 1)), "is too large"));

  const File file = read_fixture("baseline.jpg");
  constexpr size_t kNumPixels = 432;  // 24 x 18
  CHECK(decode(file, {kNumPixels}));
  CHECK_FALSE(decode(file, {kNumPixels - 1}));
}

TEST_CASE("a PNG that unpacks to more than its size is refused") {
  // 64 MiB of zeros in a picture of one pixel: stored deflate blocks would show the size, so this
  // one repeats a distance of one, 258 bytes for each two bits.
  File zlib = bytes_of("\x78\x01"sv);
  uint32_t bits = 0;
  int num_bits = 0;
  const auto put = [&](uint32_t value, int count) {
    bits |= value << num_bits;
    for (num_bits += count; num_bits >= 8; num_bits -= 8, bits >>= 8) {
      zlib.push_back(static_cast<std::byte>(bits));
    }
  };
  put(1, 1);     // the last block
  put(1, 2);     // fixed Huffman codes
  put(0x0C, 8);  // literal 0
  for (int i = 0; i < 260'000; ++i) {
    put(0xA3, 8);  // length 258: code 285
    put(0, 5);     // distance 1
  }
  put(0, 7);  // the end
  put(0, 7);
  File file = png_header(1, 1);
  append_png_chunk(file, "IDAT", zlib);
  append_png_chunk(file, "IEND", {});
  CHECK(contains(decode_error(file), "unpacks to more than its size explains"));
}

TEST_CASE("what is no supported picture is named") {
  const auto error = [](std::string_view text) { return decode_error(bytes_of(text)); };
  CHECK(error("") == "this is an empty file; JPEG, PNG, BMP and GIF are supported");
  CHECK(contains(error("hello, world\n"), "this is text;"));
  CHECK(contains(error("BMW builds cars and motorcycles"), "this is text;"));
  CHECK(contains(error("<!DOCTYPE html><p>404"), "this is a web page;"));
  CHECK(contains(error("<svg xmlns=''/>"), "this is an SVG drawing;"));
  CHECK(contains(error("RIFF\x10\0\0\0WEBPVP8L"sv), "this is a WebP picture;"));
  CHECK(contains(error("MM\0*\0\0\0\x08"sv), "this is a TIFF picture;"));
  CHECK(contains(error("\0\0\0\x1C"
                       "ftypheix"sv),
                 "this is a HEIC picture;"));
  CHECK(contains(error("%PDF-1.4"), "this is a PDF document;"));
  CHECK(contains(error("\x89PN"), "not a picture of a known format;"));
}

TEST_CASE("a JPEG whose scan ends early is an error, with an end-of-image marker, too") {
  const File file = read_fixture("baseline.jpg");
  const File scan_start = bytes_of("\xFF\xDA\0\x0C"sv);
  const auto found = std::search(file.begin(), file.end(), scan_start.begin(), scan_start.end());
  REQUIRE(found != file.end());
  const auto data_begin = static_cast<size_t>(found - file.begin()) + 14;
  for (size_t length = data_begin; length + 3 < file.size(); ++length) {
    File cut(file.begin(), file.begin() + static_cast<ptrdiff_t>(length));
    if (file[length - 1] == std::byte{0xFF}) continue;  // the marker would become data
    cut.insert(cut.end(), {std::byte{0xFF}, std::byte{0xD9}});
    CHECK_MESSAGE(contains(decode_error(cut), "the JPEG is damaged"), "cut at ", length);
  }
}

TEST_CASE("JPEGs that libjpeg would refuse are refused by name") {
  const File file = read_fixture("baseline.jpg");
  const auto changed = [&](size_t offset, uint8_t value) {
    File copy = file;
    copy[offset] = static_cast<std::byte>(value);
    return copy;
  };
  const auto find = [&](uint8_t marker) {
    for (size_t i = 2; i + 1 < file.size(); ++i) {
      if (file[i] == std::byte{0xFF} && file[i + 1] == std::byte{marker}) return i;
    }
    FAIL("no such marker");
    return size_t{0};
  };
  const size_t frame = find(0xC0);
  CHECK(contains(decode_error(changed(frame + 1, 0xC9)), "arithmetic-coded JPEGs"));
  CHECK(contains(decode_error(changed(frame + 1, 0xC3)), "lossless JPEGs"));
  CHECK(contains(decode_error(changed(frame + 4, 12)), "12-bit JPEGs"));
  CHECK(contains(decode_error(changed(find(0xDB) + 4, 3)), "a quantization table is missing"));
  CHECK(contains(decode_error(changed(find(0xC4) + 4, 3)), "a Huffman table is missing"));
  CHECK(contains(decode_error(changed(frame + 16, 9)), "a colour component has no scan"));

  File cut(file.begin(), file.begin() + static_cast<ptrdiff_t>(file.size() / 2 + 200));
  CHECK(contains(decode_error(cut), "the JPEG is truncated"));
}

}  // namespace synsight::image
