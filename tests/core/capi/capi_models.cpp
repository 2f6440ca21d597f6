// SPDX-License-Identifier: Apache-2.0
#include "tests/core/capi/capi_models.h"

#include <doctest/doctest.h>

#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"

namespace synsight::test {

std::string take(char* message) {
  const std::string text = message == nullptr ? "none" : message;
  synsight_message_free(message);
  return text;
}

synsight_model* read_model(std::string_view bytes) {
  synsight_reader* reader = nullptr;
  synsight_model* model = nullptr;
  char* message = nullptr;
  REQUIRE(synsight_reader_create(&reader, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_reader_feed(reader, bytes.data(), bytes.size(), nullptr) == SYNSIGHT_OK);
  CHECK(synsight_reader_finish(reader, &model, &message) == SYNSIGHT_OK);
  CHECK(take(message) == "none");
  synsight_reader_free(reader);
  return model;
}

std::string color_model() {
  GraphParts parts;
  parts.nodes = {node("GlobalAveragePool", {"picture"}, {"means"}),
                 node("Flatten", {"means"}, {"scores"})};
  parts.inputs = {value_info("picture", kFloatType, {-1, 3, 4, 4})};
  parts.outputs = {value_info("scores", kFloatType, {-1, 3})};
  std::string bytes = model(parts);
  const std::vector<std::pair<std::string, std::string>> metadata = {
      {"synsight.resize", "stretch 4x4"},
      {"synsight.scale", "1/255"},
      {"synsight.classes", "n01\tred\nn02\tgreen\nn03\tblue"}};
  for (const auto& [key, value] : metadata) {
    bytes += ProtoWriter().message(14, ProtoWriter().bytes(1, key).bytes(2, value)).text();
  }
  return bytes;
}

std::string product_model() {
  GraphParts parts;
  parts.nodes = {node("Mul", {"a", "x"}, {"y"})};
  parts.inputs = {value_info("a", kFloatType, {-1, 2}), value_info("x", kFloatType, {-1, 2})};
  parts.outputs = {value_info("y", kFloatType, {-1, 2})};
  return model(parts);
}

std::string identity_model(uint64_t data_type) {
  GraphParts parts;
  parts.nodes = {node("Identity", {"x"}, {"y"})};
  parts.inputs = {value_info("x", data_type, {-1})};
  parts.outputs = {value_info("y", data_type, {-1})};
  return model(parts);
}

std::string external_model() {
  GraphParts parts;
  parts.nodes = {node("Add", {"x", "w"}, {"y"})};
  parts.inputs = {value_info("x", kFloatType, {2})};
  parts.initializers = {external_tensor("w", {2}, "weights.bin", "4", "8")};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return model(parts);
}

std::string bmp(int width, int height, uint8_t red, uint8_t green, uint8_t blue) {
  constexpr uint64_t kHeaderBytes = 54;
  const size_t padding = (4 - static_cast<size_t>(width) * 3 % 4) % 4;
  std::string pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels += {static_cast<char>(blue), static_cast<char>(green), static_cast<char>(red)};
    }
    pixels.append(padding, '\0');
  }
  return ProtoWriter()
      .append("BM")
      .append_little_endian(kHeaderBytes + pixels.size(), 4)
      .append_little_endian(0, 4)
      .append_little_endian(kHeaderBytes, 4)
      .append_little_endian(40, 4)  // BITMAPINFOHEADER
      .append_little_endian(static_cast<uint64_t>(width), 4)
      .append_little_endian(static_cast<uint64_t>(height), 4)
      .append_little_endian(1, 2)
      .append_little_endian(24, 2)
      .append_little_endian(0, 4)  // not compressed
      .append_little_endian(pixels.size(), 4)
      .append(std::string(16, '\0'))
      .append(pixels)
      .text();
}

}  // namespace synsight::test
