// SPDX-License-Identifier: Apache-2.0
// Answers requests from stdin on stdout, for tests in other languages. A request is a line of
// words, the last of which counts the bytes that follow it:
//   decode MAX_PIXELS COUNT
//   resize WIDTH HEIGHT NEW_WIDTH NEW_HEIGHT FILTER COUNT
//   preprocess WIDTH HEIGHT LAYOUT PRESET_OR_- SIZE KEY=VALUE... COUNT    (`_` in a value: a space)
// The answer is `ok NUMBERS... COUNT` with COUNT bytes behind it, or `error CODE MESSAGE`.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/image/decode.h"
#include "core/image/preprocess.h"

namespace {

using synsight::concat;
using synsight::Error;
using synsight::ErrorCode;
using synsight::fail;
using synsight::Result;
using synsight::Status;
using synsight::image::Image;
using Words = std::vector<std::string>;
using Payload = std::vector<std::byte>;

int number(const Words& words, size_t index) { return std::atoi(words.at(index).c_str()); }

void answer(const std::string& numbers, const void* data, size_t size) {
  std::printf("ok %s %zu\n", numbers.c_str(), size);
  std::fwrite(data, 1, size, stdout);
}

Status decode(const Words& words, const Payload& payload) {
  const auto max_pixels = std::strtoull(words.at(1).c_str(), nullptr, 10);
  SYNSIGHT_TRY_ASSIGN(const auto decoded, synsight::image::decode(payload, {max_pixels}));
  const Image& image = decoded.image;
  answer(
      concat({image.width, " ", image.height, " ", decoded.format, " ", decoded.exif_orientation}),
      image.row(0), image.pixels.size());
  return {};
}

Result<Image> raw_image(const Words& words, const Payload& payload) {
  SYNSIGHT_TRY_ASSIGN(Image image, Image::allocate(number(words, 1), number(words, 2)));
  if (payload.size() != image.pixels.size()) {
    return fail(ErrorCode::kInvalidArgument, "the pixels do not fit the size");
  }
  std::memcpy(image.row(0), payload.data(), payload.size());
  return image;
}

Status resize(const Words& words, const Payload& payload) {
  SYNSIGHT_TRY_ASSIGN(const Image image, raw_image(words, payload));
  synsight::image::InputSpec spec;
  SYNSIGHT_TRY(set_field(spec, "filter", words.at(5)));
  SYNSIGHT_TRY_ASSIGN(const Image resized, synsight::image::resize(image, number(words, 3),
                                                                   number(words, 4), spec.filter));
  answer(concat({resized.width, " ", resized.height}), resized.row(0), resized.pixels.size());
  return {};
}

Status preprocess(const Words& words, const Payload& payload) {
  SYNSIGHT_TRY_ASSIGN(const Image image, raw_image(words, payload));
  synsight::image::InputSpec spec;
  const std::string& preset = words.at(4);
  if (preset != "-") {
    const auto found = synsight::image::find_preset(preset, number(words, 5), number(words, 5));
    if (!found) return fail(ErrorCode::kInvalidArgument, concat({"no preset ", preset}));
    spec = *found;
  }
  for (size_t i = 6; i + 1 < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    std::string value = words[i].substr(equals + 1);
    for (char& c : value) {
      if (c == '_') c = ' ';
    }
    SYNSIGHT_TRY(set_field(spec, words[i].substr(0, equals), value));
  }
  const auto layout = words.at(3) == "NHWC" ? synsight::image::TensorLayout::kNhwc
                                            : synsight::image::TensorLayout::kNchw;
  SYNSIGHT_TRY_ASSIGN(const auto tensor, synsight::image::preprocess(image, spec, layout));
  const auto dims = tensor.shape().dims();
  answer(concat({dims[1], " ", dims[2], " ", dims[3]}), tensor.data(), tensor.size_bytes());
  return {};
}

Status handle(const Words& words, const Payload& payload) {
  if (words.at(0) == "decode") return decode(words, payload);
  if (words.at(0) == "resize") return resize(words, payload);
  if (words.at(0) == "preprocess") return preprocess(words, payload);
  return fail(ErrorCode::kInvalidArgument, concat({"no request ", words.at(0)}));
}

/// Nothing at the end of the input.
Words read_words() {
  Words words;
  std::string word;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    if (c != ' ') {
      word += static_cast<char>(c);
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

}  // namespace

int main() {
  while (true) {
    const Words words = read_words();
    if (words.empty()) return 0;
    Payload payload(std::strtoull(words.back().c_str(), nullptr, 10));
    if (std::fread(payload.data(), 1, payload.size(), stdin) != payload.size()) return 1;
    if (const Status status = handle(words, payload); !status) {
      const Error& error = status.error();
      std::printf("error %s %s\n", std::string(error_code_name(error.code)).c_str(),
                  error.message.c_str());
    }
    std::fflush(stdout);
  }
}
