// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/capi/handles.h"
#include "core/capi/options.h"
#include "core/image/format.h"
#include "core/image/input_spec.h"

using namespace synsight;
using namespace synsight::capi;

namespace {

std::string input_spec_text(const image::InputSpec& spec) {
  std::string text;
  for (const std::string_view key : image::kInputSpecKeys) {
    text += concat({key, " ", image::field_text(spec, key), "\n"});
  }
  return text;
}

std::unique_ptr<synsight_classifier> own_classifier(Classifier classifier, const Options& options) {
  auto owner = std::make_unique<synsight_classifier>();
  owner->classifier = std::move(classifier);
  owner->decode_options = options.decode;
  owner->input_spec = input_spec_text(owner->classifier.input_spec());
  owner->info = {owner->input_spec.c_str(), owner->classifier.guess().c_str(),
                 owner->classifier.classes().size()};
  owner->session.session = &owner->classifier.session();
  return owner;
}

/// The predictions, which the struct that C sees points to.
struct OwnedClassification : synsight_classification {
  std::vector<Prediction> owned;
  std::vector<synsight_prediction> views;
};

std::unique_ptr<OwnedClassification> own_classification(Classification classification, int width,
                                                        int height) {
  auto owner = std::make_unique<OwnedClassification>();
  owner->owned = std::move(classification.predictions);
  for (const Prediction& prediction : owner->owned) {
    owner->views.push_back({prediction.index, prediction.wnid.c_str(), prediction.label.c_str(),
                            prediction.probability});
  }
  const Timings& timings = classification.timings;
  static_cast<synsight_classification&>(*owner) = {
      owner->views.size(),   owner->views.data(), width, height, timings.decode_ms,
      timings.preprocess_ms, timings.inference_ms};
  return owner;
}

/// A prepared picture, which the struct that C sees points to.
struct OwnedPrepared : synsight_prepared {
  PreparedImage owned;
};

std::unique_ptr<OwnedPrepared> own_prepared(PreparedImage prepared) {
  auto owner = std::make_unique<OwnedPrepared>();
  owner->owned = std::move(prepared);
  const PreparedImage& image = owner->owned;
  static_cast<synsight_prepared&>(*owner) = {view_tensor(image.tensor), image.width, image.height,
                                             image.timings.decode_ms, image.timings.preprocess_ms};
  return owner;
}

/// Decodes and prepares a picture's file.
Result<PreparedImage> prepare(const synsight_classifier& classifier, const void* bytes,
                              size_t num_bytes) {
  SYNSIGHT_TRY_ASSIGN(const auto encoded, read_bytes(bytes, num_bytes));
  return classifier.classifier.prepare(encoded, classifier.decode_options);
}

Result<PreparedImage> prepare_pixels(const synsight_classifier& classifier, const void* rgba,
                                     int32_t width, int32_t height) {
  // Sides below 1 are refused with the picture.
  const auto num_bytes = checked_mul(static_cast<size_t>(std::max(width, 0)),
                                     static_cast<size_t>(std::max(height, 0)) * 4);
  if (!num_bytes) return fail(ErrorCode::kInvalidArgument, "the picture is too large");
  SYNSIGHT_TRY_ASSIGN(const auto pixels, read_bytes(rgba, *num_bytes));
  SYNSIGHT_TRY_ASSIGN(const image::Image decoded, image::Image::from_rgba(pixels, width, height));
  return classifier.classifier.prepare(decoded);
}

/// The task's answer, or null where the slice ended before it.
Result<std::unique_ptr<OwnedClassification>> advance(synsight_task& task, double slice_ms) {
  synsight_classifier& owner = *task.classifier;
  if (task.run != owner.session.num_runs) {
    return fail(ErrorCode::kInvalidArgument, "the classifier has started something else");
  }
  if (!(slice_ms >= 0)) {
    return fail(ErrorCode::kInvalidArgument,
                concat({"the slice is ", slice_ms, " ms, wanted 0 or more"}));
  }
  const Deadline pause = Clock::now() + clock_duration(slice_ms);
  SYNSIGHT_TRY_ASSIGN(const bool has_ended, owner.classifier.advance(task.options, pause));
  if (!has_ended) return nullptr;
  SYNSIGHT_TRY(owner.classifier.finish());
  SYNSIGHT_TRY_ASSIGN(Classification answer, owner.classifier.answer(0, task.top));
  return own_classification(std::move(answer), task.width, task.height);
}

}  // namespace

synsight_status synsight_classifier_create(synsight_model* model, const char* const* options,
                                           synsight_classifier** classifier, char** message) {
  const auto create = [&]() -> Status {
    SYNSIGHT_TRY(clear(classifier, "classifier"));
    SYNSIGHT_TRY_ASSIGN(const Options read, read_options(options, OptionsFor::kClassifier));
    SYNSIGHT_TRY_ASSIGN(Graph graph, take_graph(model));
    SYNSIGHT_TRY_ASSIGN(Classifier created,
                        Classifier::create(std::move(graph), read.classifier_options()));
    *classifier = own_classifier(std::move(created), read).release();
    return {};
  };
  return report(create(), message);
}

void synsight_classifier_free(synsight_classifier* classifier) { delete classifier; }

const synsight_classifier_info* synsight_classifier_get_info(
    const synsight_classifier* classifier) {
  return classifier == nullptr ? nullptr : &classifier->info;
}

synsight_session* synsight_classifier_session(synsight_classifier* classifier) {
  return classifier == nullptr ? nullptr : &classifier->session;
}

synsight_status synsight_classify(synsight_classifier* classifier, const void* bytes,
                                  size_t num_bytes, size_t top, const synsight_run_options* options,
                                  synsight_classification** classification, char** message) {
  const auto classify = [&]() -> Status {
    SYNSIGHT_TRY(clear(classification, "classification"));
    SYNSIGHT_TRY(check_given(classifier, "classifier"));
    SYNSIGHT_TRY_ASSIGN(const RunOptions run_options, read_run_options(options));
    SYNSIGHT_TRY(check_may_continue(run_options.cancel, run_options.deadline));
    SYNSIGHT_TRY_ASSIGN(const PreparedImage prepared, prepare(*classifier, bytes, num_bytes));
    SYNSIGHT_TRY(check_may_continue(run_options.cancel, run_options.deadline));
    ++classifier->session.num_runs;
    SYNSIGHT_TRY_ASSIGN(Classification answer,
                        classifier->classifier.classify(prepared, top, run_options));
    *classification =
        own_classification(std::move(answer), prepared.width, prepared.height).release();
    return {};
  };
  return report(classify(), message);
}

void synsight_classification_free(synsight_classification* classification) {
  delete static_cast<OwnedClassification*>(classification);
}

int32_t synsight_is_image(const void* bytes, size_t num_bytes) {
  const auto file = read_bytes(bytes, num_bytes);
  return file && image::find_format(image::Bytes(*file)) ? 1 : 0;
}

synsight_status synsight_prepare(const synsight_classifier* classifier, const void* bytes,
                                 size_t num_bytes, synsight_prepared** prepared, char** message) {
  const auto run = [&]() -> Status {
    SYNSIGHT_TRY(clear(prepared, "prepared"));
    SYNSIGHT_TRY(check_given(classifier, "classifier"));
    SYNSIGHT_TRY_ASSIGN(PreparedImage image, prepare(*classifier, bytes, num_bytes));
    *prepared = own_prepared(std::move(image)).release();
    return {};
  };
  return report(run(), message);
}

synsight_status synsight_prepare_pixels(const synsight_classifier* classifier, const void* rgba,
                                        int32_t width, int32_t height, synsight_prepared** prepared,
                                        char** message) {
  const auto run = [&]() -> Status {
    SYNSIGHT_TRY(clear(prepared, "prepared"));
    SYNSIGHT_TRY(check_given(classifier, "classifier"));
    SYNSIGHT_TRY_ASSIGN(PreparedImage image, prepare_pixels(*classifier, rgba, width, height));
    *prepared = own_prepared(std::move(image)).release();
    return {};
  };
  return report(run(), message);
}

void synsight_prepared_free(synsight_prepared* prepared) {
  delete static_cast<OwnedPrepared*>(prepared);
}

synsight_status synsight_task_create(synsight_classifier* classifier,
                                     const synsight_prepared* prepared, size_t top,
                                     const synsight_run_options* options, synsight_task** task,
                                     char** message) {
  const auto create = [&]() -> Status {
    SYNSIGHT_TRY(clear(task, "task"));
    SYNSIGHT_TRY(check_given(classifier, "classifier"));
    SYNSIGHT_TRY(check_given(prepared, "prepared"));
    const PreparedImage& image = static_cast<const OwnedPrepared*>(prepared)->owned;
    auto made = std::make_unique<synsight_task>();
    SYNSIGHT_TRY_ASSIGN(made->options, read_run_options(options));
    if (made->options.deadline) {
      *made->options.deadline -=
          clock_duration(image.timings.decode_ms + image.timings.preprocess_ms);
    }
    made->classifier = classifier;
    made->top = top;
    made->width = image.width;
    made->height = image.height;
    made->run = ++classifier->session.num_runs;
    SYNSIGHT_TRY(classifier->classifier.begin(image));
    *task = made.release();
    return {};
  };
  return report(create(), message);
}

synsight_status synsight_task_advance(synsight_task* task, double slice_ms,
                                      synsight_classification** classification, char** message) {
  const auto run = [&]() -> Status {
    SYNSIGHT_TRY(clear(classification, "classification"));
    SYNSIGHT_TRY(check_given(task, "task"));
    SYNSIGHT_TRY_ASSIGN(auto answer, advance(*task, slice_ms));
    *classification = answer.release();
    return {};
  };
  return report(run(), message);
}

void synsight_task_free(synsight_task* task) { delete task; }
