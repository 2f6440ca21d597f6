// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/capi/handles.h"
#include "core/capi/synsight.h"
#include "tests/core/capi/capi_models.h"

using namespace synsight;
using namespace synsight::test;

namespace {

synsight_reader* create_reader() {
  synsight_reader* reader = nullptr;
  char* message = nullptr;
  CHECK(synsight_reader_create(&reader, &message) == SYNSIGHT_OK);
  CHECK(message == nullptr);
  return reader;
}

}  // namespace

TEST_CASE("every error code has its own number and its name, which stay") {
  const std::vector<std::pair<synsight_status, std::string>> names = {{0, "ok"},
                                                                      {1, "invalid_argument"},
                                                                      {2, "invalid_model"},
                                                                      {3, "invalid_image"},
                                                                      {4, "unsupported_op"},
                                                                      {5, "unsupported_type"},
                                                                      {6, "shape_mismatch"},
                                                                      {7, "out_of_memory"},
                                                                      {8, "io"},
                                                                      {9, "device"},
                                                                      {10, "cancelled"},
                                                                      {11, "deadline_exceeded"},
                                                                      {12, "internal"}};
  for (const auto& [number, name] : names) CHECK(synsight_status_name(number) == name);
  CHECK(synsight_status_name(13) == nullptr);
  CHECK(synsight_status_name(-1) == nullptr);

  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const synsight_status status = capi::report(fail(code, "why"), nullptr);
    CHECK(synsight_status_name(status) == error_code_name(code));
  }
}

TEST_CASE("the version has three numbers") {
  int major = -1;
  int minor = -1;
  int patch = -1;
  char rest = 0;
  CHECK(std::sscanf(synsight_version(), "%d.%d.%d%c", &major, &minor, &patch, &rest) == 3);
}

TEST_CASE("a null where something is needed is an error that names it") {
  struct Case {
    const char* message;
    std::function<synsight_status(char**)> call;
  };
  synsight_reader* reader = create_reader();
  synsight_model* model = read_model(product_model());
  synsight_session* session = nullptr;
  REQUIRE(synsight_session_create(model, nullptr, &session, nullptr) == SYNSIGHT_OK);
  synsight_classifier* classifier = nullptr;
  synsight_outputs* outputs = nullptr;
  synsight_classification* answer = nullptr;
  synsight_prepared* prepared = nullptr;
  synsight_task* task = nullptr;
  const char* const* names = nullptr;
  const std::vector<Case> cases = {
      {"reader is null", [&](char** m) { return synsight_reader_create(nullptr, m); }},
      {"reader is null", [&](char** m) { return synsight_reader_feed(nullptr, "", 0, m); }},
      {"bytes is null", [&](char** m) { return synsight_reader_feed(reader, nullptr, 1, m); }},
      {"reader is null",
       [&](char** m) { return synsight_reader_external_files(nullptr, &names, m); }},
      {"names is null",
       [&](char** m) { return synsight_reader_external_files(reader, nullptr, m); }},
      {"reader is null",
       [&](char** m) { return synsight_reader_feed_external(nullptr, "a", "", 0, m); }},
      {"name is null",
       [&](char** m) { return synsight_reader_feed_external(reader, nullptr, "", 0, m); }},
      {"bytes is null",
       [&](char** m) { return synsight_reader_feed_external(reader, "a", nullptr, 1, m); }},
      {"reader is null", [&](char** m) { return synsight_reader_finish(nullptr, &model, m); }},
      {"model is null", [&](char** m) { return synsight_reader_finish(reader, nullptr, m); }},
      {"path is null", [&](char** m) { return synsight_model_read_file(nullptr, &model, m); }},
      {"model is null", [&](char** m) { return synsight_model_read_file("a", nullptr, m); }},
      {"flag is null", [&](char** m) { return synsight_cancel_flag_create(nullptr, m); }},
      {"session is null", [&](char** m) { return synsight_session_create(model, {}, nullptr, m); }},
      {"classifier is null",
       [&](char** m) { return synsight_classifier_create(model, {}, nullptr, m); }},
      {"model is null",
       [&](char** m) { return synsight_classifier_create(nullptr, {}, &classifier, m); }},
      {"session is null",
       [&](char** m) { return synsight_session_run(nullptr, {}, 0, {}, &outputs, m); }},
      {"outputs is null",
       [&](char** m) { return synsight_session_run(session, {}, 0, {}, nullptr, m); }},
      {"inputs is null",
       [&](char** m) { return synsight_session_run(session, {}, 2, {}, &outputs, m); }},
      {"classifier is null",
       [&](char** m) { return synsight_classify(nullptr, "", 0, 1, {}, &answer, m); }},
      {"classification is null",
       [&](char** m) { return synsight_classify(nullptr, "", 0, 1, {}, nullptr, m); }},
      {"classifier is null",
       [&](char** m) { return synsight_prepare(nullptr, "", 0, &prepared, m); }},
      {"prepared is null",
       [&](char** m) { return synsight_prepare_pixels(nullptr, "", 0, 0, nullptr, m); }},
      {"classifier is null",
       [&](char** m) { return synsight_task_create(nullptr, nullptr, 1, {}, &task, m); }},
      {"task is null", [&](char** m) { return synsight_task_advance(nullptr, 0, &answer, m); }},
  };
  synsight_model* const kept = model;
  for (const Case& c : cases) {
    CAPTURE(c.message);
    char* message = nullptr;
    CHECK(c.call(&message) == SYNSIGHT_INVALID_ARGUMENT);
    CHECK(take(message) == c.message);
    CHECK(c.call(nullptr) == SYNSIGHT_INVALID_ARGUMENT);
  }
  CHECK(model == nullptr);  // a failed call clears what it would have given
  CHECK(synsight_session_get_info(nullptr) == nullptr);
  CHECK(synsight_classifier_get_info(nullptr) == nullptr);
  CHECK(synsight_classifier_session(nullptr) == nullptr);
  synsight_cancel_flag_set(nullptr, 1);
  synsight_session_free(session);
  synsight_reader_free(reader);
  synsight_model_free(kept);
}

TEST_CASE("every handle's null can be freed") {
  synsight_message_free(nullptr);
  synsight_reader_free(nullptr);
  synsight_model_free(nullptr);
  synsight_cancel_flag_free(nullptr);
  synsight_session_free(nullptr);
  synsight_outputs_free(nullptr);
  synsight_classifier_free(nullptr);
  synsight_classification_free(nullptr);
  synsight_prepared_free(nullptr);
  synsight_task_free(nullptr);
}

TEST_CASE("a model is read from single bytes") {
  synsight_reader* reader = create_reader();
  for (const char byte : color_model()) {
    REQUIRE(synsight_reader_feed(reader, &byte, 1, nullptr) == SYNSIGHT_OK);
  }
  const char* const* names = nullptr;
  CHECK(synsight_reader_external_files(reader, &names, nullptr) == SYNSIGHT_OK);
  REQUIRE(names != nullptr);
  CHECK(names[0] == nullptr);
  synsight_model* model = nullptr;
  CHECK(synsight_reader_finish(reader, &model, nullptr) == SYNSIGHT_OK);
  CHECK(model != nullptr);
  synsight_model_free(model);

  char* message = nullptr;
  CHECK(synsight_reader_finish(reader, &model, &message) == SYNSIGHT_INVALID_ARGUMENT);
  CHECK(model == nullptr);
  CHECK(take(message) != "none");
  synsight_reader_free(reader);
}

TEST_CASE("a model cut anywhere is an error, and the reader stays failed") {
  const std::string whole = color_model();
  const size_t graph_end = whole.find("synsight.resize");
  for (size_t size = 0; size < graph_end - 4; ++size) {
    CAPTURE(size);
    synsight_reader* reader = create_reader();
    synsight_model* model = nullptr;
    char* message = nullptr;
    CHECK(synsight_reader_feed(reader, whole.data(), size, nullptr) == SYNSIGHT_OK);
    CHECK(synsight_reader_finish(reader, &model, &message) == SYNSIGHT_INVALID_MODEL);
    CHECK(model == nullptr);
    CHECK(take(message) != "none");
    CHECK(synsight_reader_feed(reader, whole.data(), size, nullptr) != SYNSIGHT_OK);
    synsight_reader_free(reader);
  }
}

TEST_CASE("bytes that are no model are refused as they come") {
  synsight_reader* reader = create_reader();
  const std::string text = "This is no model at all.\n";
  char* message = nullptr;
  CHECK(synsight_reader_feed(reader, text.data(), text.size(), &message) == SYNSIGHT_INVALID_MODEL);
  CHECK(take(message) == "not an ONNX model: the file looks like a text file");
  synsight_reader_free(reader);
}

TEST_CASE("external data is asked for by name and fed in pieces") {
  const std::string bytes = external_model();
  synsight_reader* reader = create_reader();
  CHECK(synsight_reader_feed(reader, bytes.data(), bytes.size(), nullptr) == SYNSIGHT_OK);
  const char* const* names = nullptr;
  REQUIRE(synsight_reader_external_files(reader, &names, nullptr) == SYNSIGHT_OK);
  CHECK(names[0] == std::string("weights.bin"));
  CHECK(names[1] == nullptr);

  const float weights[3] = {-1, 10, 20};  // the first is skipped: the model's offset is 4
  const auto* data = reinterpret_cast<const char*>(weights);
  CHECK(synsight_reader_feed_external(reader, names[0], data, 5, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_reader_feed_external(reader, names[0], data + 5, 7, nullptr) == SYNSIGHT_OK);
  synsight_model* model = nullptr;
  REQUIRE(synsight_reader_finish(reader, &model, nullptr) == SYNSIGHT_OK);
  synsight_reader_free(reader);

  synsight_session* session = nullptr;
  REQUIRE(synsight_session_create(model, nullptr, &session, nullptr) == SYNSIGHT_OK);
  synsight_model_free(model);
  const int64_t dims[1] = {2};
  const float x[2] = {1, 2};
  const synsight_tensor input = {SYNSIGHT_FLOAT32, 1, dims, x, sizeof x};
  synsight_outputs* outputs = nullptr;
  REQUIRE(synsight_session_run(session, &input, 1, nullptr, &outputs, nullptr) == SYNSIGHT_OK);
  const auto* y = static_cast<const float*>(outputs->tensors[0].data);
  CHECK(y[0] == 11);
  CHECK(y[1] == 22);
  synsight_outputs_free(outputs);
  synsight_session_free(session);
}

TEST_CASE("external data of another name, or too little of it, is refused") {
  const std::string bytes = external_model();
  for (const std::string name : {"other.bin", "weights.bin"}) {
    CAPTURE(name);
    synsight_reader* reader = create_reader();
    CHECK(synsight_reader_feed(reader, bytes.data(), bytes.size(), nullptr) == SYNSIGHT_OK);
    const char* const* names = nullptr;
    CHECK(synsight_reader_external_files(reader, &names, nullptr) == SYNSIGHT_OK);
    const bool is_wanted = name == names[0];
    CHECK(synsight_reader_feed_external(reader, name.c_str(), "12345678", 8, nullptr) ==
          (is_wanted ? SYNSIGHT_OK : SYNSIGHT_INVALID_ARGUMENT));
    synsight_model* model = nullptr;
    char* message = nullptr;
    CHECK(synsight_reader_finish(reader, &model, &message) ==
          (is_wanted ? SYNSIGHT_INVALID_MODEL : SYNSIGHT_INVALID_ARGUMENT));
    CHECK(take(message).find(name) != std::string::npos);
    CHECK(model == nullptr);
    synsight_reader_free(reader);
  }
}

TEST_CASE("a model is read from a path, and a missing one is named") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("synsight_capi_" + std::to_string(::getpid()) + ".onnx");
  const std::string bytes = color_model();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  REQUIRE(std::fclose(file) == 0);
  synsight_model* model = nullptr;
  char* message = nullptr;
  CHECK(synsight_model_read_file(path.c_str(), &model, &message) == SYNSIGHT_OK);
  CHECK(model != nullptr);
  CHECK(take(message) == "none");
  synsight_model_free(model);

  std::filesystem::remove(path);
  CHECK(synsight_model_read_file(path.c_str(), &model, &message) == SYNSIGHT_IO);
  CHECK(model == nullptr);
  CHECK(take(message) == "\"" + path.string() + "\" does not exist");
}

TEST_CASE("a model makes one session or classifier, whatever becomes of it") {
  synsight_model* model = read_model(product_model());
  synsight_classifier* classifier = nullptr;
  char* message = nullptr;
  CHECK(synsight_classifier_create(model, nullptr, &classifier, &message) ==
        SYNSIGHT_INVALID_MODEL);
  CHECK(classifier == nullptr);
  CHECK(take(message) == "a classifier has one input, this model has 2");
  synsight_session* session = nullptr;
  CHECK(synsight_session_create(model, nullptr, &session, &message) == SYNSIGHT_INVALID_ARGUMENT);
  CHECK(take(message) == "the model is used up");
  synsight_model_free(model);
}
