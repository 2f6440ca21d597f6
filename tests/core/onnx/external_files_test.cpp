// SPDX-License-Identifier: Apache-2.0
#include "core/onnx/external_files.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/onnx/reader.h"
#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"
#include "tests/support/test_tensor.h"

using namespace synsight;
using namespace synsight::test;

namespace {

// y = a + b with a and b as given.
std::string model_with(const ProtoWriter& a, const ProtoWriter& b) {
  GraphParts parts;
  parts.nodes = {node("Add", {"a", "b"}, {"y"})};
  parts.initializers = {a, b};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return model(parts);
}

std::string model_with(const ProtoWriter& a) {
  return model_with(a, float_tensor("b", {2}, {1, 2}));
}

// The names that the model asks for, or the error.
Result<std::vector<std::string>> files_of(const std::string& bytes) {
  onnx::Reader reader;
  SYNSIGHT_TRY(reader.feed(as_bytes(bytes)));
  return reader.external_files();
}

std::string refusal(const ProtoWriter& tensor) {
  const auto files = files_of(model_with(tensor));
  if (files) return "";
  CHECK(files.error().code == ErrorCode::kInvalidModel);
  return files.error().message;
}

Result<Graph> read_with(const std::string& bytes, const std::string& data, size_t piece_size) {
  onnx::Reader reader;
  SYNSIGHT_TRY(reader.feed(as_bytes(bytes)));
  SYNSIGHT_TRY_ASSIGN(const auto files, reader.external_files());
  for (const std::string& file : files) {
    for (size_t begin = 0; begin < data.size(); begin += piece_size) {
      SYNSIGHT_TRY(
          reader.feed_external(file, as_bytes(std::string_view(data).substr(begin, piece_size))));
    }
  }
  return reader.finish();
}

}  // namespace

TEST_CASE("external data is scattered into the tensors from pieces of any size") {
  const std::string bytes = model_with(external_tensor("a", {2}, "w.bin", "20", "8"),
                                       external_tensor("b", {2}, "w.bin", "4"));
  const std::string data = "skip" + raw_floats({1, 2}) + "and skip" + raw_floats({3, 4}) + "rest";
  for (const size_t piece_size : {1, 2, 3, 7, 100}) {
    CAPTURE(piece_size);
    const auto graph = read_with(bytes, data, piece_size);
    REQUIRE(graph.has_value());
    CHECK(to_doubles(graph->values[0].initializer.view()) == std::vector<double>{3, 4});
    CHECK(to_doubles(graph->values[1].initializer.view()) == std::vector<double>{1, 2});
  }
}

TEST_CASE("every external file is asked for once") {
  const auto files = files_of(model_with(external_tensor("a", {2}, "z.data", "0", "8"),
                                         external_tensor("b", {2}, "z.data", "8")));
  REQUIRE(files.has_value());
  CHECK(*files == std::vector<std::string>{"z.data"});
  CHECK(files_of(small_model())->empty());
}

TEST_CASE("a location that is not a plain file name is refused and named") {
  const std::string nul("a\0b", 3);
  for (const std::string& location :
       {std::string(), std::string("."), std::string(".."), std::string("/etc/passwd"),
        std::string("../w.bin"), std::string("sub/w.bin"), std::string("./w.bin"),
        std::string("..\\w.bin"), std::string("sub\\w.bin"), std::string("C:w.bin"),
        std::string("C:\\w.bin"), std::string("w.bin:stream"), std::string("w.bin/"), nul}) {
    CAPTURE(location);
    CHECK(refusal(external_tensor("a", {2}, location)) ==
          "initializer \"a\": external data location \"" + location +
              "\" is not the name of a file beside the model");
    CHECK_FALSE(onnx::is_plain_file_name(location));
  }
  for (const char* location : {"w.bin", "..w", "model.onnx.data", "a b", "...", "\xc3\xa9.bin"}) {
    CAPTURE(location);
    CHECK(refusal(external_tensor("a", {2}, location)) == "");
  }
}

TEST_CASE("an offset or length that is not the tensor's is refused") {
  CHECK(refusal(external_tensor("a", {2}, "w", "0", "4")) ==
        "initializer \"a\": has 4 bytes of external data, float32[2] takes 8");
  CHECK(refusal(external_tensor("a", {2}, "w", "-8", "8")) ==
        "initializer \"a\": external offset \"-8\" is not a number of bytes");
  CHECK(refusal(external_tensor("a", {2}, "w", "0", "8 ")) ==
        "initializer \"a\": external length \"8 \" is not a number of bytes");
  CHECK(refusal(external_tensor("a", {2}, "w", "99999999999999999999")) ==
        "initializer \"a\": external offset \"99999999999999999999\" is not a number of bytes");
  CHECK(refusal(external_tensor("a", {2}, "w", "18446744073709551615")) ==
        "initializer \"a\": offset 18446744073709551615 of its external data is too large");
  CHECK(refusal(external_tensor("a", {-2}, "w")) ==
        "initializer \"a\": shape [?] has an unknown dimension");
  CHECK(refusal(external_tensor("a", {2}, "w").bytes(9, raw_floats({1, 2}))) ==
        "initializer \"a\": has elements here and in an external file");
}

TEST_CASE("two initializers may not share external bytes") {
  const auto files = files_of(
      model_with(external_tensor("a", {2}, "w", "4"), external_tensor("b", {2}, "w", "0")));
  REQUIRE_FALSE(files.has_value());
  CHECK(files.error().message ==
        "initializer \"a\": shares bytes of \"w\" with \"b\", which is not supported");
}

TEST_CASE("a file that ends early is named with its initializer") {
  const std::string bytes = model_with(external_tensor("a", {2}, "w.bin", "4"));
  const auto graph = read_with(bytes, "skip1234", 3);
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().code == ErrorCode::kInvalidModel);
  CHECK(graph.error().message ==
        "initializer \"a\": its data ends at byte 12 of \"w.bin\", which has 8");
}

TEST_CASE("an external tensor of enormous size costs nothing before its bytes come") {
  constexpr int64_t kElements = sizeof(size_t) > 4 ? int64_t{1} << 50 : int64_t{1} << 28;
  const std::string bytes = model_with(external_tensor("a", {kElements}, "w.bin"));
  const auto graph = read_with(bytes, raw_floats({1, 2}), 8);
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().message == concat({"initializer \"a\": its data ends at byte ", kElements * 4,
                                         " of \"w.bin\", which has 8"}));
}

TEST_CASE("bytes of a file that is not wanted are refused") {
  onnx::Reader reader;
  REQUIRE(reader.feed(as_bytes(small_model())));
  CHECK(reader.feed_external("w", {}).error().code == ErrorCode::kInvalidArgument);
  REQUIRE(reader.external_files());
  CHECK(reader.feed_external("w", {}).error().message == "the model wants no external file \"w\"");
}

TEST_CASE("an attribute whose tensor is external is refused with its node") {
  const ProtoWriter value =
      ProtoWriter().bytes(1, "value").message(5, external_tensor("", {2}, "w")).varint(20, 4);
  GraphParts parts;
  parts.nodes = {node("Constant", {}, {"y"}, "k", {value})};
  parts.outputs = {value_info("y", kFloatType, {2})};
  const auto graph = read(model(parts));
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().message ==
        "node \"k\" (Constant): attribute \"value\" is a tensor in an external file, which is not "
        "supported");
}
