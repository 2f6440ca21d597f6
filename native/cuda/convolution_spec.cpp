// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/convolution_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "core/base/text.h"

namespace synsight::cuda {

namespace {

/// In as few digits as tell it from all others.
std::string exact(float value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string activation_name(const ConvolutionSpec& spec) {
  switch (spec.activation) {
    case ConvActivation::kNone:
      return "";
    case ConvActivation::kRelu:
      return ", Relu";
    case ConvActivation::kClamp:
      return concat({", Clip to ", exact(spec.clamp_min), "..", exact(spec.clamp_max)});
    case ConvActivation::kSigmoid:
      return ", Sigmoid";
    case ConvActivation::kSilu:
      return ", SiLU";
  }
  return "";
}

std::string element_name(const ConvolutionSpec& spec) {
  const bool is_tf32 = spec.dtype == DType::kFloat32 && spec.allow_tf32;
  return is_tf32 ? "float32 as tf32" : std::string(dtype_name(spec.dtype));
}

}  // namespace

std::string to_string(const ConvolutionSpec& spec) {
  std::string text = concat({element_name(spec), " ", spec.input.to_string(), " * ",
                             spec.weights.to_string(), ", group ", spec.params.group});
  for (const ops::WindowAxis& axis : spec.params.window) {
    text += concat({", stride ", axis.stride, " dilation ", axis.dilation, " pads ", axis.pad_begin,
                    " ", axis.pad_end});
  }
  if (spec.has_residual) text += ", + Z";
  if (spec.has_bias) text += ", + B";
  return text + activation_name(spec);
}

Result<Shape> output_shape_of(const ConvolutionSpec& spec) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kShapeMismatch, concat({"convolution ", to_string(spec), ": ", what}));
  };
  if (spec.input.rank() != 4 || spec.weights.rank() != 4 || spec.params.window.size() != 2) {
    return wrong("not of two spatial axes");
  }
  for (const Shape& shape : {spec.input, spec.weights}) {
    for (const int64_t size : shape.dims()) {
      if (size < 1) return wrong("a size below 1");
    }
    SYNSIGHT_TRY(shape.checked_num_elements());
  }
  const int64_t group = spec.params.group;
  if (group < 1 || spec.weights[0] % group != 0 || spec.input[1] % group != 0 ||
      spec.weights[1] != spec.input[1] / group) {
    return wrong("the channels do not fit the groups");
  }
  Shape output = {spec.input[0], spec.weights[0]};
  for (size_t i = 0; i < 2; ++i) {
    const ops::WindowAxis& axis = spec.params.window[i];
    if (axis.stride < 1 || axis.dilation < 1) return wrong("a stride or dilation below 1");
    const int64_t padded = spec.input[2 + i] + axis.pad_begin + axis.pad_end;
    const int64_t num_steps = spec.weights[2 + i] - 1;
    if (padded < 1 || (padded - 1) / axis.dilation < num_steps) {
      return wrong("the window is larger than the padded input");
    }
    output.push_back((padded - 1 - num_steps * axis.dilation) / axis.stride + 1);
  }
  SYNSIGHT_TRY(output.checked_num_elements());
  return output;
}

int64_t channel_unit(const ConvolutionSpec& spec) {
  if (spec.dtype == DType::kInt8) return 4;
  if (spec.dtype != DType::kFloat32) return 8;
  return spec.allow_tf32 ? 4 : 1;
}

bool is_suited(const ConvolutionSpec& spec) {
  const int64_t group = spec.params.group;
  const int64_t channels = spec.input[1] / group;
  const int64_t filters = spec.weights[0] / group;
  const int64_t unit = channel_unit(spec);
  if (group > 1 && channels == 1) return false;
  if (channels % unit != 0 || filters % unit != 0) return false;

  const bool has_even_pads =
      std::all_of(spec.params.window.begin(), spec.params.window.end(),
                  [](const ops::WindowAxis& axis) { return axis.pad_begin == axis.pad_end; });
  const bool is_bare =
      !spec.has_bias && !spec.has_residual && spec.activation == ConvActivation::kNone;
  const bool is_simple =
      spec.activation == ConvActivation::kNone || spec.activation == ConvActivation::kRelu;
  if (group > 1 || spec.dtype == DType::kInt8) return is_bare && has_even_pads;
  const bool has_tensor_cores = spec.dtype != DType::kFloat32 || spec.allow_tf32;
  return has_tensor_cores || (is_simple && has_even_pads);
}

}  // namespace synsight::cuda
