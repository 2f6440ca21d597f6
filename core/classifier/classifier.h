// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/classifier/session.h"
#include "core/image/decode.h"
#include "core/image/input_spec.h"
#include "core/image/preprocess.h"
#include "core/labels/class_table.h"

namespace synsight {

/// One class of a picture, with its probability.
struct Prediction {
  size_t index = 0;
  std::string wnid;
  std::string label;
  float probability = 0;
};

/// Time spent on one picture, in milliseconds.
struct Timings {
  double decode_ms = 0;
  double preprocess_ms = 0;
  double inference_ms = 0;
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

/// A decoded and preprocessed picture, ready to run.
struct PreparedImage {
  Tensor tensor;
  int width = 0;  // of the decoded picture
  int height = 0;
  Timings timings;
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
                                const image::DecodeOptions& options = {}) const;

  /// Preprocesses a picture that is decoded already.
  Result<PreparedImage> prepare(const image::Image& decoded) const;

  /// The `top` best classes of a prepared picture. Errors: what the session answers; kInvalidModel
  /// where the network gives NaN or infinity.
  Result<Classification> classify(const PreparedImage& prepared, size_t top,
                                  const RunOptions& options = {});

  /// The same in slices: `begin`, `advance` until it gives true, `finish`. Pictures begun before
  /// are given up.
  Status begin(const PreparedImage& prepared);
  Result<bool> advance(const RunOptions& options, const Deadline& pause);
  Result<Classification> finish(size_t top);

  const image::InputSpec& input_spec() const { return input_spec_; }
  /// Where the input spec comes from, for people; says what was guessed. Empty where the model said
  /// it all.
  const std::string& guess() const { return guess_; }
  const labels::ClassTable& classes() const { return classes_; }
  Session& session() { return session_; }

 private:
  Session session_;
  image::InputSpec input_spec_;
  image::TensorLayout layout_ = image::TensorLayout::kNchw;
  DType input_dtype_ = DType::kFloat32;
  int input_width_ = 0;  // 0: any
  int input_height_ = 0;
  size_t scores_output_ = 0;  // which of the outputs holds the scores
  std::string guess_;
  labels::ClassTable classes_;
  bool outputs_probabilities_ = false;  // the network ends in a Softmax
  Timings timings_;                     // of the picture that was begun
};

}  // namespace synsight
