// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/model_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "tests/core/onnx/model_writer.h"
#include "tests/support/proto_writer.h"
#include "tests/support/test_tensor.h"

using namespace synsight;
using namespace synsight::test;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that is gone after the test.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = fs::temp_directory_path() / ("synsight_model_file_test_" + std::to_string(++number) +
                                         "_" + std::to_string(::getpid()));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::FILE* file = std::fopen(path(name).c_str(), "wb");
    REQUIRE(file != nullptr);
    REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
    REQUIRE(std::fclose(file) == 0);
    return path(name);
  }

 private:
  fs::path path_;
};

std::string external_model() {
  GraphParts parts;
  parts.nodes = {node("Identity", {"w"}, {"y"})};
  parts.initializers = {external_tensor("w", {2}, "model.onnx.data", "4", "8")};
  parts.outputs = {value_info("y", kFloatType, {2})};
  return model(parts);
}

const std::string kData = "skip" + raw_floats({1.5f, -2}) + "rest";

std::string refusal(const std::string& path, ErrorCode code) {
  const auto graph = read_model_file(path);
  if (graph) return "";
  CHECK(graph.error().code == code);
  return graph.error().message;
}

}  // namespace

TEST_CASE("a model file is read") {
  const Folder folder;
  const auto graph = read_model_file(folder.write("model.onnx", small_model()));
  REQUIRE(graph.has_value());
  CHECK(graph->nodes.size() == 2);
}

TEST_CASE("external data is read from the model's own folder") {
  const Folder folder;
  folder.write("model.onnx.data", kData);
  const auto graph = read_model_file(folder.write("model.onnx", external_model()));
  REQUIRE(graph.has_value());
  CHECK(to_doubles(graph->values[0].initializer.view()) == std::vector<double>{1.5, -2});
}

TEST_CASE("a model may be reached through a symbolic link, its external data may not") {
  const Folder folder;
  folder.write("real.data", kData);
  folder.write("real.onnx", external_model());
  fs::create_symlink("real.onnx", folder.path("model.onnx"));
  fs::create_symlink("real.data", folder.path("model.onnx.data"));
  CHECK(refusal(folder.path("model.onnx"), ErrorCode::kIo) ==
        "\"" + folder.path("model.onnx") + "\": external data: \"" +
            folder.path("model.onnx.data") + "\" is a symbolic link, wanted the file itself");
  fs::remove(folder.path("model.onnx.data"));
  folder.write("model.onnx.data", kData);
  CHECK(refusal(folder.path("model.onnx"), ErrorCode::kIo) == "");
}

TEST_CASE("external data that is not there, no file or too short is named") {
  const Folder folder;
  const std::string path = folder.write("model.onnx", external_model());
  const std::string data_path = folder.path("model.onnx.data");
  CHECK(refusal(path, ErrorCode::kIo) ==
        "\"" + path + "\": external data: \"" + data_path + "\" does not exist");
  fs::create_directory(data_path);
  CHECK(refusal(path, ErrorCode::kIo) ==
        "\"" + path + "\": external data: \"" + data_path + "\" is a folder, wanted a file");
  fs::remove(data_path);
  folder.write("model.onnx.data", kData.substr(0, 11));
  CHECK(refusal(path, ErrorCode::kInvalidModel) ==
        "\"" + path +
            "\": initializer \"w\": its data ends at byte 12 of \"model.onnx.data\", which has 11");
}

TEST_CASE("external data outside the model's folder is refused") {
  const Folder folder;
  GraphParts parts;
  parts.nodes = {node("Identity", {"w"}, {"y"})};
  parts.initializers = {external_tensor("w", {2}, "../secret")};
  parts.outputs = {value_info("y", kFloatType, {2})};
  const std::string path = folder.write("model.onnx", model(parts));
  CHECK(refusal(path, ErrorCode::kInvalidModel) ==
        "\"" + path +
            "\": initializer \"w\": external data location \"../secret\" is not the name of a file "
            "beside the model");
}

TEST_CASE("what is no model file is named in one line") {
  const Folder folder;
  const auto quoted = [](const std::string& path) { return "\"" + path + "\""; };
  CHECK(refusal(folder.path("none.onnx"), ErrorCode::kIo) ==
        quoted(folder.path("none.onnx")) + " does not exist");
  CHECK(refusal(folder.path(""), ErrorCode::kIo) ==
        quoted(folder.path("")) + " is a folder, wanted a file");
  CHECK(refusal("/dev/null", ErrorCode::kIo) == "\"/dev/null\" is not a regular file");
  const std::string empty = folder.write("empty.onnx", "");
  CHECK(refusal(empty, ErrorCode::kInvalidModel) ==
        quoted(empty) + ": not an ONNX model: the file is empty");
  const std::string text = folder.write("text.onnx", "Hello.\n");
  CHECK(refusal(text, ErrorCode::kInvalidModel) ==
        quoted(text) + ": not an ONNX model: the file looks like a text file");
  const std::string page = folder.write("page.onnx", "<!DOCTYPE html><title>404</title>");
  CHECK(refusal(page, ErrorCode::kInvalidModel) ==
        quoted(page) + ": not an ONNX model: the file looks like a web page or XML document");
}

TEST_CASE("a file's bytes are read up to a bound") {
  const Folder folder;
  const std::string path = folder.write("bytes", "12345");
  const auto bytes = read_file(path, 5);
  REQUIRE(bytes.has_value());
  CHECK(bytes->size() == 5);
  CHECK((*bytes)[4] == std::byte{'5'});
  CHECK(read_file(path, 4).error().message == "\"" + path + "\" is larger than 4 bytes");
  CHECK(read_file(folder.path("none"), 4).error().code == ErrorCode::kIo);
}
