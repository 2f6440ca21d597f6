// SPDX-License-Identifier: Apache-2.0
#include "core/ops/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

constexpr double kMaxSize = 2147483648.0;  // of a resized axis

Status check_known(std::string_view attribute, const std::string& value,
                   std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return {};
  return fail(ErrorCode::kUnsupportedOp, concat({attribute, " is \"", value, "\""}));
}

Status parse_attributes(const Node& node, ResizeParams& params) {
  SYNSIGHT_TRY_ASSIGN(const std::string mode, string_attribute(node, "mode", "nearest"));
  SYNSIGHT_TRY(check_known("mode", mode, {"nearest", "linear", "cubic"}));
  params.mode = mode == "nearest"  ? ResizeMode::kNearest
                : mode == "linear" ? ResizeMode::kLinear
                                   : ResizeMode::kCubic;
  if (node.opset < 11) {
    params.coordinates = "asymmetric";
    return {};
  }
  SYNSIGHT_TRY_ASSIGN(params.coordinates,
                      string_attribute(node, "coordinate_transformation_mode", "half_pixel"));
  SYNSIGHT_TRY(check_known("coordinate_transformation_mode", params.coordinates,
                           {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                            "align_corners", "asymmetric", "tf_half_pixel_for_nn"}));
  SYNSIGHT_TRY_ASSIGN(params.nearest, string_attribute(node, "nearest_mode", "round_prefer_floor"));
  SYNSIGHT_TRY(check_known("nearest_mode", params.nearest,
                           {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
  SYNSIGHT_TRY_ASSIGN(params.cubic_a, float_attribute(node, "cubic_coeff_a", -0.75f));
  SYNSIGHT_TRY_ASSIGN(const int64_t exclude, int_attribute(node, "exclude_outside", 0));
  SYNSIGHT_TRY_ASSIGN(const int64_t antialias, int_attribute(node, "antialias", 0));
  params.excludes_outside = exclude != 0;
  params.has_antialias = antialias != 0;
  return {};
}

/// An optional input that counts as absent where it has no elements. Errors: kShapeMismatch where
/// its elements, one for each of `count` axes, are not known.
Result<bool> has_list(const TensorView& input, std::string_view what, size_t count) {
  if (!input.exists() || input.shape.num_elements() == 0) return false;
  if (input.data == nullptr) {
    return fail(ErrorCode::kShapeMismatch, concat({"wants constant ", what}));
  }
  if (input.shape.rank() != 1 || input.shape.num_elements() != count) {
    return fail(ErrorCode::kInvalidModel,
                concat({what, " has shape ", input.shape.to_string(), ", wanted [", count, "]"}));
  }
  return true;
}

Status set_scales(std::span<const float> scales, std::vector<ResizeAxis>& axes) {
  for (size_t i = 0; i < axes.size(); ++i) {
    const float scale = scales[i];
    const float size = std::floor(static_cast<float>(axes[i].input) * scale);
    if (!(scale > 0) || !(size < kMaxSize)) {
      return fail(ErrorCode::kShapeMismatch, concat({"cannot scale an axis of ", axes[i].input,
                                                     " by ", std::to_string(scale)}));
    }
    axes[i].scale = scale;
    axes[i].output = static_cast<int64_t>(size);
  }
  return {};
}

Status set_sizes(const Node& node, const TensorView& input, std::vector<ResizeAxis>& axes) {
  SYNSIGHT_TRY_ASSIGN(const auto sizes, constant_ints(input, "sizes"));
  SYNSIGHT_TRY_ASSIGN(const std::string policy,
                      string_attribute(node, "keep_aspect_ratio_policy", "stretch"));
  SYNSIGHT_TRY(
      check_known("keep_aspect_ratio_policy", policy, {"stretch", "not_larger", "not_smaller"}));
  for (size_t i = 0; i < axes.size(); ++i) {
    if (sizes[i] < 0 || (axes[i].input == 0 && sizes[i] > 0)) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"cannot resize an axis of ", axes[i].input, " to ", sizes[i]}));
    }
    axes[i].output = sizes[i];
    axes[i].scale =
        axes[i].input == 0 ? 1 : static_cast<double>(sizes[i]) / static_cast<double>(axes[i].input);
  }
  if (policy == "stretch" || axes.empty()) return {};
  const auto [smallest, largest] = std::minmax_element(
      axes.begin(), axes.end(),
      [](const ResizeAxis& a, const ResizeAxis& b) { return a.scale < b.scale; });
  const double scale = policy == "not_larger" ? smallest->scale : largest->scale;
  for (ResizeAxis& axis : axes) {
    const double size = std::floor(scale * static_cast<double>(axis.input) + 0.5);
    if (!(size < kMaxSize)) {
      return fail(ErrorCode::kShapeMismatch,
                  concat({"cannot resize an axis of ", axis.input, " as ", policy, " asks"}));
    }
    axis.scale = scale;
    axis.output = static_cast<int64_t>(size);
  }
  return {};
}

}  // namespace

Result<ResizeParams> parse_resize(const Node& node, std::span<const TensorView> inputs) {
  ResizeParams params;
  SYNSIGHT_TRY(parse_attributes(node, params));
  const Shape& shape = inputs[0].shape;
  std::vector<int64_t> all(shape.rank());
  std::iota(all.begin(), all.end(), 0);
  SYNSIGHT_TRY_ASSIGN(const auto given, ints_attribute(node, "axes", all));
  SYNSIGHT_TRY_ASSIGN(const auto axes, normalize_axes(given, shape.rank()));
  for (const size_t axis : axes) params.axes.push_back({axis, shape[axis], shape[axis]});
  // Before opset 9 they are an attribute.
  SYNSIGHT_TRY_ASSIGN(const auto listed, floats_attribute(node, "scales", {}));
  TensorView scales = input_at(inputs, node.opset < 11 ? 1 : 2);
  if (node.opset < 9) {
    scales = {DType::kFloat32, Shape{static_cast<int64_t>(listed.size())}, listed.data()};
  }
  const TensorView sizes = input_at(inputs, 3);
  SYNSIGHT_TRY_ASSIGN(const bool has_scales, has_list(scales, "scales", axes.size()));
  SYNSIGHT_TRY_ASSIGN(const bool has_sizes, has_list(sizes, "sizes", axes.size()));
  if (has_scales == has_sizes && !axes.empty()) {
    return fail(ErrorCode::kInvalidModel, "wants either scales or sizes");
  }
  if (has_scales) {
    SYNSIGHT_TRY(check_dtype("scales", scales.dtype, {DType::kFloat32}));
    SYNSIGHT_TRY(set_scales(scales.as<float>(), params.axes));
  }
  if (has_sizes) SYNSIGHT_TRY(set_sizes(node, sizes, params.axes));
  // Those that shrink come first: nothing in between is larger than the input or the output.
  std::sort(params.axes.begin(), params.axes.end(), [](const ResizeAxis& a, const ResizeAxis& b) {
    const double left = static_cast<double>(a.output) * static_cast<double>(b.input);
    const double right = static_cast<double>(b.output) * static_cast<double>(a.input);
    return left != right ? left < right : a.axis < b.axis;
  });
  return params;
}

namespace {

/// Where an output index lies on the input's axis. In f32, as ONNX Runtime computes it: 12 / 2.4 is
/// 5, though the nearest f32 is more than 2.4.
float source_position(const ResizeParams& params, const ResizeAxis& axis, int64_t index) {
  const auto x = static_cast<float>(index);
  const auto input = static_cast<float>(axis.input);
  const auto output = static_cast<float>(axis.output);
  const auto scale = static_cast<float>(axis.scale);
  if (params.coordinates == "asymmetric") return x / scale;
  if (params.coordinates == "align_corners") {
    return axis.output == 1 ? 0 : x * (input - 1) / (output - 1);
  }
  if (params.coordinates == "pytorch_half_pixel" && axis.output == 1) return 0;
  const float middle = (x + 0.5F) / scale;
  if (params.coordinates == "tf_half_pixel_for_nn") return middle;
  if (params.coordinates != "half_pixel_symmetric") return middle - 0.5F;
  return input / 2 * (1 - output / (scale * input)) + middle - 0.5F;
}

int64_t nearest_index(const std::string& rule, const ResizeAxis& axis, float position) {
  const bool is_old = rule.empty();
  if (rule == "floor" || (is_old && axis.scale >= 1)) {
    return static_cast<int64_t>(std::floor(position));
  }
  if (rule == "ceil" || is_old) return static_cast<int64_t>(std::ceil(position));
  // So much from a half is one, as in ONNX Runtime: f32 has no better for 18 / 2.4.
  constexpr float kHalf = 0.5F + 1e-6F;
  if (rule == "round_prefer_ceil") return static_cast<int64_t>(std::floor(position + kHalf));
  return static_cast<int64_t>(std::ceil(position - kHalf));
}

/// The weight of an element at some distance: a triangle, or Keys' piecewise cubic.
double tap_weight(const ResizeParams& params, double distance) {
  const double d = std::abs(distance);
  if (params.mode == ResizeMode::kLinear) return std::max(1 - d, 0.0);
  const double a = params.cubic_a;
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

}  // namespace

ResizeTaps resize_taps(const ResizeParams& params, const ResizeAxis& axis, int64_t index) {
  const float position = source_position(params, axis, index);
  if (params.mode == ResizeMode::kNearest) {
    return {nearest_index(params.nearest, axis, position), {1}};
  }
  // With antialias a smaller output widens the filter, so that it covers every input.
  const double stretch = params.has_antialias ? std::min(axis.scale, 1.0) : 1;
  const double reach = (params.mode == ResizeMode::kLinear ? 1 : 2) / stretch;
  ResizeTaps taps{static_cast<int64_t>(std::floor(position - reach)) + 1, {}};
  const auto end = static_cast<int64_t>(std::floor(position + reach)) + 1;
  double sum = 0;
  for (int64_t i = taps.begin; i < end; ++i) {
    const bool is_inside = i >= 0 && i < axis.input;
    const bool counts = is_inside || !params.excludes_outside;
    taps.weights.push_back(
        counts ? tap_weight(params, (static_cast<double>(i) - position) * stretch) : 0);
    sum += taps.weights.back();
  }
  for (double& weight : taps.weights) weight /= sum;
  return taps;
}

namespace {

/// Resizes one axis of [outer, axis.input, inner].
template <typename T>
void resize_axis(const ResizeParams& params, const ResizeAxis& axis, int64_t outer, int64_t inner,
                 const T* x, T* y) {
  std::vector<double> sums(static_cast<size_t>(inner));
  for (int64_t i = 0; i < axis.output; ++i) {
    const ResizeTaps taps = resize_taps(params, axis, i);
    for (int64_t block = 0; block < outer; ++block) {
      std::fill(sums.begin(), sums.end(), 0.0);
      for (size_t tap = 0; tap < taps.weights.size(); ++tap) {
        const int64_t index =
            std::clamp(taps.begin + static_cast<int64_t>(tap), int64_t{0}, axis.input - 1);
        const T* row = x + (block * axis.input + index) * inner;
        for (size_t j = 0; j < sums.size(); ++j) sums[j] += taps.weights[tap] * row[j];
      }
      T* target = y + (block * axis.output + i) * inner;
      for (size_t j = 0; j < sums.size(); ++j) target[j] = static_cast<T>(sums[j]);
    }
  }
}

/// Picks the rows of one axis of [outer, axis.input, inner bytes].
void pick_rows(const ResizeParams& params, const ResizeAxis& axis, int64_t outer, int64_t inner,
               const std::byte* x, std::byte* y) {
  for (int64_t i = 0; i < axis.output; ++i) {
    const int64_t index =
        std::clamp(resize_taps(params, axis, i).begin, int64_t{0}, axis.input - 1);
    for (int64_t block = 0; block < outer; ++block) {
      std::memcpy(y + (block * axis.output + i) * inner, x + (block * axis.input + index) * inner,
                  static_cast<size_t>(inner));
    }
  }
}

}  // namespace

/// Y = Resize(X, roi, scales, sizes): axis by axis, the nearest elements of any type, or sums of
/// f32 or f64 weighted linearly or cubically; roi is not read. Source: ONNX Resize-10, -19,
/// Upsample-7, -9; what nearest is before opset 11 is said by Resize-10's examples.
Result<std::vector<ValueInfo>> infer_resize(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const ResizeParams params, parse_resize(node, views_of(inputs)));
  if (params.mode != ResizeMode::kNearest) {
    SYNSIGHT_TRY(check_dtype("input X", inputs[0].dtype, kFloatTypes));
  }
  Shape shape = inputs[0].shape;
  for (const ResizeAxis& axis : params.axes) shape[axis.axis] = axis.output;
  SYNSIGHT_TRY(check_asked_shape(shape));
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_resize(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const ResizeParams params, parse_resize(node, inputs));
  if (outputs[0].size_bytes() == 0) return {};
  const size_t element_size = dtype_size(inputs[0].dtype);
  const auto* first = static_cast<const std::byte*>(inputs[0].data);
  std::vector<std::byte> source(first, first + inputs[0].shape.num_elements() * element_size);
  Shape shape = inputs[0].shape;
  for (const ResizeAxis& axis : params.axes) {
    if (axis.changes_nothing()) continue;
    int64_t outer = 1;
    int64_t inner = 1;
    for (size_t i = 0; i < axis.axis; ++i) outer *= shape[i];
    for (size_t i = axis.axis + 1; i < shape.rank(); ++i) inner *= shape[i];
    shape[axis.axis] = axis.output;
    std::vector<std::byte> target(shape.num_elements() * element_size);
    if (params.mode == ResizeMode::kNearest) {
      pick_rows(params, axis, outer, inner * static_cast<int64_t>(element_size), source.data(),
                target.data());
    } else {
      visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
        using T = decltype(type);
        resize_axis(params, axis, outer, inner, reinterpret_cast<const T*>(source.data()),
                    reinterpret_cast<T*>(target.data()));
      });
    }
    source = std::move(target);
  }
  std::memcpy(outputs[0].data, source.data(), outputs[0].size_bytes());
  return {};
}

}  // namespace synsight::ops
