// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/classifier/classifier.h"

namespace synsight::cli {

/// What became of one picture.
struct Answer {
  int width = 0;  // 0 where it could not be prepared
  int height = 0;
  Result<Classification> classification;
};

/// Pictures go in one by one and answers come out in the same order, while the classifier runs them
/// in batches, as many at once as it can.
class AnswerQueue {
 public:
  /// The classifier must outlive it; `top` classes are wanted of each picture.
  AnswerQueue(Classifier& classifier, size_t top) : classifier_(classifier), top_(top) {}

  /// Adds a picture, or why there is none. Starts a run where a batch is full, with `options`;
  /// an error of the run becomes the answer for its pictures.
  void add(Result<PreparedImage> picture, const RunOptions& options);

  /// Runs what is left, and waits for all.
  void flush(const RunOptions& options);

  /// The answer for the oldest picture that was not taken yet; nothing where it is not known yet,
  /// or where there is no such picture.
  std::optional<Answer> take();

 private:
  struct Entry {
    int width = 0;
    int height = 0;
    std::optional<Result<Classification>> classification;
  };

  void start(const RunOptions& options);
  void finish_oldest();
  void answer_all(const std::vector<size_t>& places, const Error& error);
  Entry& entry(size_t place) { return entries_[place - num_taken_]; }

  Classifier& classifier_;
  size_t top_;
  std::deque<Entry> entries_;  // not taken yet
  size_t num_taken_ = 0;
  std::vector<PreparedImage> batch_;           // that is being filled
  std::vector<size_t> batch_places_;           // of its pictures, counted from the first of all
  std::deque<std::vector<size_t>> under_way_;  // the places of each run's pictures, oldest first
};

}  // namespace synsight::cli
