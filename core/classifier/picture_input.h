// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/classifier/input_guess.h"
#include "core/graph/graph.h"
#include "core/image/decode.h"
#include "core/image/image.h"
#include "core/image/input_spec.h"
#include "core/image/preprocess.h"
#include "core/image/preprocess_plan.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// Time spent on one picture, in milliseconds.
struct Timings {
  double decode_ms = 0;
  double preprocess_ms = 0;
  double inference_ms = 0;
};

/// A decoded and preprocessed picture, ready to run.
struct PreparedImage {
  Tensor tensor;
  // Where a device is to preprocess, what it needs, and no tensor.
  image::Image picture;
  std::optional<image::PreprocessPlan> plan;
  int width = 0;  // of the decoded picture
  int height = 0;
  Timings timings;
};

/// What turns pictures into the input tensor of one network.
class PictureInput {
 public:
  /// `preset` and `overrides` as of choose_input_spec. Errors: what find_image_input and
  /// choose_input_spec answer; kShapeMismatch where what the metadata or the caller says and the
  /// graph disagree about the pictures' size, naming both.
  static Result<PictureInput> create(
      const Graph& graph, const std::string& preset,
      std::span<const std::pair<std::string, std::string>> overrides);

  /// Decodes and preprocesses a picture.
  Result<PreparedImage> prepare(std::span<const std::byte> encoded,
                                const image::DecodeOptions& options) const;

  /// Decodes a picture and plans how a device preprocesses it; a large one, of which a batch would
  /// fill the device, is preprocessed here.
  Result<PreparedImage> plan(std::span<const std::byte> encoded,
                             const image::DecodeOptions& options) const;

  /// Preprocesses a picture that is decoded already.
  Result<PreparedImage> prepare(const image::Image& decoded) const;

  const image::InputSpec& spec() const { return chosen_.spec; }
  /// What was guessed, and why, for people; empty where nothing was.
  const std::string& guess() const { return chosen_.guess; }

  /// The shape of the tensor that it makes of a picture; where that depends on the picture, of a
  /// usual one.
  Shape usual_shape() const;
  image::TensorLayout layout() const { return input_.layout; }
  /// Whether it is that of every picture.
  bool has_fixed_size() const;

 private:
  bool fits(int64_t width, int64_t height) const;
  Status check_size(int64_t width, int64_t height) const;

  ImageInput input_;
  ChosenInput chosen_;
};

}  // namespace synsight
