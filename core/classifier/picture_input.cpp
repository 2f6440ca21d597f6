// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/picture_input.h"

#include <algorithm>

#include "core/base/cancellation.h"
#include "core/base/text.h"
#include "core/tensor/convert.h"

namespace synsight {

namespace {

using Overrides = std::span<const std::pair<std::string, std::string>>;

constexpr int kUsualSide = 224;

// 6 MB. A larger one takes longer on its way to a device than its pixels take here.
constexpr int64_t kMaxDevicePixels = int64_t{1} << 21;

/// The size of the tensor that a spec makes of any picture, {0, 0} where it depends on the picture.
std::pair<int, int> output_size(const image::InputSpec& spec) {
  if (spec.crop_width > 0) return {spec.crop_width, spec.crop_height};
  if (spec.resize == image::ResizeMode::kStretch) return {spec.resize_width, spec.resize_height};
  return {0, 0};
}

/// `224x224 (width x height)`, a side of 0 as `any`.
std::string size_text(int width, int height) {
  const auto side = [](int length) {
    return length == 0 ? std::string("any") : std::to_string(length);
  };
  return concat({side(width), "x", side(height), " (width x height)"});
}

/// Who said what size pictures get.
std::string describe_source(const image::InputSpec& spec, const std::string& preset,
                            Overrides overrides) {
  const std::string_view key = spec.crop_width > 0 ? "crop" : "resize";
  const bool is_overridden = std::any_of(overrides.begin(), overrides.end(),
                                         [&](const auto& field) { return field.first == key; });
  const std::string text = concat({key, " \"", image::field_text(spec, key), "\""});
  if (is_overridden) return "the option " + text;
  return preset.empty() ? "metadata synsight." + text
                        : concat({"preset ", preset, ", ", text, ","});
}

}  // namespace

Result<PictureInput> PictureInput::create(const Graph& graph, const std::string& preset,
                                          Overrides overrides) {
  PictureInput made;
  SYNSIGHT_TRY_ASSIGN(made.input_, find_image_input(graph));
  SYNSIGHT_TRY_ASSIGN(made.chosen_, choose_input_spec(graph, made.input_, preset, overrides));
  const auto [width, height] = output_size(made.spec());
  if (width == 0) return made;  // prepare sees to it
  if (made.fits(width, height)) return made;
  return fail(
      ErrorCode::kShapeMismatch,
      concat({describe_source(made.spec(), preset, overrides), " makes pictures of ",
              size_text(width, height), ", the graph's input \"", graph.value(graph.inputs[0]).name,
              "\" wants ", size_text(made.input_.width, made.input_.height)}));
}

Result<PreparedImage> PictureInput::prepare(std::span<const std::byte> encoded,
                                            const image::DecodeOptions& options) const {
  const auto start = Clock::now();
  SYNSIGHT_TRY_ASSIGN(const image::DecodedImage decoded, image::decode(encoded, options));
  const double decode_ms = milliseconds_since(start);
  SYNSIGHT_TRY_ASSIGN(PreparedImage prepared, prepare(decoded.image));
  prepared.timings.decode_ms = decode_ms;
  return prepared;
}

Result<PreparedImage> PictureInput::prepare(const image::Image& decoded) const {
  PreparedImage prepared;
  const auto start = Clock::now();
  prepared.width = decoded.width;
  prepared.height = decoded.height;
  SYNSIGHT_TRY_ASSIGN(prepared.tensor, image::preprocess(decoded, spec(), input_.layout));
  const Shape& shape = prepared.tensor.shape();
  const size_t rows = input_.layout == image::TensorLayout::kNchw ? 2 : 1;
  SYNSIGHT_TRY(check_size(shape[rows + 1], shape[rows]));
  if (input_.dtype != DType::kFloat32) {
    SYNSIGHT_TRY_ASSIGN(prepared.tensor, convert(prepared.tensor.view(), input_.dtype));
  }
  prepared.timings.preprocess_ms = milliseconds_since(start);
  return prepared;
}

Result<PreparedImage> PictureInput::plan(std::span<const std::byte> encoded,
                                         const image::DecodeOptions& options) const {
  const auto start = Clock::now();
  SYNSIGHT_TRY_ASSIGN(image::DecodedImage decoded, image::decode(encoded, options));
  const double decode_ms = milliseconds_since(start);
  PreparedImage prepared;
  if (int64_t{decoded.image.width} * decoded.image.height > kMaxDevicePixels) {
    SYNSIGHT_TRY_ASSIGN(prepared, prepare(decoded.image));
    prepared.timings.decode_ms = decode_ms;
    return prepared;
  }
  prepared.timings.decode_ms = decode_ms;
  prepared.picture = std::move(decoded.image);
  prepared.width = prepared.picture.width;
  prepared.height = prepared.picture.height;
  SYNSIGHT_TRY_ASSIGN(prepared.plan,
                      image::PreprocessPlan::create({prepared.width, prepared.height}, spec()));
  SYNSIGHT_TRY(check_size(prepared.plan->size.width, prepared.plan->size.height));
  return prepared;
}

// Whether the graph takes pictures of that size; one that it does not name is any.
bool PictureInput::fits(int64_t width, int64_t height) const {
  return (input_.width == 0 || width == input_.width) &&
         (input_.height == 0 || height == input_.height);
}

Status PictureInput::check_size(int64_t width, int64_t height) const {
  if (fits(width, height)) return {};
  return fail(ErrorCode::kShapeMismatch, concat({"the preprocessing makes ", width, "x", height,
                                                 " of the picture, the model wants ",
                                                 size_text(input_.width, input_.height)}));
}

bool PictureInput::has_fixed_size() const { return output_size(spec()).first > 0; }

Shape PictureInput::usual_shape() const {
  auto [width, height] = output_size(spec());
  if (width == 0) {
    width = input_.width > 0 ? input_.width : kUsualSide;
    height = input_.height > 0 ? input_.height : kUsualSide;
  }
  return input_.layout == image::TensorLayout::kNchw ? Shape{1, 3, height, width}
                                                     : Shape{1, height, width, 3};
}

}  // namespace synsight
