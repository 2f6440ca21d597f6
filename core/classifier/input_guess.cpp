// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/input_guess.h"

#include <algorithm>
#include <utility>

#include "core/backend/shape_plan.h"
#include "core/base/text.h"

namespace synsight {

namespace {

constexpr int kUsualSide = 224;
constexpr int kSmallSide =
    64;  // CIFAR's and Tiny ImageNet's pictures fill the frame: no margin is cropped

/// A side of a picture; 0 where it is unknown.
Result<int> picture_side(int64_t dim) {
  constexpr int64_t kMaxSide = 1 << 15;
  if (dim < 0) return 0;
  if (dim == 0 || dim > kMaxSide) {
    return fail(ErrorCode::kInvalidModel,
                concat({"the model wants pictures with a side of ", dim}));
  }
  return static_cast<int>(dim);
}

bool has_input_metadata(const Graph& graph) {
  return std::any_of(
      image::kInputSpecKeys.begin(), image::kInputSpecKeys.end(),
      [&](std::string_view key) { return graph.metadata.contains(concat({"synsight.", key})); });
}

Result<image::InputSpec> read_metadata(const Graph& graph) {
  image::InputSpec spec;
  for (const std::string_view key : image::kInputSpecKeys) {
    const auto found = graph.metadata.find(concat({"synsight.", key}));
    if (found == graph.metadata.end()) continue;
    if (auto status = image::set_field(spec, key, found->second); !status) {
      return fail(ErrorCode::kInvalidModel,
                  concat({"metadata synsight.", key, ": ", status.error().message}));
    }
  }
  return spec;
}

Result<image::InputSpec> read_preset(const std::string& name, int width, int height) {
  if (auto spec = image::find_preset(name, width, height)) return *spec;
  std::string known;
  for (const std::string_view preset : image::preset_names()) known += concat({" ", preset});
  return fail(ErrorCode::kInvalidArgument,
              concat({"unknown preset \"", name, "\"; there are:", known}));
}

struct Guess {
  std::string_view preset;  // empty: nothing is guessed
  std::string reason;
};

/// Keras's and TensorFlow's graphs take NHWC, PyTorch's NCHW; neither says which normalisation goes
/// with its weights. Integers are pixels.
Guess guess_preset(const Graph& graph, const ImageInput& input) {
  if (!is_floating(input.dtype)) {
    return {"keras-raw", concat({"its input is ", dtype_name(input.dtype), ", as pixels are"})};
  }
  if (graph.metadata.contains("synsight.layers")) {
    return {"keras-tf", "its layers come from Keras"};
  }
  if (input.layout == image::TensorLayout::kNhwc) {
    return {"keras-tf", "its input has the channels last, as Keras's networks have them"};
  }
  if (has_open_channels(graph.value(graph.inputs[0]).shape)) {
    return {"torchvision", "its channels are open, as PyTorch leaves them"};
  }
  return {"torchvision", "its input has the channels first, as PyTorch's networks have them"};
}

using Overrides = std::span<const std::pair<std::string, std::string>>;

/// What `overrides` leave to the guess; empty where that is nothing.
std::string describe_guess(const Guess& guess, const image::InputSpec& spec, Overrides overrides) {
  std::string fields;
  for (const std::string_view key : image::kInputSpecKeys) {
    const bool is_given = std::any_of(overrides.begin(), overrides.end(),
                                      [&](const auto& field) { return field.first == key; });
    const bool is_idle = key == "filter" && spec.resize == image::ResizeMode::kNone;
    if (is_given || (is_idle && !overrides.empty())) continue;
    fields += concat({fields.empty() ? "" : ", ", key, " ", image::field_text(spec, key)});
  }
  if (fields.empty()) return "";
  if (overrides.empty()) fields = concat({"preset ", guess.preset, " (", fields, ")"});
  return concat(
      {"the model does not say how to feed it; guessed ", fields, " because ", guess.reason});
}

/// The recipe before overrides; `guess` is set where one was guessed.
Result<image::InputSpec> choose_recipe(const Graph& graph, const ImageInput& input,
                                       const std::string& preset, Guess& guess) {
  const int width = input.width > 0 ? input.width : kUsualSide;
  const int height = input.height > 0 ? input.height : kUsualSide;
  if (!preset.empty()) return read_preset(preset, width, height);
  if (has_input_metadata(graph)) return read_metadata(graph);
  guess = guess_preset(graph, input);
  SYNSIGHT_TRY_ASSIGN(image::InputSpec spec, read_preset(std::string(guess.preset), width, height));
  // Pixels do not fit into int8; quantized networks take them less 128 there.
  if (input.dtype == DType::kInt8) spec.mean.fill(128);
  if (std::max(width, height) <= kSmallSide) {
    spec.resize = image::ResizeMode::kStretch;
    spec.resize_width = width;
    spec.resize_height = height;
    spec.crop_width = 0;
    spec.crop_height = 0;
    guess.reason += ", and pictures fill so small a frame";
  }
  return spec;
}

}  // namespace

Result<ImageInput> find_image_input(const Graph& graph) {
  if (graph.inputs.size() != 1) {
    return fail(ErrorCode::kInvalidModel,
                concat({"a classifier has one input, this model has ", graph.inputs.size()}));
  }
  const Value& value = graph.value(graph.inputs[0]);
  const Shape& shape = value.shape;
  const bool is_picture = value.has_shape && shape.rank() == 4;
  const bool is_nhwc = is_picture && shape[1] != 3 && shape[3] == 3;
  const bool is_nchw = is_picture && !is_nhwc && (shape[1] == 3 || has_open_channels(shape));
  if (!is_nchw && !is_nhwc) {
    const auto color = graph.metadata.find("synsight.color");
    return fail(ErrorCode::kInvalidModel,
                concat({color == graph.metadata.end()
                            ? ""
                            : concat({"metadata synsight.color is \"", color->second, "\", but "}),
                        "input \"", value.name, "\" has shape ",
                        value.has_shape ? shape.to_string() : "unknown",
                        ", a classifier of RGB pictures has [N,3,H,W] or [N,H,W,3]"}));
  }
  ImageInput input;
  input.dtype = value.dtype;
  input.layout = is_nchw ? image::TensorLayout::kNchw : image::TensorLayout::kNhwc;
  SYNSIGHT_TRY_ASSIGN(input.height, picture_side(shape[is_nchw ? 2 : 1]));
  SYNSIGHT_TRY_ASSIGN(input.width, picture_side(shape[is_nchw ? 3 : 2]));
  return input;
}

Result<ChosenInput> choose_input_spec(const Graph& graph, const ImageInput& input,
                                      const std::string& preset, Overrides overrides) {
  ChosenInput chosen;
  Guess guess;
  SYNSIGHT_TRY_ASSIGN(chosen.spec, choose_recipe(graph, input, preset, guess));
  for (const auto& [key, text] : overrides) {
    SYNSIGHT_TRY(image::set_field(chosen.spec, key, text));
  }
  if (!guess.preset.empty()) chosen.guess = describe_guess(guess, chosen.spec, overrides);
  return chosen;
}

}  // namespace synsight
