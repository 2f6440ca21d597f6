// SPDX-License-Identifier: Apache-2.0
#include "native/cli/answer_queue.h"

#include <utility>

namespace synsight::cli {

void AnswerQueue::add(Result<PreparedImage> picture, const RunOptions& options) {
  Entry& added = entries_.emplace_back();
  if (!picture) {
    added.classification = tl::unexpected(std::move(picture).error());
    return;
  }
  added.width = picture->width;
  added.height = picture->height;
  batch_places_.push_back(num_taken_ + entries_.size() - 1);
  batch_.push_back(*std::move(picture));
  if (batch_.size() == classifiers_[0].batch()) start(options);
}

void AnswerQueue::flush(const RunOptions& options) {
  if (!batch_.empty()) start(options);
  while (!under_way_.empty()) finish_oldest();
}

std::optional<Answer> AnswerQueue::take() {
  if (entries_.empty() || !entries_.front().classification) return std::nullopt;
  Entry& oldest = entries_.front();
  Answer answer{oldest.width, oldest.height, *std::move(oldest.classification)};
  entries_.pop_front();
  ++num_taken_;
  return answer;
}

void AnswerQueue::start(const RunOptions& options) {
  Run run{&classifiers_[next_], std::exchange(batch_places_, {})};
  while (!under_way_.empty() && !run.classifier->keeps_runs(batch_)) finish_oldest();
  Status status = run.classifier->begin_batch(batch_);
  batch_.clear();
  if (status) {
    const auto has_ended = run.classifier->advance(options, {});
    if (!has_ended) status = tl::unexpected(has_ended.error());
  }
  if (!status) return answer_all(run.places, status.error());
  const size_t max_runs = run.classifier->session().executable().max_runs();
  under_way_.push_back(std::move(run));
  next_ = (next_ + 1) % classifiers_.size();
  // The others compute while the next one is prepared and fed.
  if (under_way_.size() == classifiers_.size() * max_runs) finish_oldest();
}

void AnswerQueue::finish_oldest() {
  const Run run = std::move(under_way_.front());
  under_way_.pop_front();
  const auto num_answers = run.classifier->finish();
  if (!num_answers) return answer_all(run.places, num_answers.error());
  for (size_t i = 0; i < run.places.size(); ++i) {
    entry(run.places[i]).classification = run.classifier->answer(i, top_);
  }
}

void AnswerQueue::answer_all(const std::vector<size_t>& places, const Error& error) {
  for (const size_t place : places) entry(place).classification = tl::unexpected(error);
}

}  // namespace synsight::cli
