// SPDX-License-Identifier: Apache-2.0
#include "native/cli/answer_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "tests/support/backends.h"
#include "tests/support/expect.h"
#include "tests/support/graph_builder.h"

namespace synsight::cli {

namespace {

using test::expect;
using test::GraphBuilder;

constexpr int kSide = 4;

/// The mean colours of pictures as scores [N,3], so that a picture's answer is known: its strongest
/// colour. Sides of -1 are free.
Graph color_network(int64_t batch, int64_t side) {
  GraphBuilder builder;
  const ValueId pictures = builder.input("pictures", {batch, 3, side, side});
  const ValueId means = builder.node("GlobalAveragePool", {pictures});
  Graph graph = builder.finish({builder.node("Flatten", {means}, {{"axis", 1}})});
  graph.metadata = {{"synsight.resize", side > 0 ? "stretch 4x4" : "none"},
                    {"synsight.scale", "1/255"},
                    {"synsight.classes", "red\ngreen\nblue"}};
  return graph;
}

Classifier classifier_on(const Backend& backend, int64_t batch = -1, int64_t side = kSide) {
  ClassifierOptions options;
  options.session.backends = {&backend};
  return expect(Classifier::create(color_network(batch, side), options));
}

/// Prepares a picture of one colour: 0 is red, 1 green, 2 blue; the others fail.
Result<PreparedImage> picture_of(const Classifier& classifier, int color, int side = kSide) {
  if (color > 2) return fail(ErrorCode::kInvalidImage, concat({"no color ", color}));
  std::string bmp("BM", 2);
  const auto append = [&](uint32_t number, size_t size) {
    for (size_t i = 0; i < size; ++i) bmp += static_cast<char>(number >> (8 * i));
  };
  const auto row_bytes = static_cast<uint32_t>((side * 3 + 3) / 4 * 4);
  const auto sides = static_cast<uint32_t>(side);
  for (const uint32_t number : {54 + row_bytes * sides, 0U, 54U, 40U, sides, sides}) {
    append(number, 4);
  }
  append(1, 2);
  append(24, 2);
  for (int i = 0; i < 6; ++i) append(0, 4);
  for (int y = 0; y < side; ++y) {
    std::string row(row_bytes, '\0');
    for (int x = 0; x < side; ++x) row[static_cast<size_t>(x * 3 + 2 - color)] = '\xff';
    bmp += row;
  }
  return classifier.prepare_for_batch({reinterpret_cast<const std::byte*>(bmp.data()), bmp.size()});
}

/// What the queue's answers say, a letter each: `rgb`, `x` for a picture that failed, `C` and `D`
/// for a run that was cancelled or late.
class Answers {
 public:
  explicit Answers(AnswerQueue& queue) : queue_(queue) {}

  void take_all() {
    while (const auto answer = queue_.take()) text_ += letter(*answer);
  }
  const std::string& text() const { return text_; }

 private:
  static char letter(const Answer& answer) {
    if (answer.classification) {
      CHECK(answer.width > 0);
      return "rgb"[answer.classification->predictions[0].index];
    }
    const ErrorCode code = answer.classification.error().code;
    CHECK((answer.width == 0) == (code == ErrorCode::kInvalidImage));
    if (code == ErrorCode::kCancelled) return 'C';
    if (code == ErrorCode::kDeadlineExceeded) return 'D';
    return code == ErrorCode::kInvalidImage ? 'x' : '?';
  }

  AnswerQueue& queue_;
  std::string text_;
};

/// Every picture goes in, and out as soon as it may.
std::string answers_of(std::span<Classifier> classifiers, const std::vector<int>& colors) {
  AnswerQueue queue(classifiers, 1);
  Answers answers(queue);
  for (const int color : colors) {
    queue.add(picture_of(classifiers[0], color), {});
    answers.take_all();
  }
  queue.flush({});
  answers.take_all();
  CHECK(!queue.take());
  return answers.text();
}

std::string answers_to(Classifier& classifier, const std::vector<int>& colors) {
  return answers_of({&classifier, 1}, colors);
}

/// The backends that people use: reference is like xnnpack here.
std::vector<const Backend*> backends() {
  std::vector<const Backend*> backends;
  for (const Backend* backend : test::all_backends()) {
    if (backend->name() != "reference") backends.push_back(backend);
  }
  return backends;
}

const std::vector<int> kColors = {0, 1, 1, 2, 0, 2, 2, 1, 0, 0, 1};
const std::string kWanted = "rggbrbbgrrg";

}  // namespace

TEST_CASE("answers come in the pictures' order, whatever the batch") {
  for (const Backend* backend : backends()) {
    Classifier classifier = classifier_on(*backend);
    for (const size_t batch : {1, 2, 3, 4, 11, 12, 64, 1}) {
      CAPTURE(backend->name());
      CAPTURE(batch);
      expect(classifier.set_batch(batch));
      CHECK(answers_to(classifier, kColors) == kWanted);
      CHECK(answers_to(classifier, {}).empty());
      CHECK(answers_to(classifier, {2}) == "b");
    }
  }
}

// A run has as many pictures as there are, but on a device as many as were prepared for.
TEST_CASE("a partial batch does not cost what a full one does") {
  const std::vector<std::vector<int64_t>> kExact = {{1, 1}, {2, 2}, {3, 3}, {5, 5}, {8, 8}};
  const std::vector<std::vector<int64_t>> kPrepared = {{1, 1}, {2, 3}, {3, 3}, {5, 8}, {8, 8}};
  for (const Backend* backend : test::all_backends()) {
    CAPTURE(backend->name());
    Classifier classifier = classifier_on(*backend);
    for (const size_t batch : {3, 8}) expect(classifier.set_batch(batch));
    for (const auto& sizes : backend->uses_device() ? kPrepared : kExact) {
      const auto count = static_cast<size_t>(sizes[0]);
      const std::vector<int> colors(kColors.begin(), kColors.begin() + sizes[0]);
      CHECK(answers_to(classifier, colors) == kWanted.substr(0, count));
      CHECK(classifier.session().inputs()[0].shape[0] == sizes[1]);
      CHECK(classifier.batch() == 8);
    }
  }
}

TEST_CASE("several classifiers take turns, and the order is the same") {
  for (const Backend* backend : backends()) {
    std::vector<Classifier> classifiers;
    for (int i = 0; i < 3; ++i) classifiers.push_back(classifier_on(*backend));
    for (const size_t count : {2, 3}) {
      const std::span<Classifier> some = std::span(classifiers).first(count);
      for (const size_t batch : {1, 2, 5}) {
        CAPTURE(backend->name());
        CAPTURE(batch);
        for (Classifier& classifier : some) expect(classifier.set_batch(batch));
        CHECK(answers_of(some, kColors) == kWanted);
        CHECK(answers_of(some, {9, 0, 1, 9, 9, 2, 1, 0, 9}) == "xrgxxbgrx");
      }
    }
  }
}

TEST_CASE("pictures that fail keep their places") {
  for (const Backend* backend : backends()) {
    Classifier classifier = classifier_on(*backend);
    for (const size_t batch : {1, 2, 3, 64}) {
      CAPTURE(backend->name());
      CAPTURE(batch);
      expect(classifier.set_batch(batch));
      CHECK(answers_to(classifier, {9, 0, 1, 9, 9, 2, 1, 0, 9}) == "xrgxxbgrx");
      CHECK(answers_to(classifier, {9, 9, 9, 9}) == "xxxx");
      CHECK(answers_to(classifier, {0, 9, 9, 9}) == "rxxx");
    }
  }
}

TEST_CASE("an answer is there as soon as its run and those before it are over") {
  for (const Backend* backend : backends()) {
    Classifier classifier = classifier_on(*backend);
    expect(classifier.set_batch(2));
    const size_t runs_ahead = classifier.session().executable().max_runs() - 1;
    AnswerQueue queue({&classifier, 1}, 1);
    for (size_t i = 0; i < 2 * (runs_ahead + 1); ++i) {
      CHECK(!queue.take());
      queue.add(picture_of(classifier, static_cast<int>(i % 3)), {});
    }
    CHECK(queue.take());
    CHECK(queue.take());
    CHECK(!queue.take());
  }
}

TEST_CASE("a run that is cancelled or late is the answer for its pictures alone") {
  CancelFlag raised;
  raised.cancel();
  const RunOptions cancelled{&raised, {}, nullptr};
  const RunOptions late{nullptr, Clock::now() - std::chrono::milliseconds(1), nullptr};
  for (const Backend* backend : backends()) {
    CAPTURE(backend->name());
    Classifier classifier = classifier_on(*backend);
    expect(classifier.set_batch(2));
    AnswerQueue queue({&classifier, 1}, 1);
    Answers answers(queue);
    const RunOptions usual;
    // The last picture of a batch starts it.
    const std::pair<int, const RunOptions*> pictures[] = {
        {0, &usual}, {1, &usual},     {2, &usual}, {2, &cancelled}, {1, &late},
        {1, &usual}, {0, &cancelled}, {9, &late},  {0, &late},      {2, &usual}};
    for (const auto& [color, options] : pictures) {
      queue.add(picture_of(classifier, color), *options);
      answers.take_all();
    }
    queue.flush(cancelled);
    answers.take_all();
    CHECK(answers.text() == "rgCCggDxDC");
    CHECK(answers_to(classifier, kColors) == kWanted);
  }
}

// A device has another run under way when the size changes.
TEST_CASE("pictures of differing sizes get their own answers") {
  for (const Backend* backend : backends()) {
    CAPTURE(backend->name());
    std::vector<Classifier> classifiers;
    for (int i = 0; i < 2; ++i) classifiers.push_back(classifier_on(*backend, -1, -1));
    for (const size_t count : {1, 2}) {
      AnswerQueue queue(std::span(classifiers).first(count), 1);
      Answers answers(queue);
      for (size_t i = 0; i < kColors.size(); ++i) {
        const int side = 4 + static_cast<int>(i / 2 % 3);
        queue.add(picture_of(classifiers[0], kColors[i], side), {});
        answers.take_all();
      }
      queue.flush({});
      answers.take_all();
      CHECK(answers.text() == kWanted);
    }
  }
}

TEST_CASE("a batch that the network does not take is refused and changes nothing") {
  for (const Backend* backend : test::all_backends()) {
    CAPTURE(backend->name());
    Classifier single = classifier_on(*backend, 1);
    for (const size_t batch : {3, 2, 0}) {
      const Status status = single.set_batch(batch);
      REQUIRE(!status);
      CHECK(error_code_name(status.error().code) == "shape_mismatch");
      CHECK(single.batch() == 1);
      CHECK(answers_to(single, kColors) == kWanted);
    }
    Classifier free_size = classifier_on(*backend, -1, -1);
    CHECK(!free_size.set_batch(2));
    CHECK(free_size.batch() == 1);
    CHECK(answers_to(free_size, kColors) == kWanted);
  }
}

TEST_CASE("a change of the batch gives up the runs under way") {
  for (const Backend* backend : backends()) {
    CAPTURE(backend->name());
    Classifier classifier = classifier_on(*backend);
    const PreparedImage red = expect(picture_of(classifier, 0));
    expect(classifier.begin_batch({&red, 1}));
    expect(classifier.advance({}, {}));
    expect(classifier.set_batch(3));
    CHECK(!classifier.finish());
    CHECK(answers_to(classifier, kColors) == kWanted);
  }
}

}  // namespace synsight::cli
