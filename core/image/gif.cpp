// SPDX-License-Identifier: Apache-2.0
// A GIF's first frame as Pillow shows it. Source: the GIF89a specification.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/base/text.h"
#include "core/image/decoders.h"

namespace synsight::image {

namespace {

constexpr uint8_t kExtension = 0x21;
constexpr uint8_t kImage = 0x2C;
constexpr uint8_t kTrailer = 0x3B;
constexpr uint8_t kGraphicControl = 0xF9;
constexpr int kMaxCodeBits = 12;
constexpr size_t kMaxCodes = size_t{1} << kMaxCodeBits;
constexpr uint32_t kNoCode = kMaxCodes;

using Color = std::array<uint8_t, 3>;

/// The first frame and what surrounds it.
struct Frame {
  uint32_t screen_width = 0;
  uint32_t screen_height = 0;
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool is_interlaced = false;
  std::optional<uint8_t> transparent;
  std::array<Color, 256> palette{};
  size_t data_offset = 0;  // of the byte with the code size
};

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kInvalidImage, concat({"the GIF is damaged: ", what}));
}

tl::unexpected<Error> truncated(Bytes file) {
  return fail(ErrorCode::kInvalidImage, concat({"the GIF is truncated: it ends after ", file.size(),
                                                " bytes, before its first frame does"}));
}

/// Reads a palette of the size that `flags` give; returns where it ends. What it lacks is black.
size_t read_palette(Frame& frame, Bytes file, size_t at, uint8_t flags) {
  const size_t num_colors = size_t{2} << (flags & 7);
  frame.palette.fill({});
  for (size_t i = 0; i < num_colors; ++i) {
    frame.palette[i] = {file.u8(at + 3 * i), file.u8(at + 3 * i + 1), file.u8(at + 3 * i + 2)};
  }
  return at + 3 * num_colors;
}

/// The offset behind the sub-blocks that begin at `at`, and behind their terminator.
size_t skip_blocks(Bytes file, size_t at) {
  while (at < file.size() && file.u8(at) != 0) at += size_t{1} + file.u8(at);
  return at + 1;
}

Result<Frame> read_image_descriptor(Frame frame, Bytes file, size_t at, size_t max_pixels) {
  if (!file.contains(at, 10)) return truncated(file);
  frame.x = file.le16(at + 1);
  frame.y = file.le16(at + 3);
  frame.width = file.le16(at + 5);
  frame.height = file.le16(at + 7);
  if (frame.width == 0 || frame.height == 0) return damaged("its first frame has no pixels");
  // As Pillow does: a frame that reaches beyond the screen widens it.
  frame.screen_width = std::max(frame.screen_width, static_cast<uint32_t>(frame.x + frame.width));
  frame.screen_height =
      std::max(frame.screen_height, static_cast<uint32_t>(frame.y + frame.height));
  SYNSIGHT_TRY(check_size("GIF", frame.screen_width, frame.screen_height, max_pixels));
  const uint8_t flags = file.u8(at + 9);
  frame.is_interlaced = (flags & 0x40) != 0;
  frame.data_offset = at + 10;
  if ((flags & 0x80) != 0) frame.data_offset = read_palette(frame, file, at + 10, flags);
  return frame;
}

Result<Frame> find_first_frame(Bytes file, size_t max_pixels) {
  if (!file.contains(0, 13)) return truncated(file);
  Frame frame;
  frame.screen_width = file.le16(6);
  frame.screen_height = file.le16(8);
  if (frame.screen_width > 0 && frame.screen_height > 0) {
    SYNSIGHT_TRY(check_size("GIF", frame.screen_width, frame.screen_height, max_pixels));
  }
  // Without any palette the indices are grey levels.
  for (size_t i = 0; i < 256; ++i) frame.palette[i].fill(static_cast<uint8_t>(i));
  const uint8_t flags = file.u8(10);
  size_t at = 13;
  if ((flags & 0x80) != 0) at = read_palette(frame, file, at, flags);
  while (at < file.size()) {
    const uint8_t kind = file.u8(at);
    if (kind == kImage) return read_image_descriptor(frame, file, at, max_pixels);
    if (kind == kTrailer) return damaged("it has no frame");
    if (kind != kExtension) {  // stray bytes between blocks
      ++at;
      continue;
    }
    const bool is_transparent =
        file.u8(at + 1) == kGraphicControl && file.u8(at + 2) >= 4 && (file.u8(at + 3) & 1) != 0;
    if (is_transparent) frame.transparent = file.u8(at + 6);
    at = skip_blocks(file, at + 2);
  }
  return truncated(file);
}

/// LZW codes, lowest bit first, from sub-blocks.
class CodeReader {
 public:
  CodeReader(Bytes file, size_t at) : file_(file), at_(at) {}

  /// Nothing where the file or its sub-blocks end.
  std::optional<uint32_t> next(int num_bits) {
    while (num_buffered_ < num_bits) {
      if (block_left_ == 0) {
        block_left_ = file_.u8(at_++);
        if (block_left_ == 0) return std::nullopt;
      }
      if (at_ >= file_.size()) return std::nullopt;
      buffer_ |= static_cast<uint32_t>(file_.u8(at_++)) << num_buffered_;
      num_buffered_ += 8;
      --block_left_;
    }
    const uint32_t code = buffer_ & ((1U << num_bits) - 1);
    buffer_ >>= num_bits;
    num_buffered_ -= num_bits;
    return code;
  }

 private:
  Bytes file_;
  size_t at_;
  int block_left_ = 0;
  uint32_t buffer_ = 0;
  int num_buffered_ = 0;
};

/// Where the frame's pixels go, in the order in which they are stored.
class PixelWriter {
 public:
  PixelWriter(const Frame& frame, Image& image) : frame_(frame), image_(image) { start_row(0); }

  bool is_done() const { return row_ >= frame_.height; }

  void write(uint8_t index) {
    std::memcpy(output_, frame_.palette[index].data(), 3);
    output_ += 3;
    if (++column_ == frame_.width) start_row(row_ + step_);
  }

 private:
  /// Interlaced rows come in four passes: every 8th from 0, every 8th from 4, every 4th from 2,
  /// every 2nd from 1.
  void start_row(int row) {
    constexpr std::array<int, 4> kFirst = {0, 4, 2, 1};
    constexpr std::array<int, 4> kStep = {8, 8, 4, 2};
    column_ = 0;
    step_ = frame_.is_interlaced ? kStep[pass_] : 1;
    row_ = row;
    while (frame_.is_interlaced && row_ >= frame_.height && pass_ < 3) {
      ++pass_;
      row_ = kFirst[pass_];
      step_ = kStep[pass_];
    }
    if (!is_done()) {
      output_ = image_.row(frame_.y + row_) + static_cast<size_t>(frame_.x) * 3;
    }
  }

  const Frame& frame_;
  Image& image_;
  uint8_t* output_ = nullptr;
  int column_ = 0;
  int row_ = 0;
  int step_ = 1;
  size_t pass_ = 0;
};

/// The strings of LZW: each is another one and a last byte.
struct CodeTable {
  std::array<uint16_t, kMaxCodes> prefix;
  std::array<uint8_t, kMaxCodes> last;
};

Status decode_pixels(const Frame& frame, Bytes file, PixelWriter writer) {
  const int root_bits = file.u8(frame.data_offset);
  if (frame.data_offset >= file.size()) return truncated(file);
  if (root_bits < 1 || root_bits > 8) return damaged("its code size is not 1 to 8 bits");
  const uint32_t clear = 1U << root_bits;
  const uint32_t end = clear + 1;
  CodeReader reader(file, frame.data_offset + 1);
  CodeTable table;
  std::array<uint8_t, kMaxCodes> text;  // a string, from its end
  int num_bits = root_bits + 1;
  uint32_t num_codes = end + 1;
  uint32_t previous = kNoCode;  // since the last clear code
  uint8_t previous_first = 0;
  while (!writer.is_done()) {
    const std::optional<uint32_t> code = reader.next(num_bits);
    if (!code || *code == end) return damaged("the data of its first frame ends early");
    if (*code == clear) {
      num_bits = root_bits + 1;
      num_codes = end + 1;
      previous = kNoCode;
      continue;
    }
    if (*code > num_codes || (*code > clear && previous == kNoCode)) {
      return damaged("it has an impossible LZW code");
    }
    size_t begin = text.size();
    uint32_t at = *code;
    if (at == num_codes) {  // the string that this code is about to define
      text[--begin] = previous_first;
      at = previous;
    }
    for (; at >= clear; at = table.prefix[at]) text[--begin] = table.last[at];
    text[--begin] = static_cast<uint8_t>(at);
    for (size_t i = begin; i < text.size() && !writer.is_done(); ++i) writer.write(text[i]);
    if (previous != kNoCode && num_codes < kMaxCodes) {
      table.prefix[num_codes] = static_cast<uint16_t>(previous);
      table.last[num_codes] = text[begin];
      ++num_codes;
      if (num_codes == 1U << num_bits && num_bits < kMaxCodeBits) ++num_bits;
    }
    previous = *code;
    previous_first = text[begin];
  }
  return {};
}

}  // namespace

Result<StoredImage> decode_gif(Bytes file, size_t max_pixels) {
  SYNSIGHT_TRY_ASSIGN(const Frame frame, find_first_frame(file, max_pixels));
  StoredImage result;
  SYNSIGHT_TRY_ASSIGN(result.image, Image::allocate(static_cast<int>(frame.screen_width),
                                                    static_cast<int>(frame.screen_height)));
  // As Pillow does: around the frame lies the transparent colour, or else colour 0.
  const Color background = frame.palette[frame.transparent.value_or(0)];
  uint8_t* pixels = result.image.row(0);
  for (size_t i = 0; i < result.image.pixels.size(); ++i) pixels[i] = background[i % 3];
  SYNSIGHT_TRY(decode_pixels(frame, file, PixelWriter(frame, result.image)));
  return result;
}

}  // namespace synsight::image
