// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/foreign_format.h"

#include <algorithm>

namespace synsight::onnx {

namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  size_t position;
  std::string_view format;
};

// The formats' own magic numbers.
constexpr Signature kSignatures[] = {
    {"\xff\xd8\xff"sv, 0, "a JPEG picture"},
    {"\x89PNG\r\n"sv, 0, "a PNG picture"},
    {"GIF8"sv, 0, "a GIF picture"},
    {"WEBP"sv, 8, "a WebP picture"},
    {"BM"sv, 0, "a BMP picture"},
    {"version https://git-lfs"sv, 0,
     "a Git LFS pointer (fetch the file itself with `git lfs pull`)"},
    {"PK\x03\x04"sv, 0, "a zip archive (a .keras, .npz or PyTorch file?)"},
    {"\x89HDF\r\n"sv, 0, "an HDF5 file (Keras weights?)"},
    {"TFL3"sv, 4, "a TensorFlow Lite model"},
    {"ORTM"sv, 4, "a model in ONNX Runtime's own format"},
    {"\x93NUMPY"sv, 0, "a numpy array"},
    {"\x80\x02"sv, 0, "a Python pickle (a PyTorch file?)"},
    {"\x1f\x8b"sv, 0, "a gzip archive"},
    {"%PDF"sv, 0, "a PDF document"},
    {"\x7f"
     "ELF"sv,
     0, "a program"},
};

/// UTF-8 without control characters; the last character may be cut.
bool is_text(std::string_view head) {
  size_t num_following = 0;  // bytes that the character still wants
  for (const char c : head) {
    const auto byte = static_cast<unsigned char>(c);
    const bool follows = byte >= 0x80 && byte < 0xc0;
    if (follows != (num_following > 0)) return false;
    if (follows) {
      --num_following;
    } else if (byte >= 0xc0) {
      if (byte > 0xf4) return false;
      num_following = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else if (byte == 0x7f || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t')) {
      return false;
    }
  }
  return !head.empty();
}

}  // namespace

std::string_view foreign_format(std::span<const std::byte> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Signature& signature : kSignatures) {
    if (text.size() >= signature.position &&
        text.substr(signature.position).starts_with(signature.bytes)) {
      return signature.format;
    }
  }
  if (!is_text(text)) return {};
  const std::string_view trimmed =
      text.substr(std::min(text.find_first_not_of(" \r\n\t"), text.size()));
  return trimmed.starts_with('<') ? "a web page or XML document" : "a text file";
}

}  // namespace synsight::onnx
