// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
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

/// Pictures go in one by one and answers come out in the same order, while classifiers, one a
/// device, take turns to run them in batches, each as many at once as it can.
class AnswerQueue {
 public:
  /// The classifiers must outlive it, and have the same batch(); `top` classes are wanted of each
  /// picture.
  AnswerQueue(std::span<Classifier> classifiers, size_t top)
      : classifiers_(classifiers), top_(top) {}

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

  struct Run {
    Classifier* classifier = nullptr;
    std::vector<size_t> places;  // of its pictures, counted from the first of all
  };

  void start(const RunOptions& options);
  void finish_oldest();
  void answer_all(const std::vector<size_t>& places, const Error& error);
  Entry& entry(size_t place) { return entries_[place - num_taken_]; }

  std::span<Classifier> classifiers_;
  size_t next_ = 0;  // whose turn it is
  size_t top_;
  std::deque<Entry> entries_;  // not taken yet
  size_t num_taken_ = 0;
  std::vector<PreparedImage> batch_;  // that is being filled
  std::vector<size_t> batch_places_;
  std::deque<Run> under_way_;  // oldest first
};

}  // namespace synsight::cli
