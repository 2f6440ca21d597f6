// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/capi/synsight.h"
#include "tests/core/capi/capi_models.h"

using namespace synsight::test;

namespace {

synsight_classifier* create_classifier(const char* const* options = nullptr) {
  synsight_model* model = read_model(color_model());
  synsight_classifier* classifier = nullptr;
  char* message = nullptr;
  CHECK(synsight_classifier_create(model, options, &classifier, &message) == SYNSIGHT_OK);
  CHECK(take(message) == "none");
  synsight_model_free(model);
  return classifier;
}

/// The probability of channel `index` by the color model.
double softmax(double red, double green, double blue, size_t index) {
  const double scores[3] = {red / 255, green / 255, blue / 255};
  return std::exp(scores[index]) /
         (std::exp(scores[0]) + std::exp(scores[1]) + std::exp(scores[2]));
}

/// Classifies and gives the answer back.
synsight_status classify(synsight_classifier* classifier, std::string_view bytes, std::string* text,
                         const synsight_run_options* options = nullptr) {
  synsight_classification* answer = nullptr;
  char* message = nullptr;
  const synsight_status status =
      synsight_classify(classifier, bytes.data(), bytes.size(), 3, options, &answer, &message);
  CHECK((status == SYNSIGHT_OK) == (answer != nullptr));
  synsight_classification_free(answer);
  *text = take(message);
  return status;
}

/// Classifies a prepared picture by a task.
synsight_classification* run(synsight_classifier* classifier, const synsight_prepared* prepared) {
  synsight_task* task = nullptr;
  synsight_classification* answer = nullptr;
  CHECK(synsight_task_create(classifier, prepared, 2, nullptr, &task, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_task_advance(task, 60e3, &answer, nullptr) == SYNSIGHT_OK);
  synsight_task_free(task);
  return answer;
}

}  // namespace

TEST_CASE("a picture in memory gets its classes, best first") {
  for (const char* backend : {"xnnpack", "reference"}) {
    CAPTURE(backend);
    const char* options[] = {"backends", backend, nullptr};
    synsight_classifier* classifier = create_classifier(options);
    const std::string picture = bmp(6, 5, 50, 200, 100);
    synsight_classification* answer = nullptr;
    REQUIRE(synsight_classify(classifier, picture.data(), picture.size(), 2, nullptr, &answer,
                              nullptr) == SYNSIGHT_OK);
    synsight_classifier_free(classifier);  // the answer outlives it

    CHECK(answer->width == 6);
    CHECK(answer->height == 5);
    CHECK(answer->decode_ms >= 0);
    CHECK(answer->preprocess_ms >= 0);
    CHECK(answer->inference_ms > 0);
    REQUIRE(answer->num_predictions == 2);
    const synsight_prediction& first = answer->predictions[0];
    const synsight_prediction& second = answer->predictions[1];
    CHECK(first.index == 1);
    CHECK(first.wnid == std::string("n02"));
    CHECK(first.label == std::string("green"));
    CHECK(std::abs(first.probability - softmax(50, 200, 100, 1)) < 1e-6);
    CHECK(second.index == 2);
    CHECK(second.wnid == std::string("n03"));
    CHECK(second.label == std::string("blue"));
    CHECK(std::abs(second.probability - softmax(50, 200, 100, 2)) < 1e-6);
    synsight_classification_free(answer);
  }
}

TEST_CASE("decoded pixels give the same as the file, whatever their alpha") {
  synsight_classifier* classifier = create_classifier();
  std::vector<uint8_t> rgba;
  for (uint8_t i = 0; i < 6 * 5; ++i) rgba.insert(rgba.end(), {50, 200, 100, i});
  const std::string file = bmp(6, 5, 50, 200, 100);
  synsight_prepared* of_pixels = nullptr;
  synsight_prepared* of_file = nullptr;
  REQUIRE(synsight_prepare_pixels(classifier, rgba.data(), 6, 5, &of_pixels, nullptr) ==
          SYNSIGHT_OK);
  REQUIRE(synsight_prepare(classifier, file.data(), file.size(), &of_file, nullptr) == SYNSIGHT_OK);
  CHECK(of_pixels->width == 6);
  CHECK(of_pixels->height == 5);
  CHECK(of_pixels->decode_ms == 0);
  for (const synsight_prepared* prepared : {of_pixels, of_file}) {
    const synsight_tensor& tensor = prepared->tensor;
    CHECK(tensor.dtype == SYNSIGHT_FLOAT32);
    CHECK(std::vector(tensor.dims, tensor.dims + tensor.rank) == std::vector<int64_t>{1, 3, 4, 4});
    REQUIRE(tensor.num_bytes == 48 * sizeof(float));
    for (size_t i = 0; i < 48; ++i) {
      constexpr float kPixel[3] = {50, 200, 100};
      CHECK(static_cast<const float*>(tensor.data)[i] == doctest::Approx(kPixel[i / 16] / 255));
    }
    synsight_classification* answer = run(classifier, prepared);
    CHECK(answer->predictions[0].index == 1);
    CHECK(answer->predictions[0].probability == doctest::Approx(softmax(50, 200, 100, 1)));
    synsight_classification_free(answer);
  }
  synsight_prepared_free(of_pixels);
  synsight_prepared_free(of_file);

  const int32_t sides[][2] = {{0, 5}, {-6, 5}, {6, -1}, {INT32_MAX, INT32_MAX}};
  for (const auto& [width, height] : sides) {
    char* message = nullptr;
    CHECK(synsight_prepare_pixels(classifier, nullptr, width, height, &of_pixels, &message) ==
          SYNSIGHT_INVALID_ARGUMENT);
    CHECK(of_pixels == nullptr);
    CHECK(take(message) != "none");
  }
  synsight_classifier_free(classifier);
}

TEST_CASE("a task goes on node by node, and another run ends it") {
  for (const char* backend : {"xnnpack", "reference"}) {
    CAPTURE(backend);
    const char* options[] = {"backends", backend, nullptr};
    synsight_classifier* classifier = create_classifier(options);
    const std::string file = bmp(6, 5, 50, 200, 100);
    synsight_prepared* prepared = nullptr;
    REQUIRE(synsight_prepare(classifier, file.data(), file.size(), &prepared, nullptr) ==
            SYNSIGHT_OK);
    synsight_task* first = nullptr;
    synsight_task* second = nullptr;
    synsight_classification* answer = nullptr;
    char* message = nullptr;
    CHECK(synsight_task_create(classifier, prepared, 1, nullptr, &first, nullptr) == SYNSIGHT_OK);
    CHECK(synsight_task_create(classifier, prepared, 1, nullptr, &second, nullptr) == SYNSIGHT_OK);
    CHECK(synsight_task_advance(first, 0, &answer, &message) == SYNSIGHT_INVALID_ARGUMENT);
    CHECK(take(message) == "the classifier has started something else");
    CHECK(synsight_task_advance(second, -1, &answer, nullptr) == SYNSIGHT_INVALID_ARGUMENT);
    int num_slices = 0;
    while (answer == nullptr && num_slices < 100) {
      REQUIRE(synsight_task_advance(second, 0, &answer, nullptr) == SYNSIGHT_OK);
      ++num_slices;
    }
    // The color model has two nodes, of which one moves no element.
    CHECK(num_slices == (std::string_view(backend) == "reference" ? 2 : 1));
    REQUIRE(answer != nullptr);
    CHECK(answer->width == 6);
    CHECK(answer->predictions[0].label == std::string("green"));
    synsight_classification_free(answer);
    CHECK(synsight_task_advance(second, 0, &answer, &message) == SYNSIGHT_INVALID_ARGUMENT);
    CHECK(take(message) == "no run was begun");
    synsight_task_free(first);
    synsight_task_free(second);
    synsight_prepared_free(prepared);
    synsight_classifier_free(classifier);
  }
}

TEST_CASE("a task stops at a raised flag, between nodes, and at the time limit") {
  const char* backend[] = {"backends", "reference", nullptr};
  synsight_classifier* classifier = create_classifier(backend);
  synsight_cancel_flag* flag = nullptr;
  REQUIRE(synsight_cancel_flag_create(&flag, nullptr) == SYNSIGHT_OK);
  const std::string file = bmp(6, 5, 50, 200, 100);
  synsight_prepared* prepared = nullptr;
  REQUIRE(synsight_prepare(classifier, file.data(), file.size(), &prepared, nullptr) ==
          SYNSIGHT_OK);
  synsight_task* task = nullptr;
  synsight_classification* answer = nullptr;
  synsight_run_options options = {sizeof options, flag, 0};
  REQUIRE(synsight_task_create(classifier, prepared, 1, &options, &task, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_task_advance(task, 0, &answer, nullptr) == SYNSIGHT_OK);
  CHECK(answer == nullptr);
  synsight_cancel_flag_set(flag, 1);
  CHECK(synsight_task_advance(task, 0, &answer, nullptr) == SYNSIGHT_CANCELLED);
  synsight_task_free(task);

  options = {sizeof options, nullptr, prepared->decode_ms + prepared->preprocess_ms};
  REQUIRE(synsight_task_create(classifier, prepared, 1, &options, &task, nullptr) == SYNSIGHT_OK);
  CHECK(synsight_task_advance(task, 0, &answer, nullptr) == SYNSIGHT_DEADLINE_EXCEEDED);
  synsight_task_free(task);
  synsight_prepared_free(prepared);
  synsight_cancel_flag_free(flag);
  synsight_classifier_free(classifier);
}

TEST_CASE("a file's first bytes say whether it is decoded here") {
  const std::string picture = bmp(2, 2, 1, 2, 3);
  CHECK(synsight_is_image(picture.data(), picture.size()) == 1);
  const std::string_view others[] = {"", "a text", std::string_view("RIFF\4\0\0\0WEBPVP8 ", 16)};
  for (const std::string_view other : others) {
    CHECK(synsight_is_image(other.data(), other.size()) == 0);
  }
  CHECK(synsight_is_image(nullptr, 5) == 0);
}

TEST_CASE("there are at most as many predictions as classes") {
  synsight_classifier* classifier = create_classifier();
  const std::string picture = bmp(4, 4, 1, 2, 3);
  for (const size_t top : {0, 1, 3, 100}) {
    synsight_classification* answer = nullptr;
    REQUIRE(synsight_classify(classifier, picture.data(), picture.size(), top, nullptr, &answer,
                              nullptr) == SYNSIGHT_OK);
    CHECK(answer->num_predictions == std::min<size_t>(top, 3));
    synsight_classification_free(answer);
  }
  synsight_classifier_free(classifier);
}

TEST_CASE("a classifier says how it feeds pictures and how many classes it has") {
  synsight_classifier* classifier = create_classifier();
  const synsight_classifier_info* info = synsight_classifier_get_info(classifier);
  CHECK(info->num_classes == 3);
  CHECK(info->guess == std::string());
  CHECK(std::string(info->input_spec) ==
        "resize stretch 4x4\nfilter bilinear\ncrop none\ncolor RGB\nscale 1/255\n"
        "mean 0\nstd 1\n");
  synsight_classifier_free(classifier);
}

TEST_CASE("options override how pictures are fed") {
  const char* options[] = {"color", "BGR", "mean", "0.1,0.2,0.3", nullptr};
  synsight_classifier* classifier = create_classifier(options);
  const std::string spec = synsight_classifier_get_info(classifier)->input_spec;
  CHECK(spec.find("color BGR\n") != std::string::npos);
  CHECK(spec.find("mean 0.1,0.2,0.3\n") != std::string::npos);
  const std::string picture = bmp(4, 4, 255, 0, 0);
  synsight_classification* answer = nullptr;
  REQUIRE(synsight_classify(classifier, picture.data(), picture.size(), 1, nullptr, &answer,
                            nullptr) == SYNSIGHT_OK);
  // Red comes last now, where the model's class is blue.
  CHECK(answer->predictions[0].label == std::string("blue"));
  const double scores[3] = {0 - 0.1, 0 - 0.2, 1 - 0.3};
  CHECK(std::abs(answer->predictions[0].probability -
                 softmax(255 * scores[0], 255 * scores[1], 255 * scores[2], 2)) < 1e-6);
  synsight_classification_free(answer);
  synsight_classifier_free(classifier);
}

TEST_CASE("classes that are given stand in for the model's, and are as many as its scores") {
  const char* options[] = {"classes", "n5\tcherry\nleaf green\nsky", nullptr};
  synsight_classifier* classifier = create_classifier(options);
  const std::string picture = bmp(4, 4, 50, 200, 100);
  synsight_classification* answer = nullptr;
  REQUIRE(synsight_classify(classifier, picture.data(), picture.size(), 3, nullptr, &answer,
                            nullptr) == SYNSIGHT_OK);
  CHECK(answer->predictions[0].label == std::string("leaf green"));
  CHECK(answer->predictions[0].wnid == std::string());
  CHECK(answer->predictions[2].wnid == std::string("n5"));
  synsight_classification_free(answer);
  synsight_classifier_free(classifier);

  options[1] = "one\ntwo";
  synsight_model* model = read_model(color_model());
  char* message = nullptr;
  CHECK(synsight_classifier_create(model, options, &classifier, &message) ==
        SYNSIGHT_INVALID_ARGUMENT);
  CHECK(take(message) == "the list of classes names 2, the network gives 3 scores");
  synsight_model_free(model);
}

TEST_CASE("a preset stands in for what the model says") {
  const char* options[] = {"preset", "keras-tf", nullptr};
  synsight_classifier* classifier = create_classifier(options);
  const std::string spec = synsight_classifier_get_info(classifier)->input_spec;
  CHECK(spec.find("scale 1/127.5\n") != std::string::npos);
  synsight_classifier_free(classifier);
}

TEST_CASE("options that a classifier does not take are refused") {
  const std::vector<std::vector<const char*>> cases = {
      {"mode", "fast", nullptr},       {"preset", "unheard-of", nullptr},
      {"resize", "sideways", nullptr}, {"mean", "1,2", nullptr},
      {"max_pixels", "0", nullptr},    {"max_pixels", "99999999999999999999999", nullptr},
      {"filter", "wishful", nullptr},  {"scale", nullptr},
  };
  for (const std::vector<const char*>& options : cases) {
    CAPTURE(options[0]);
    synsight_model* model = read_model(color_model());
    synsight_classifier* classifier = nullptr;
    char* message = nullptr;
    CHECK(synsight_classifier_create(model, options.data(), &classifier, &message) ==
          SYNSIGHT_INVALID_ARGUMENT);
    CHECK(classifier == nullptr);
    CHECK(take(message) != "none");
    synsight_model_free(model);
  }
}

TEST_CASE("bytes that are no whole picture are refused, and the next picture is not") {
  const std::string picture = bmp(4, 5, 50, 200, 100);  // rows without padding
  synsight_classifier* classifier = create_classifier();
  std::string text;
  for (size_t size = 0; size < picture.size(); ++size) {
    CAPTURE(size);
    CHECK(classify(classifier, std::string_view(picture).substr(0, size), &text) ==
          SYNSIGHT_INVALID_IMAGE);
    CHECK(text != "none");
  }
  CHECK(classify(classifier, "a text, called picture.jpg", &text) == SYNSIGHT_INVALID_IMAGE);
  CHECK(classify(classifier, picture, &text) == SYNSIGHT_OK);
  char* message = nullptr;
  synsight_classification* answer = nullptr;
  CHECK(synsight_classify(classifier, nullptr, 5, 1, nullptr, &answer, &message) ==
        SYNSIGHT_INVALID_ARGUMENT);
  CHECK(take(message) == "bytes is null");
  synsight_classifier_free(classifier);
}

TEST_CASE("scores that are no numbers are an error, not an answer") {
  const char* options[] = {"scale", "9e15/1e-22", nullptr};  // beyond f32 for what is not black
  synsight_classifier* classifier = create_classifier(options);
  std::string text;
  CHECK(classify(classifier, bmp(4, 4, 0, 0, 0), &text) == SYNSIGHT_OK);
  CHECK(classify(classifier, bmp(4, 4, 255, 0, 0), &text) == SYNSIGHT_INVALID_MODEL);
  CHECK(text == "the model gives infinite scores for this picture");
  synsight_classifier_free(classifier);
}

TEST_CASE("a picture of too many pixels is refused") {
  const char* options[] = {"max_pixels", "30", nullptr};
  synsight_classifier* classifier = create_classifier(options);
  std::string text;
  CHECK(classify(classifier, bmp(6, 5, 1, 2, 3), &text) == SYNSIGHT_OK);
  CHECK(classify(classifier, bmp(31, 1, 1, 2, 3), &text) == SYNSIGHT_INVALID_IMAGE);
  CHECK(text.find("30") != std::string::npos);
  synsight_classifier_free(classifier);
}

TEST_CASE("classifying stops at a raised flag and at the time limit") {
  synsight_classifier* classifier = create_classifier();
  synsight_cancel_flag* flag = nullptr;
  REQUIRE(synsight_cancel_flag_create(&flag, nullptr) == SYNSIGHT_OK);
  synsight_cancel_flag_set(flag, 1);
  std::string text;
  synsight_run_options options = {sizeof options, flag, 0};
  CHECK(classify(classifier, bmp(4, 4, 1, 2, 3), &text, &options) == SYNSIGHT_CANCELLED);
  options = {sizeof options, nullptr, 1e-6};
  CHECK(classify(classifier, bmp(4, 4, 1, 2, 3), &text, &options) == SYNSIGHT_DEADLINE_EXCEEDED);
  options = {sizeof options, nullptr, 60e3};
  CHECK(classify(classifier, bmp(4, 4, 1, 2, 3), &text, &options) == SYNSIGHT_OK);
  synsight_classifier_free(classifier);
  synsight_cancel_flag_free(flag);
}

TEST_CASE("a classifier's session runs raw tensors and is freed with it") {
  synsight_classifier* classifier = create_classifier();
  synsight_session* session = synsight_classifier_session(classifier);
  synsight_session_free(session);
  const synsight_session_info* info = synsight_session_get_info(session);
  CHECK(info->backend == std::string("xnnpack"));
  REQUIRE(info->num_inputs == 1);
  CHECK(info->inputs[0].name == std::string("picture"));

  const int64_t dims[4] = {2, 3, 4, 4};
  std::vector<float> pixels;
  for (int channel = 0; channel < 6; ++channel) {
    pixels.insert(pixels.end(), 16, static_cast<float>(channel));
  }
  const synsight_tensor input = {SYNSIGHT_FLOAT32, 4, dims, pixels.data(), 96 * sizeof(float)};
  synsight_outputs* outputs = nullptr;
  REQUIRE(synsight_session_run(session, &input, 1, nullptr, &outputs, nullptr) == SYNSIGHT_OK);
  REQUIRE(outputs->tensors[0].num_bytes == 6 * sizeof(float));
  for (size_t i = 0; i < 6; ++i) {
    CHECK(static_cast<const float*>(outputs->tensors[0].data)[i] == static_cast<float>(i));
  }
  synsight_outputs_free(outputs);

  // Pictures still go through after another batch size.
  std::string text;
  CHECK(classify(classifier, bmp(4, 4, 1, 2, 3), &text) == SYNSIGHT_OK);
  synsight_classifier_free(classifier);
}
