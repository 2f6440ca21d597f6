// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/cancellation.h"
#include "core/base/result.h"
#include "core/classifier/picture_input.h"
#include "core/classifier/session.h"
#include "core/image/decode.h"
#include "core/image/image.h"
#include "core/labels/class_table.h"

namespace synsight {

/// One class of a picture, with its probability.
struct Prediction {
  size_t index = 0;
  std::string wnid;
  std::string label;
  float probability = 0;
};

/// The answer for one picture, best class first.
struct Classification {
  std::vector<Prediction> predictions;
  Timings timings;
};

/// How a classifier is made.
struct ClassifierOptions {
  SessionOptions session;
  std::string preset;  // empty: what the model's metadata says, or else a guess
  std::vector<std::pair<std::string, std::string>>
      overrides;        // InputSpec fields: {"mean", "0,0,0"}
  std::string classes;  // as the metadata `synsight.classes`, over it; empty: what the model says
};

/// A session with what it takes to feed it pictures and to name its classes. Not for two threads at
/// once.
class Classifier {
 public:
  /// Errors: what the session answers; kInvalidArgument for an unknown preset or a bad override;
  /// kInvalidModel for a network that does not map one picture to one row of floating-point scores,
  /// such as [1,classes] or [1,classes,1,1]. Of several outputs the first such is used.
  static Result<Classifier> create(Graph graph, const ClassifierOptions& options);

  /// Decodes and preprocesses a picture; may be called from another thread while `classify` runs.
  Result<PreparedImage> prepare(std::span<const std::byte> encoded,
                                const image::DecodeOptions& options = {}) const {
    return input_.prepare(encoded, options);
  }

  /// Preprocesses a picture that is decoded already.
  Result<PreparedImage> prepare(const image::Image& decoded) const {
    return input_.prepare(decoded);
  }

  /// The `top` best classes of a prepared picture. Errors: what the session answers; kInvalidModel
  /// where the network gives NaN or infinity.
  Result<Classification> classify(const PreparedImage& prepared, size_t top,
                                  const RunOptions& options = {});

  /// The same in slices: `begin`, `advance` until it gives true, `finish`, `answer`. Where as many
  /// runs are under way as the session can have (Executable::max_runs), the oldest is given up, and
  /// where the picture is not of the size of those under way, all are.
  Status begin(const PreparedImage& prepared);
  Result<bool> advance(const RunOptions& options, const Deadline& pause);
  /// Ends the oldest run, and gives the number of its pictures, of which `answer` tells.
  Result<size_t> finish();
  Result<Classification> answer(size_t picture, size_t top) const;

  /// Prepares for that many pictures a run; what was prepared before serves smaller runs. Errors:
  /// kShapeMismatch where the network takes another number, or where the pictures' size differs
  /// from one to the next; it then goes on as before.
  Status set_batch(size_t num_pictures);
  size_t batch() const { return batch_; }
  /// Whether it computes on a device, which has several runs under way.
  bool is_on_device() const { return session_.executable().max_runs() > 1; }

  /// Decodes a picture for `begin_batch`, and preprocesses it unless a device does that; may be
  /// called from another thread.
  Result<PreparedImage> prepare_for_batch(std::span<const std::byte> encoded,
                                          const image::DecodeOptions& options = {}) const {
    return takes_pictures_ ? input_.plan(encoded, options) : input_.prepare(encoded, options);
  }

  /// `begin` for one to batch() pictures. On a device the run is of the next size that was
  /// prepared, the rest being zeros. Errors: kInvalidArgument, kShapeMismatch, and those of
  /// `classify`.
  Status begin_batch(std::span<const PreparedImage> prepared);

  /// Whether `begin_batch` can take them without giving up runs because of the pictures' size.
  bool keeps_runs(std::span<const PreparedImage> prepared) const;

  const image::InputSpec& input_spec() const { return input_.spec(); }
  /// What the model did not say, what was guessed instead, and why, for people. Empty where it said
  /// it all.
  const std::string& guess() const { return guess_; }
  /// Whether how to feed the network, or what its classes are called, is a part of the guess.
  bool guesses_input() const { return !input_.guess().empty(); }
  bool guesses_classes() const { return guesses_classes_; }
  const labels::ClassTable& classes() const { return classes_; }
  Session& session() { return session_; }

 private:
  // A run under way.
  struct Run {
    size_t size = 1;               // of the network's batch
    std::vector<Timings> timings;  // of its pictures, before the run
    double inference_ms = 0;
  };

  void add_run(std::span<const PreparedImage> prepared, Clock::time_point start);
  size_t run_size(size_t num_pictures) const;
  Shape input_shape(std::span<const PreparedImage> prepared) const;
  void give_up_runs_unless(const Shape& shape);
  Status begin_pictures(std::span<const PreparedImage> prepared);
  Result<TensorView> stack(std::span<const PreparedImage> prepared);

  Session session_;
  PictureInput input_;
  size_t scores_output_ = 0;  // which of the outputs holds the scores
  size_t num_scores_ = 0;     // of one picture
  std::string guess_;
  bool guesses_classes_ = false;
  labels::ClassTable classes_;
  bool outputs_probabilities_ = false;  // the network ends in a Softmax or a Sigmoid
  bool takes_pictures_ = false;         // a device preprocesses, or copies what was
  size_t batch_ = 1;
  std::set<size_t> prepared_sizes_ = {1};  // of runs
  Tensor stack_;                           // the input tensor of several pictures
  std::vector<Run> runs_;                  // under way, oldest first
  Run finished_;
  Tensor scores_;  // of finished_, f32, a row a picture
};

}  // namespace synsight
