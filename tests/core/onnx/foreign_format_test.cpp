// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/foreign_format.h"

#include <doctest/doctest.h>

#include <string>

#include "core/onnx/reader.h"
#include "tests/support/proto_writer.h"

using namespace synsight;
using namespace synsight::test;
using namespace std::string_literals;

namespace {

struct FormatCase {
  std::string head;
  std::string_view format;
};

const FormatCase kFormatCases[] = {
    {"\xff\xd8\xff\xe0\0\x10JFIF"s, "a JPEG picture"},
    {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "a PNG picture"},
    {"GIF89a"s, "a GIF picture"},
    {"RIFF\1\2\3\4WEBPVP8 "s, "a WebP picture"},
    {"PK\x03\x04\x14\0\0\0"s, "a zip archive (a .keras, .npz or PyTorch file?)"},
    {"\x89HDF\r\n\x1a\n"s, "an HDF5 file (Keras weights?)"},
    {"\x1c\0\0\0TFL3\0"s, "a TensorFlow Lite model"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"s,
     "a Git LFS pointer (fetch the file itself with `git lfs pull`)"},
    {"<!DOCTYPE html>\n<html>"s, "a web page or XML document"},
    {"\n  <html>"s, "a web page or XML document"},
    {"Dear diary,\n"s, "a text file"},
    {"{\"a\": 1}"s, "a text file"},
    {"Gr\xc3\xbc\xc3\x9f Gott \xe2\x82"s, "a text file"},
};

}  // namespace

TEST_CASE("files that are no models are told apart by their first bytes") {
  for (const FormatCase& format : kFormatCases) {
    CAPTURE(format.format);
    CHECK(onnx::foreign_format(as_bytes(format.head)) == format.format);
  }
  CHECK(onnx::foreign_format({}) == "");
  CHECK(onnx::foreign_format(as_bytes(std::string(64, '\xff'))) == "");
  CHECK(onnx::foreign_format(as_bytes("Gr\xfc\xdf Gott")) == "");
  CHECK(onnx::foreign_format(as_bytes("\x08\x07\x12\x07pytorch")) == "");
}

TEST_CASE("the reader says what a file is that is no model") {
  for (const FormatCase& format : kFormatCases) {
    CAPTURE(format.format);
    onnx::Reader reader;
    const auto status = reader.feed(as_bytes(format.head));
    const auto graph = reader.finish();
    REQUIRE_FALSE(graph.has_value());
    CHECK(graph.error().code == ErrorCode::kInvalidModel);
    CHECK(graph.error().message ==
          "not an ONNX model: the file looks like " + std::string(format.format));
  }
}

TEST_CASE("an empty file is no model") {
  onnx::Reader reader;
  CHECK(reader.finish().error().message == "not an ONNX model: the file is empty");
}
