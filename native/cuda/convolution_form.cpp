// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/convolution_form.h"

#include <algorithm>
#include <limits>

#include "core/backend/kernel.h"
#include "core/base/checked.h"
#include "native/cuda/residuals.h"

namespace synsight::cuda {

namespace {

/// As many pixels as make a second pass over a product cost next to nothing.
constexpr int64_t kFewPixels = 1024;

bool has_tensor_cores(const ConvolutionStorage& storage) {
  return storage.dtype != DType::kFloat32 || storage.allow_tf32;
}

void set_activation(const ActivationRange& range, ConvolutionSpec& spec) {
  if (range.is_identity()) return;
  const bool is_relu = range.min == 0 && range.max == std::numeric_limits<float>::infinity();
  spec.activation = is_relu ? ConvActivation::kRelu : ConvActivation::kClamp;
  spec.clamp_min = range.min;
  spec.clamp_max = range.max;
}

/// Whether each output pixel is a product of one input pixel.
bool is_pixelwise(const ConvolutionForm& form) {
  const ops::Window& window = form.spec.params.window;
  return form.spec.params.group == 1 && !form.has_padded_input &&
         std::all_of(window.begin(), window.end(), [](const ops::WindowAxis& axis) {
           return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
         });
}

std::vector<ConvolutionWay> find_ways(const ConvolutionForm& form) {
  const ConvolutionSpec& fused = form.spec;
  ConvolutionSpec bare = fused;
  bare.has_bias = bare.has_residual = false;
  bare.activation = ConvActivation::kNone;
  std::vector<ConvolutionWay> ways;
  const int64_t num_pixels = form.output[0] * form.output[2] * form.output[3];
  const bool has_clamp = fused.activation == ConvActivation::kClamp;
  if (is_pixelwise(form) && (!has_clamp || num_pixels <= kFewPixels)) {
    ways.push_back(ConvolutionWay::kProduct);
  }
  const bool fits_residual = !fused.has_residual || !form.has_padded_filters();  // Z has no zeros
  if (is_suited(fused) && fits_residual) ways.push_back(ConvolutionWay::kFused);
  if (is_suited(bare)) ways.push_back(ConvolutionWay::kBare);
  ways.push_back(ConvolutionWay::kDirect);
  return ways;
}

/// Moves the pads into X, where a library takes only pads that are the same at both ends.
void pad_pixels(ConvolutionForm& form) {
  ops::Window& window = form.spec.params.window;
  form.top = window[0].pad_begin;
  form.left = window[1].pad_begin;
  for (size_t i = 0; i < 2; ++i) {
    ops::WindowAxis& axis = window[i];
    axis.input += axis.pad_begin + axis.pad_end;
    axis.pad_begin = axis.pad_end = 0;
    form.spec.input[2 + i] = axis.input;
  }
  form.has_padded_input = true;
}

}  // namespace

std::string_view way_name(ConvolutionWay way) {
  switch (way) {
    case ConvolutionWay::kProduct:
      return "cublaslt product";
    case ConvolutionWay::kFused:
      return "cudnn convolution";
    case ConvolutionWay::kBare:
      return "cudnn convolution, own bias";
    case ConvolutionWay::kDirect:
      return "direct convolution";
  }
  return "";
}

Shape padded_weights(const Shape& weights, int64_t group, const ConvolutionStorage& storage) {
  ConvolutionSpec spec;
  spec.dtype = storage.dtype;
  spec.allow_tf32 = storage.allow_tf32;
  const int64_t unit = group == 1 ? channel_unit(spec) : 1;
  return {round_up(weights[0], unit), round_up(weights[1], unit), weights[2], weights[3]};
}

Result<ConvolutionForm> find_form(const Node& node, const Shape& input, const Shape& weights,
                                  const ConvolutionStorage& storage) {
  ConvolutionForm form;
  ConvolutionSpec& spec = form.spec;
  SYNSIGHT_TRY_ASSIGN(spec.params, ops::parse_conv(node, input, weights));
  const ops::Window& window = spec.params.window;
  form.output = ops::window_output_shape(window, input, weights[0]);
  const int64_t group = spec.params.group;
  spec.dtype = storage.dtype;
  spec.allow_tf32 = storage.allow_tf32;
  spec.weights = padded_weights(weights, group, storage);
  spec.input = {input[0], spec.weights[1] * group, input[2], input[3]};
  spec.has_bias = has_input(node, 2);
  spec.has_residual = has_input(node, kResidualInput);
  set_activation(node.activation, spec);
  form.has_padded_input = spec.input[1] != input[1];
  const bool has_uneven_pads =
      std::any_of(window.begin(), window.end(),
                  [](const ops::WindowAxis& axis) { return axis.pad_begin != axis.pad_end; });
  if (has_uneven_pads && (form.has_padded_input || group > 1 || !has_tensor_cores(storage))) {
    pad_pixels(form);
  }
  form.ways = find_ways(form);
  return form;
}

}  // namespace synsight::cuda
